/*
 * http.h: a client of the site's public address (the only file that knows libcurl).
 *
 * Nothing is followed, sent or kept but what is said here: no redirects, no proxies of
 * the environment, no cookies.  Every request, and every connection, is one of its own.
 */
#ifndef UNIO_HTTP_H
#define UNIO_HTTP_H

#include "base.h"
#include "buf.h"
#include "sizes.h"

#define HTTP_ERROR	256	/* bytes of a sentence */

struct http_reply {
	long		status;			/* 0: there was none, and error says why */
	char		error[HTTP_ERROR];
	bool		untrusted;		/* there was none because of the server's certificate */
	char		type[64];		/* Content-Type, "": none */
	struct buf	body;			/* at most LIMIT_CTL_LINE bytes */
	int64_t		date_s;			/* the header Date, 0: none */
	int64_t		certificate_s;		/* until when the server's certificate is good; 0: none */
	int64_t		sent_us, came_us;	/* wall */
};

/* origin, authorization: those headers' values, or NULL.  verify: the certificate.  http_reply_free() in any case. */
void		http_get(const char *url, const char *origin, const char *authorization, bool verify,
    struct http_reply *reply_r);
void		http_reply_free(struct http_reply *reply);

/* A connection, with TLS for https://, on which nothing has been said yet. */
struct http_stream;

/* NULL with a sentence in error_r. */
struct http_stream	*http_connect(const char *url, bool verify, char error_r[HTTP_ERROR]);
void			 http_close(struct http_stream **stream);
/* Our own address on it. */
void			 http_address(const struct http_stream *stream, char address_r[LIMIT_ADDRESS]);
/* All of it; bool. */
NODISCARD bool		 http_send(struct http_stream *stream, const void *p, size_t n);
/* What comes, appended; false when nothing came in time, or it was closed. */
NODISCARD bool		 http_receive(struct http_stream *stream, struct buf *in);

#endif
