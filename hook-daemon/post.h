/*
 * post.h: HTTP POSTs, many at once, none of which waits for another (the only file here that knows libcurl).
 *
 * Nothing is followed, kept or believed: no redirects, no proxies of the environment, no cookies; every message has a
 * connection of its own, so that one receiver's connection is never the next one's trouble.  Of an answer its
 * status and Retry-After count, as soon as its head is whole; the rest is read and thrown away, and no more than
 * BOUND_ANSWER bytes of it.
 */
#ifndef UNIO_POST_H
#define UNIO_POST_H

#include "base.h"

#define POST_ERROR	200	/* bytes of a sentence */
#define POST_WATCHED	2	/* descriptors of others that are waited for as well */

struct post;
struct post_message;

struct post_request {
	const char	*url;		/* checked by webhook_url_wrong() */
	const char	*id;		/* the three headers of Standard Webhooks */
	const char	*signature;
	int64_t		 time_s;
	struct slice	 body;		/* copied */
	int64_t		 timeout;	/* microseconds, the whole of it */
};

struct post_answer {
	void		*arg;			/* the message's */
	int64_t		 status;		/* 0: none came */
	int64_t		 retry_after;		/* microseconds, 0: none */
	bool		 taken;			/* 2xx */
	char		 error[POST_ERROR];	/* why it was not taken */
};

struct post		*post_new(void);
/* With all that is under way. */
void			 post_free(struct post **post);
/* arg comes back with the answer. */
void			 post_start(struct post *post, const struct post_request *request, void *arg);
/* Sends and receives what can be, after a wait until something can, a watched descriptor is readable (-1: none), or the
 * time is over. */
void			 post_wait(struct post *post, const int watched[POST_WATCHED], int64_t timeout_us);
/* The next message that has come to its end; false: none. */
NODISCARD bool		 post_next(struct post *post, struct post_answer *answer_r);

#endif
