/*
 * fcgi.h: requests over FastCGI, a few at a time (the only file that knows libfcgi).
 *
 * The caller watches the listening socket, which is made non-blocking, with its epoll, and
 * then asks for the request: another worker may have been faster, and a signal is thus never
 * lost inside the library.  A connection whose request has not come whole is watched beside
 * the socket (lobby.h), and keeps nobody from anything.  Whoever sends a request or takes a
 * reply too slowly is dropped after the timeout (deadline.h).
 */
#ifndef UNIO_FCGI_H
#define UNIO_FCGI_H

#include "buf.h"
#include "request.h"

#define FCGI_SEATS	8	/* requests that have been taken and not been answered, at most */

struct fcgi;

/* epoll_fd: where connections are watched, by their descriptors.  NULL with errno. */
struct fcgi	*fcgi_open(int listen_fd, int epoll_fd, int64_t timeout_us);
void		 fcgi_close(struct fcgi **fcgi);
/* Takes a waiting request, whole, to a free seat; false if there was none after all. */
NODISCARD bool	 fcgi_accept(struct fcgi *fcgi, size_t seat, struct request *request);
/* The same, to seat 0, of a connection for which there was an event. */
NODISCARD bool	 fcgi_resume(struct fcgi *fcgi, int fd, uint32_t events, struct request *request);
/* The same of one that has taken too long: what has come is all.  False: nobody has, or it was no request. */
NODISCARD bool	 fcgi_late(struct fcgi *fcgi, struct request *request);
/* Milliseconds until somebody has, as for epoll_wait(2); -1: no connection is waited for. */
int		 fcgi_patience(const struct fcgi *fcgi);
/* Sends the reply and ends the request, whose seat is free then; a client that has gone is no error. */
void		 fcgi_reply(struct fcgi *fcgi, size_t seat, const struct buf *out);

#endif
