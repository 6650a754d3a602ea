/*
 * peer.h: who is really asking, behind front servers.
 *
 * Only the socket's peer is believed, and only if it is ours: a unix socket
 * (address ""), loopback, or listed in trusted_proxies.  Then the rightmost entry of
 * its X-Forwarded-For is the client, unless that entry is listed as well: then the one
 * before it, and so on.  What stands further left is whatever the client made up.
 * Pure.
 */
#ifndef UNIO_PEER_H
#define UNIO_PEER_H

#include "base.h"
#include "conf.h"
#include "sizes.h"

/*
 * The client's address, in the one canonical spelling (IPv4-mapped IPv6 as IPv4); peer "" without
 * forwarded_for gives "unix".
 */
void		peer_client(const char *trusted_proxies, const char *peer, const char *forwarded_for,
    char client_r[LIMIT_ADDRESS]);
/* Whether what the socket's peer says about the client is believed; bool. */
NODISCARD bool	peer_is_trusted(const char *trusted_proxies, const char *peer);
/*
 * What limits per address count by: an IPv4 address as it is, of an IPv6 address its /64
 * ("2001:db8::/64"), since whoever has one address of a /64 has all of them (RFC 6177);
 * anything else as it is, cut.
 */
void		peer_limit_key(const char *address, char key_r[LIMIT_ADDRESS]);
/*
 * What is kept of an address, in tables and in the log, by log_addresses: all of it, its network
 * ("192.0.2.0/24", "2001:db8:1::/48"), or "hidden"; what is no address stays as it is.
 */
void		peer_shown(enum conf_addresses mode, const char *address, char shown_r[LIMIT_ADDRESS]);
/* Every entry of the list is an address or a CIDR block; bool. */
NODISCARD bool	peer_list_valid(const char *blocks);

#endif
