#include <stdio.h>
#include <string.h>

#include "wire.h"

#define FIN		0x80
#define MASKED		0x80
#define LENGTH_16	126
#define LENGTH_64	127

/* The example of RFC 6455 1.3: a server computes the answer all the same. */
#define KEY		"dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT		"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

size_t
wire_request(char *p, size_t size, const char *room, const char *token)
{
	int n = snprintf(p, size,
	    "GET /ws/meeting/%s/ HTTP/1.1\r\n"
	    "Host: localhost\r\n"
	    "Upgrade: websocket\r\n"
	    "Connection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: " KEY "\r\n"
	    "Sec-WebSocket-Protocol: unio.v1\r\n"
	    "Authorization: Bearer %s\r\n\r\n", room, token);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

enum wire_result
wire_reply(const char *p, size_t n, size_t *used_r)
{
	static const char	 status[] = "HTTP/1.1 101 ";
	const char		*end = memmem(p, n, "\r\n\r\n", 4);

	if (end == NULL)
		return n < WIRE_FRAME ? WIRE_MORE : WIRE_BROKEN;
	*used_r = (size_t)(end - p) + 4;
	if (memcmp(p, status, sizeof(status) - 1) != 0 || memmem(p, *used_r, ACCEPT, sizeof(ACCEPT) - 1) == NULL)
		return WIRE_BROKEN;
	return WIRE_DONE;
}

size_t
wire_put(unsigned char *dst, enum wire_opcode opcode, const char *payload, size_t n, uint32_t mask)
{
	uint64_t	 wide = (uint64_t)mask << 32 | mask, word;
	unsigned char	*p = dst;
	size_t		 i;

	*p++ = (unsigned char)(FIN | opcode);
	if (n < LENGTH_16) {
		*p++ = (unsigned char)(MASKED | n);
	} else {
		*p++ = MASKED | LENGTH_16;
		*p++ = (unsigned char)(n >> 8);
		*p++ = (unsigned char)n;
	}
	memcpy(p, &mask, sizeof(mask));
	p += sizeof(mask);
	for (i = 0; i + sizeof(word) <= n; i += sizeof(word)) {
		memcpy(&word, payload + i, sizeof(word));
		word ^= wide;
		memcpy(p + i, &word, sizeof(word));
	}
	for (; i < n; i++)
		p[i] = (unsigned char)(payload[i] ^ ((unsigned char *)&mask)[i % sizeof(mask)]);
	return (size_t)(p - dst) + n;
}

enum wire_result
wire_get(const char *p, size_t n, struct wire_frame *frame_r)
{
	const unsigned char	*head = (const unsigned char *)p;
	size_t			 length, skip = 2, i;

	if (n < skip)
		return WIRE_MORE;
	length = head[1];
	if ((head[0] & 0xf0) != FIN || (length & MASKED) != 0)
		return WIRE_BROKEN;
	if (length >= LENGTH_16) {
		skip += length == LENGTH_64 ? 8 : 2;
		if (n < skip)
			return WIRE_MORE;
		for (i = 2, length = 0; i < skip; i++)
			length = length << 8 | head[i];
	}
	if (length > WIRE_FRAME)
		return WIRE_BROKEN;
	if (n < skip + length)
		return WIRE_MORE;
	*frame_r = (struct wire_frame){
		.opcode = head[0] & 0x0f, .payload = p + skip, .n = length, .used = skip + length,
	};
	return WIRE_DONE;
}
