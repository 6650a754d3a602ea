#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "peer.h"
#include "remote.h"

void
remote_client(int fd, const char *trusted_proxies, const char *forwarded_for, char client_r[LIMIT_ADDRESS])
{
	struct sockaddr_storage	 addr = { .ss_family = AF_UNSPEC };
	socklen_t		 len = sizeof(addr);
	char			 peer[INET6_ADDRSTRLEN] = "";	/* a unix socket's, too */
	const void		*from = NULL;

	if (getpeername(fd, (struct sockaddr *)&addr, &len) == 0) {
		if (addr.ss_family == AF_INET)
			from = &((const struct sockaddr_in *)&addr)->sin_addr;
		else if (addr.ss_family == AF_INET6)
			from = &((const struct sockaddr_in6 *)&addr)->sin6_addr;
	}
	if (from != NULL)
		inet_ntop(addr.ss_family, from, peer, sizeof(peer));
	peer_client(trusted_proxies, peer, forwarded_for, client_r);
}
