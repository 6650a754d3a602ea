#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "mem.h"
#include "message.h"

/* RFC 6455 5.2 */
#define FIN		0x80
#define OPCODE_TEXT	0x1
#define OPCODE_PING	0x9
#define LENGTH_16	126
#define LENGTH_64	127
#define HEADER_MAX	10

#define SMALLEST_SHIFT	4	/* the classes up to 128 bytes are 16 bytes apart */
#define AHEAD		384	/* of the next message; the rest of a longer one the processor foresees by itself */
#define SPARE_MAX	(4 * 1024 * 1024)	/* that the pool keeps: what a busy turn makes, many times over */

static struct message	*message_new(struct message_pool *, size_t);
static unsigned		 size_class(size_t *);
static size_t		 put_header(unsigned char *, unsigned, size_t);

struct message *
message_text(struct message_pool *pool, const struct slice *parts, size_t n)
{
	struct message	*message;
	size_t		 i, payload = 0;

	for (i = 0; i < n; i++)
		payload += parts[i].n;
	message = message_new(pool, HEADER_MAX + payload);
	message->len = (uint32_t)put_header(message->data, OPCODE_TEXT, payload);
	for (i = 0; i < n; i++) {
		if (parts[i].n == 0)
			continue;
		memcpy(message->data + message->len, parts[i].p, parts[i].n);
		message->len += (uint32_t)parts[i].n;
	}
	return message;
}

struct message *
message_ping(struct message_pool *pool, const void *payload, size_t n)
{
	struct message *message = message_new(pool, HEADER_MAX + n);

	message->control = true;
	message->len = (uint32_t)put_header(message->data, OPCODE_PING, n);
	if (n > 0)
		memcpy(message->data + message->len, payload, n);
	message->len += (uint32_t)n;
	return message;
}

struct message *
message_ref(struct message *message)
{
	message->refs++;
	return message;
}

void
message_unref(struct message_pool *pool, struct message **messagep)
{
	struct message	*message = *messagep;
	unsigned	 k;

	*messagep = NULL;
	if (message == NULL || --message->refs > 0)
		return;
	k = message->size_class;
	pool->bytes -= message->size;
	if (k == MESSAGE_CLASSES || pool->spare >= SPARE_MAX) {
		free(message);
		return;
	}
	message->next = pool->free[k];
	pool->free[k] = message;
	pool->spare += message->size;
}

void
message_pool_free(struct message_pool *pool)
{
	struct message	*message;
	size_t		 i;

	for (i = 0; i < MESSAGE_CLASSES; i++) {
		while ((message = pool->free[i]) != NULL) {
			pool->free[i] = message->next;
			free(message);
		}
	}
	pool->spare = 0;
}

static struct message *
message_new(struct message_pool *pool, size_t len)
{
	size_t		 size = offsetof(struct message, data) + len;
	unsigned	 k = size_class(&size);
	struct message	*message = k < MESSAGE_CLASSES ? pool->free[k] : NULL;

	if (message != NULL) {
		pool->free[k] = message->next;
		ahead(message->next, MIN(size, AHEAD));
		pool->spare -= size;
	} else {
		message = mem_alloc(MAX(size, sizeof(*message)));
	}
	pool->bytes += size;
	pool->made += size;
	*message = (struct message){ .refs = 1, .size_class = (uint8_t)k, .size = (uint32_t)size };
	return message;
}

/* The class that holds so many bytes, and how many it holds. */
static unsigned
size_class(size_t *size)
{
	unsigned shift = SMALLEST_SHIFT, k;

	if (*size > (4u << SMALLEST_SHIFT))
		shift = 61u - (unsigned)__builtin_clzll(*size - 1);
	else
		*size = (4u << SMALLEST_SHIFT) + 1;
	k = (unsigned)((*size - 1) >> shift) - 4 + 4 * (shift - SMALLEST_SHIFT);
	if (k >= MESSAGE_CLASSES)
		return MESSAGE_CLASSES;
	*size = (((*size - 1) >> shift) + 1) << shift;
	return k;
}

/* The shortest form that holds the length, as the standard demands. */
static size_t
put_header(unsigned char *p, unsigned opcode, size_t payload)
{
	int shift;

	p[0] = (unsigned char)(FIN | opcode);
	if (payload < LENGTH_16) {
		p[1] = (unsigned char)payload;
		return 2;
	}
	if (payload <= UINT16_MAX) {
		p[1] = LENGTH_16;
		p[2] = (unsigned char)(payload >> 8);
		p[3] = (unsigned char)payload;
		return 4;
	}
	p[1] = LENGTH_64;
	for (shift = 0; shift < 8; shift++)
		p[2 + shift] = (unsigned char)((uint64_t)payload >> (56 - 8 * shift));
	return HEADER_MAX;
}
