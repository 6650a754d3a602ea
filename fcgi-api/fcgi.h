/*
 * fcgi.h: requests over FastCGI, one at a time (the only file that knows libfcgi).
 *
 * The caller polls the listening socket, which is made non-blocking, and then asks for
 * the request: another worker may have been faster, and a signal is thus never lost
 * inside the library.  Whoever sends a request or takes a reply too slowly is dropped
 * after the timeout (deadline.h).
 */
#ifndef UNIO_FCGI_H
#define UNIO_FCGI_H

#include "buf.h"
#include "request.h"

struct fcgi;

/* NULL with errno. */
struct fcgi	*fcgi_open(int listen_fd, int64_t timeout_us);
void		 fcgi_close(struct fcgi **fcgi);
/* Takes a waiting request, whole; false if there was none after all. */
NODISCARD bool	 fcgi_accept(struct fcgi *fcgi, struct request *request);
/* Sends the reply and ends the request; a client that has gone is no error. */
void		 fcgi_reply(struct fcgi *fcgi, const struct buf *out);

#endif
