#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <endian.h>
#endif
#include <string.h>

#include "plain.h"

/* Of each byte of a block, and of a run of blocks, stops() and run_stops() tell by one of so many bits. */
#ifdef __SSE2__
#define BLOCK	16
#define RUN	64
#define BITS	1
#else
#define BLOCK	8
#define RUN	8
#define BITS	8
#endif

static inline const char	*first_stop(const char *, uint64_t, size_t);
static inline uint64_t		 stops(const char *);
static inline uint64_t		 run_stops(const char *);

bool
plain_escape(char c)
{
	static const bool table[UINT8_MAX + 1] = {
		['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true, ['f'] = true, ['n'] = true, ['r'] = true,
		['t'] = true,
	};

	return table[(unsigned char)c];
}

/* Most strings are short: they end in the first block. */
const char *
plain_end(const char *p, const char *end)
{
	const char *stop;

	if (end - p > BLOCK) {
		if ((stop = first_stop(p, stops(p), BLOCK)) != NULL)
			return stop;
		p += BLOCK;
	}
	for (; end - p > RUN; p += RUN) {
		if ((stop = first_stop(p, run_stops(p), RUN)) != NULL)
			return stop;
	}
	for (; end - p > BLOCK; p += BLOCK) {
		if ((stop = first_stop(p, stops(p), BLOCK)) != NULL)
			return stop;
	}
	while (p < end && (unsigned char)(*p - ' ') < 0x60 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/*
 * The first of n bytes that no escape accounts for, or NULL.  The second byte of an escape may itself be a quote or a
 * backslash: both leave the mask.
 */
static inline const char *
first_stop(const char *p, uint64_t mask, size_t n)
{
	const uint64_t	pair = (UINT64_C(1) << 2 * BITS) - 1;
	size_t		at;

	for (; mask != 0; mask &= ~(pair << at * BITS)) {
		at = (size_t)__builtin_ctzll(mask) / BITS;
		if (p[at] != '\\' || at == n - 1 || !plain_escape(p[at + 1]))
			return p + at;
	}
	return NULL;
}

/*
 * The bytes of the block that are a quote, a control character, not ASCII, or a backslash; but not the backslash of a
 * \r or \n, of which an SDP has two in each line: whether it begins an escape or ends one, nothing stops there.  Looks
 * at one byte more than the block has.
 */
#ifdef __SSE2__
static inline uint64_t
stops(const char *p)
{
	const __m128i	space = _mm_set1_epi8(' '), quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	const __m128i	r = _mm_set1_epi8('r'), n = _mm_set1_epi8('n');
	__m128i		block, next, odd, line;

	memcpy(&block, p, sizeof(block));
	memcpy(&next, p + 1, sizeof(next));
	line = _mm_or_si128(_mm_cmpeq_epi8(next, r), _mm_cmpeq_epi8(next, n));
	odd = _mm_cmplt_epi8(block, space);	/* signed: not ASCII as well */
	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(block, quote));
	odd = _mm_or_si128(odd, _mm_andnot_si128(line, _mm_cmpeq_epi8(block, backslash)));
	return (uint64_t)_mm_movemask_epi8(odd);
}

static inline uint64_t
run_stops(const char *p)
{
	return stops(p) | stops(p + BLOCK) << BLOCK | stops(p + 2 * BLOCK) << 2 * BLOCK |
	    stops(p + 3 * BLOCK) << 3 * BLOCK;
}
#else
/* The high bit of each byte that is not c: with that bit taken away no byte carries into the next. */
static inline uint64_t
others(uint64_t word, char c)
{
	const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);

	word ^= UINT64_C(0x0101010101010101) * (unsigned char)c;
	return ((word & lows) + lows) | word;
}

/* 0x60 + b reaches the high bit from a space on. */
static inline uint64_t
stops(const char *p)
{
	const uint64_t	ones = UINT64_C(0x0101010101010101), highs = ones * 0x80, lows = ~highs;
	uint64_t	word, next, plain;

	memcpy(&word, p, sizeof(word));
	memcpy(&next, p + 1, sizeof(next));
	word = le64toh(word);
	next = le64toh(next);
	plain = ((word & lows) + ones * 0x60) & ~word & others(word, '"');
	plain &= others(word, '\\') | ~(others(next, 'r') & others(next, 'n'));
	return ~plain & highs;
}

static inline uint64_t
run_stops(const char *p)
{
	return stops(p);
}
#endif
