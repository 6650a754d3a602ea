#include "ahead.h"
#include "resume.h"

#define AHEAD	8	/* frames: their memory has long left the caches when they go */

static uint64_t	floor_of(const struct resume *);
static void	look_ahead(const struct outq *, unsigned);
static void	forget_oldest(struct resume *, struct message_pool *);
static bool	give_up(struct resume *, struct message_pool *);

void
resume_free(struct resume *resume, struct message_pool *pool)
{
	outq_free(&resume->kept, pool);
}

void
resume_welcome(struct resume *resume, struct message_pool *pool)
{
	outq_free(&resume->kept, pool);
	resume->sent++;
}

/* What gives way is the oldest kept frame, or, where none is left, one that is too large by itself. */
bool
resume_push(struct resume *resume, struct message_pool *pool, struct message *message, const struct outq_bound *bound)
{
	struct outq *kept = &resume->kept;

	resume->sent++;
	if (resume->broken)
		return false;
	while (!outq_fits(kept, message, bound)) {
		if (resume->lost && resume->sent - kept->count > resume->written)
			return give_up(resume, pool);
		if (kept->count == 0)
			return true;
		forget_oldest(resume, pool);
	}
	outq_push(kept, message);
	return true;
}

bool
resume_ask_due(const struct resume *resume, size_t together)
{
	const struct outq	*kept = &resume->kept;
	bool			 much = together >= RESUME_ASK_TOGETHER;

	return resume->asked == 0 && (kept->count >= (much ? RESUME_ASK_SOON_FRAMES : RESUME_ASK_FRAMES) ||
	    kept->bytes >= (much ? RESUME_ASK_SOON_BYTES : RESUME_ASK_BYTES));
}

uint64_t
resume_ask(struct resume *resume)
{
	return resume->asked = resume->sent;
}

void
resume_answered(struct resume *resume, struct message_pool *pool, uint64_t number, size_t unwritten)
{
	const struct outq	*kept = &resume->kept;
	unsigned		 i;

	if (number == 0 || number != resume->asked || number + unwritten > resume->sent)
		return;
	resume->asked = 0;
	for (i = 0; i < AHEAD; i++)
		look_ahead(kept, i);
	while (floor_of(resume) < number && (kept->count > RESUME_TAIL_FRAMES || kept->bytes > RESUME_TAIL_BYTES)) {
		look_ahead(kept, AHEAD);
		forget_oldest(resume, pool);
	}
}

bool
resume_lose(struct resume *resume, struct message_pool *pool, size_t unwritten, int64_t now_us)
{
	resume->lost = true;
	resume->asked = 0;
	resume->lost_us = now_us;
	resume->written = resume->sent - MIN(unwritten, resume->sent);
	return !resume->broken && (floor_of(resume) <= resume->written || give_up(resume, pool));
}

enum resume_verdict
resume_return(struct resume *resume, uint64_t seq)
{
	if (seq > resume->sent)
		return RESUME_AHEAD;
	if (resume->broken || seq < floor_of(resume))
		return RESUME_GAP;
	resume->lost = false;
	resume->asked = 0;
	return RESUME_OK;
}

void
resume_shed(struct resume *resume, struct message_pool *pool)
{
	unsigned n;

	for (n = (resume->kept.count + 1) / 2; n > 0; n--)
		forget_oldest(resume, pool);
}

struct message *
resume_frame(const struct resume *resume, uint64_t number)
{
	return outq_at(&resume->kept, (unsigned)(number - floor_of(resume) - 1));
}

bool
resume_expired(const struct resume *resume, int64_t ttl_us, int64_t now_us)
{
	return resume->lost && now_us - resume->lost_us >= ttl_us;
}

/* The number of the newest frame that is no longer kept. */
static uint64_t
floor_of(const struct resume *resume)
{
	return resume->sent - resume->kept.count;
}

/* The i-th oldest is about to go. */
static void
look_ahead(const struct outq *kept, unsigned i)
{
	if (i < kept->count)
		ahead(outq_at(kept, i), sizeof(struct message));
}

static void
forget_oldest(struct resume *resume, struct message_pool *pool)
{
	struct message *message = outq_pop(&resume->kept);

	message_unref(pool, &message);
}

static bool
give_up(struct resume *resume, struct message_pool *pool)
{
	resume->broken = true;
	outq_free(&resume->kept, pool);
	return false;
}
