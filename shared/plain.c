#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <endian.h>
#endif
#include <string.h>

#include "plain.h"

/* Of each byte of a block stops() tells by one of so many bits. */
#ifdef __SSE2__
#define BLOCK	16
#define BITS	1
#else
#define BLOCK	8
#define BITS	8
#endif

static inline uint64_t	stops(const char *);

bool
plain_escape(char c)
{
	static const bool table[UINT8_MAX + 1] = {
		['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true, ['f'] = true, ['n'] = true, ['r'] = true,
		['t'] = true,
	};

	return table[(unsigned char)c];
}

/* The second byte of an escape may itself be a quote or a backslash: both leave the mask. */
const char *
plain_end(const char *p, const char *end, bool *escaped)
{
	const uint64_t	pair = (UINT64_C(1) << 2 * BITS) - 1;
	uint64_t	mask;
	unsigned	bit;

	for (; end - p >= BLOCK; p += BLOCK) {
		for (mask = stops(p); mask != 0; mask &= ~(pair << bit)) {
			bit = (unsigned)__builtin_ctzll(mask) / BITS * BITS;
			if (p[bit / BITS] != '\\' || bit / BITS == BLOCK - 1 || !plain_escape(p[bit / BITS + 1]))
				return p + bit / BITS;
			*escaped = true;
		}
	}
	while (p < end && (unsigned char)(*p - ' ') < 0x60 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The bytes of the block that are a quote, a backslash, a control character or not ASCII. */
#ifdef __SSE2__
static inline uint64_t
stops(const char *p)
{
	const __m128i	space = _mm_set1_epi8(' '), quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	__m128i		block, odd;

	memcpy(&block, p, sizeof(block));
	odd = _mm_cmplt_epi8(block, space);	/* signed: not ASCII as well */
	odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
	return (uint64_t)_mm_movemask_epi8(odd);
}
#else
/*
 * With its high bit taken away no byte carries into the next: 0x7f + b reaches the high bit unless b is 0, which is
 * how a byte is found that equals another one, and 0x60 + b does from a space on.
 */
static inline uint64_t
stops(const char *p)
{
	const uint64_t	ones = UINT64_C(0x0101010101010101), highs = ones * 0x80, lows = ~highs;
	uint64_t	word, quote, backslash, plain;

	memcpy(&word, p, sizeof(word));
	word = le64toh(word);
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	plain = ((quote & lows) + lows) & ((backslash & lows) + lows) & ((word & lows) + ones * 0x60);
	return (~plain | word) & highs;
}
#endif
