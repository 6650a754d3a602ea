/*
 * attend.h: who was in a call, as the API shows it: the stored intervals, one row
 * each in order of arrival, gathered by person.
 */
#ifndef UNIO_ATTEND_H
#define UNIO_ATTEND_H

#include "handle.h"
#include "store_call.h"

struct attend {
	struct call		 call;
	struct attendance	*rows;
	size_t			 n;
	size_t			*first;		/* of each person: where the first row stands */
	size_t			 people;
};

/* The call and its attendance, if the caller may see them; otherwise false, and the reply says why not. */
NODISCARD bool	attend_read(const struct context *c, struct reply *r, int64_t call_id, struct attend *attend_r);
/* Finds the people among the rows: first and people, in the arena. */
void		attend_gather(struct attend *attend, struct arena *arena);
/* [{user, intervals:[{joined_at, left_at}], total_seconds}] */
void		attend_emit(struct emit *e, const char *key, const struct attend *attend, int64_t now_us);
/* How long an interval has lasted; one that is open lasts until now. */
int64_t		attend_length_us(const struct attendance *row, int64_t now_us);

#endif
