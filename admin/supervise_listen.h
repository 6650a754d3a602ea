/*
 * The listening sockets that the supervisor holds for its programs, named as in its programs file:
 * `unix:PATH` or `tcp:HOST:PORT`.
 */
#ifndef SUPERVISE_LISTEN_H
#define SUPERVISE_LISTEN_H

/*
 * A listening socket, closed on exec. An address that cannot be had ends the program with a clear word:
 * there is no instance without it. A socket file that is in the way is taken for one left behind, so the
 * caller must know (by a lock) that no other instance uses the path.
 */
int	supervise_listen(const char *);

/* Removes the socket file, if the address is one. */
void	supervise_listen_end(const char *);

#endif
