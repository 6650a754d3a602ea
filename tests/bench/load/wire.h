/*
 * wire.h: RFC 6455 as a client speaks it: the upgrade, masked frames out, plain frames in.
 *
 * Invariants: pure, no sockets; a frame is never larger than WIRE_FRAME, and a server that sends a larger one,
 * a masked one or one in pieces is at fault (WIRE_BROKEN).
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_FRAME	(64 * 1024)	/* the largest frame that comes or goes */
#define WIRE_CONTROL	125		/* the largest payload of a control frame */
#define WIRE_HEADER	8		/* bytes before the payload of a frame that goes: at most 16 bits of length */

enum wire_opcode { WIRE_TEXT = 1, WIRE_CLOSE = 8, WIRE_PING = 9, WIRE_PONG = 10 };

enum wire_result { WIRE_MORE, WIRE_DONE, WIRE_BROKEN };

struct wire_frame {
	enum wire_opcode	 opcode;
	const char		*payload;
	size_t			 n;
	size_t			 used;	/* bytes of the input that it was */
};

/* The request that asks for the upgrade, as a string of at most `size`; its length. */
size_t		 wire_request(char *p, size_t size, const char *room, const char *token);
/* Whether the reply at p is whole and grants it; *used_r is its length. */
enum wire_result wire_reply(const char *p, size_t n, size_t *used_r);
/* A whole frame of at most WIRE_FRAME bytes of payload, masked with `mask`; its length. */
size_t		 wire_put(unsigned char *dst, enum wire_opcode opcode, const char *payload, size_t n, uint32_t mask);
/* The frame at the beginning of p. */
enum wire_result wire_get(const char *p, size_t n, struct wire_frame *frame_r);

#endif
