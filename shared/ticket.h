/*
 * ticket.h: tickets as text: 22 random characters (132 bits) that open one WebSocket,
 * so that no token has to stand in an address.
 *
 * They are stored and looked for by their SHA-256 alone (store_ticket.h).  A ticket
 * that was made belongs to whoever asked for it; nobody writes it to a log.
 */
#ifndef UNIO_TICKET_H
#define UNIO_TICKET_H

#include "base.h"
#include "digest.h"

#define TICKET_CHARS	22	/* see str_random() */
#define TICKET_SIZE	(TICKET_CHARS + 1)

void		ticket_make(char ticket_r[TICKET_SIZE]);
/* Under what it is stored; false if the text cannot be a ticket, by its length or letters. */
NODISCARD bool	ticket_hash(const char *text, size_t n, char hash_r[DIGEST_SHA256_SIZE]);

#endif
