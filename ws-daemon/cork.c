#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "cork.h"

bool
cork_put(int fd)
{
	const int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)) == 0;
}

void
cork_pull(int fd)
{
	const int off = 0;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
}
