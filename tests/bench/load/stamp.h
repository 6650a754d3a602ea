/*
 * stamp.h: what a message carries to be checked by: its room, who sent it, its number, and when it was due.
 *
 * It stands in the message as text of a fixed width, which passes through any JSON library unchanged. A receiver
 * keeps the number that it expects next from each sender of its room, so that a message that was lost, doubled,
 * misordered or misrouted is noticed as soon as the next one comes, and the last ones by counting at the end.
 */
#ifndef BENCH_STAMP_H
#define BENCH_STAMP_H

#include <stddef.h>
#include <stdint.h>

#define STAMP_MARK	"bench:"
#define STAMP_BYTES	(6 + 6 + 4 + 8 + 16)	/* the mark, room, sender, number, time: hexadecimal */

struct stamp {
	uint32_t	room;
	uint32_t	sender;		/* which of the room's */
	uint32_t	number;		/* from 0, of this sender */
	uint64_t	due_ns;
};

/* STAMP_BYTES, without a NUL. */
void		 stamp_put(char *dst, const struct stamp *stamp);
/* The stamp somewhere in a message; NULL, or what is wrong with it. */
const char	*stamp_find(const char *p, size_t n, struct stamp *stamp_r);
/*
 * Whether it may come here now: to receiver `self` of `room` with `people`, who expects number next[sender].
 * NULL, and next[] is moved on; or what is wrong.
 */
const char	*stamp_check(const struct stamp *stamp, uint32_t room, uint32_t self, uint32_t people, uint32_t *next);

#endif
