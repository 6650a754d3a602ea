/*
 * resume: the frames that are kept for a client that was lost, against a list of all frames that there ever were.
 * Input: operations, a letter and a digit each (other bytes count as well): what a server, a line and a client may do
 * in any order.  The first two bytes are the bound in frames and in bytes.
 */
#include "../../ws-daemon/resume.h"
#include "fuzz.h"

#define FRAMES		600	/* more than are kept at most */
#define STEP_US		(7 * US_PER_S)
#define TTL_US		(30 * US_PER_S)

struct world {
	struct message_pool	 pool;
	struct resume		 resume;
	struct outq_bound	 bound;
	struct message		*frame[FRAMES + 1];	/* by number */
	size_t			 ends[FRAMES + 1];	/* bytes of all frames up to it */
	uint64_t		 sent;
	uint64_t		 keeps_from;		/* up to this one none need be kept: welcome, shed, answered */
	uint64_t		 asked;			/* by the ping on its way; 0: none */
	bool			 lost, broken;
	int64_t			 now_us, lost_us;
};

static void	send_frame(struct world *w, unsigned size);
static void	lose(struct world *w, uint64_t unwritten);
static void	come_back(struct world *w, uint64_t seq);
static void	answer(struct world *w, uint64_t number, size_t unwritten);
static bool	fits(const struct world *w, uint64_t seq);
static void	check_kept(struct world *w);
static void	act(struct world *w, uint8_t what, uint8_t how);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	 rest = { .p = (const char *)data, .n = size };
	struct world	*w = mem_calloc(1, sizeof(*w));

	w->bound.frames = 1 + fuzz_byte(&rest) % 40u;
	w->bound.bytes = 20 + fuzz_byte(&rest) * 8u;
	send_frame(w, 1);
	resume_welcome(&w->resume, &w->pool);
	w->keeps_from = ++w->sent;
	w->frame[w->sent] = message_ping(&w->pool, NULL, 0);
	w->ends[w->sent] = w->ends[w->sent - 1];
	while (rest.n > 0 && w->sent < FRAMES) {
		uint8_t what = fuzz_byte(&rest);

		act(w, what, fuzz_byte(&rest) & 0x3f);
		check_kept(w);
	}
	resume_free(&w->resume, &w->pool);
	for (uint64_t i = 1; i <= w->sent; i++) {
		FUZZ_CHECK(w->frame[i]->refs == 1);
		message_unref(&w->pool, &w->frame[i]);
	}
	FUZZ_CHECK(w->pool.bytes == 0);
	message_pool_free(&w->pool);
	free(w);
	return 0;
}

static void
act(struct world *w, uint8_t what, uint8_t how)
{
	switch (what) {
	case 's':
		send_frame(w, how * 4u);
		break;
	case 'l':
		if (!w->lost)
			lose(w, MIN(how & 0xfu, w->sent));
		break;
	case 'r':	/* so many frames ago */
		come_back(w, w->sent - MIN(how, w->sent));
		break;
	case 'x':	/* a lie */
		FUZZ_CHECK(resume_return(&w->resume, w->sent + 1 + how) == RESUME_AHEAD);
		break;
	case 'a':
		if (!w->lost && w->asked == 0)
			w->asked = resume_ask(&w->resume);
		break;
	case 'p':	/* a pong, or a lie */
		answer(w, how < 0x30 ? w->asked : how, how & 3);
		break;
	case 'h':
		if (!w->lost && !w->broken) {
			/* the newer half is left */
			w->keeps_from = MAX(w->keeps_from, w->sent - w->resume.kept.count / 2);
			resume_shed(&w->resume, &w->pool);
		}
		break;
	case 't':
		w->now_us += how * STEP_US / 16;
		FUZZ_CHECK(resume_expired(&w->resume, TTL_US, w->now_us) ==
		    (w->lost && w->now_us - w->lost_us >= TTL_US));
		break;
	}
}

static void
send_frame(struct world *w, unsigned size)
{
	static const char	 filler[0x40 * 4] = "";
	struct slice		 payload = { .p = filler, .n = size };
	uint64_t		 written = w->resume.written;
	struct message		*message = message_text(&w->pool, &payload, 1);
	bool			 whole;

	w->frame[++w->sent] = message;
	w->ends[w->sent] = w->ends[w->sent - 1] + message->len;
	whole = resume_push(&w->resume, &w->pool, message, &w->bound);
	if (w->lost)
		w->broken = w->broken || !fits(w, written);
	FUZZ_CHECK(whole == !w->broken);
}

static void
lose(struct world *w, uint64_t unwritten)
{
	bool whole = resume_lose(&w->resume, &w->pool, unwritten, w->now_us);

	w->lost = true;
	w->asked = 0;
	w->lost_us = w->now_us;
	w->broken = w->broken || !fits(w, w->sent - unwritten);
	FUZZ_CHECK(whole == !w->broken);
}

/* With what it names, everything after it is there, in order. */
static void
come_back(struct world *w, uint64_t seq)
{
	enum resume_verdict verdict = resume_return(&w->resume, seq);

	FUZZ_CHECK(verdict == (!w->broken && fits(w, seq) ? RESUME_OK : RESUME_GAP));
	if (verdict != RESUME_OK)
		return;
	w->lost = false;
	w->asked = 0;
	while (seq++ < w->sent)
		FUZZ_CHECK(resume_frame(&w->resume, seq) == w->frame[seq]);
}

/* All before the ping goes but the tail; who was not asked that changes nothing. */
static void
answer(struct world *w, uint64_t number, size_t unwritten)
{
	uint64_t	floor = w->sent - w->resume.kept.count;
	bool		good = number != 0 && number == w->asked && number + unwritten <= w->sent;

	resume_answered(&w->resume, &w->pool, number, unwritten);
	while (good && floor < number && (w->sent - floor > RESUME_TAIL_FRAMES ||
	    w->ends[w->sent] - w->ends[floor] > RESUME_TAIL_BYTES))
		floor++;
	FUZZ_CHECK(w->resume.kept.count == w->sent - floor);
	if (!good)
		return;
	w->asked = 0;
	w->keeps_from = MAX(w->keeps_from, MIN(floor, number));
}

/* Nothing of what came after that frame has had to give way. */
static bool
fits(const struct world *w, uint64_t seq)
{
	return seq >= w->keeps_from && w->sent - seq <= w->bound.frames &&
	    w->ends[w->sent] - w->ends[seq] <= w->bound.bytes;
}

static void
check_kept(struct world *w)
{
	FUZZ_CHECK(w->resume.sent == w->sent && w->resume.broken == w->broken && w->resume.lost == w->lost);
	FUZZ_CHECK(w->resume.kept.count <= w->bound.frames && w->resume.kept.bytes <= w->bound.bytes);
	FUZZ_CHECK(!w->broken || w->resume.kept.count == 0);
}
