/*
 * text.h: the messages that are sent: what browsers say to each other, with room for a stamp.
 */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>

enum text_kind { TEXT_CANDIDATE, TEXT_OFFER };

struct text {
	char		*p;		/* the frame's payload */
	size_t		 n;
	size_t		 stamp;		/* where its stamp stands */
	const char	*relayed;	/* the type under which others get it */
	size_t		 least;		/* bytes that such a frame has at least */
};

/* A message of exactly `size` bytes. */
struct text	text_new(enum text_kind kind, size_t size);

#endif
