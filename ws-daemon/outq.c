#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "mem.h"
#include "outq.h"

#define FIRST_CAP	2	/* user_joined and welcome: what most sessions ever wait for at a time */

static void	grow(struct outq *);

bool
outq_fits(const struct outq *q, const struct message *message, const struct outq_bound *bound)
{
	return message->control || (q->count < bound->frames && q->bytes + message->len <= bound->bytes);
}

void
outq_push(struct outq *q, struct message *message)
{
	if (q->count == q->cap)
		grow(q);
	q->ring[(q->head + q->count++) & (q->cap - 1)] = (struct outq_item){ message_ref(message), message->len };
	q->bytes += message->len;
}

size_t
outq_gather(struct outq *q, struct message_pool *pool, unsigned char *dst, size_t size)
{
	struct message	*message;
	size_t		 used = 0;

	while (q->count > 0 && q->ring[q->head].len <= size - used) {
		message = outq_pop(q);
		memcpy(dst + used, message->data, message->len);
		used += message->len;
		message_unref(pool, &message);
	}
	return used;
}

struct message *
outq_pop(struct outq *q)
{
	struct message *message;

	if (q->count == 0)
		return NULL;
	message = q->ring[q->head].message;
	q->bytes -= q->ring[q->head].len;
	q->head = (q->head + 1) & (q->cap - 1);
	q->count--;
	return message;
}

void
outq_ahead(const struct outq *q)
{
	if (q->count > 0)
		ahead(&q->ring[q->head], sizeof(*q->ring));
}

struct message *
outq_at(const struct outq *q, unsigned i)
{
	return q->ring[(q->head + i) & (q->cap - 1)].message;
}

size_t
outq_frames(const struct outq *q)
{
	size_t		n = 0;
	unsigned	i;

	for (i = 0; i < q->count; i++)
		n += !outq_at(q, i)->control;
	return n;
}

void
outq_clear(struct outq *q, struct message_pool *pool)
{
	struct message *message;

	while ((message = outq_pop(q)) != NULL)
		message_unref(pool, &message);
}

void
outq_free(struct outq *q, struct message_pool *pool)
{
	outq_clear(q, pool);
	free(q->ring);
	*q = (struct outq){ .ring = NULL };
}

/* Doubles the ring and lays its content out from the start. */
static void
grow(struct outq *q)
{
	struct outq_item *ring;
	unsigned	  i, cap = q->cap == 0 ? FIRST_CAP : q->cap * 2;

	ring = mem_calloc(cap, sizeof(*ring));
	for (i = 0; i < q->count; i++)
		ring[i] = q->ring[(q->head + i) & (q->cap - 1)];
	free(q->ring);
	q->ring = ring;
	q->cap = cap;
	q->head = 0;
}
