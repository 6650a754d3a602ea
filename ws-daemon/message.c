#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "message.h"

/* RFC 6455 5.2 */
#define FIN		0x80
#define OPCODE_TEXT	0x1
#define OPCODE_PING	0x9
#define LENGTH_16	126
#define LENGTH_64	127
#define HEADER_MAX	10

/* Candidates, small frames, SDP, chat, and the largest frame that a client may send. */
static const size_t class_size[MESSAGE_CLASSES] = { 512, 1536, 4096, 17 * 1024, 68 * 1024 };
static const size_t class_keep[MESSAGE_CLASSES] = { 4096, 1024, 512, 64, 16 };

static struct message	*message_new(struct message_pool *, size_t);
static size_t		 put_header(unsigned char *, unsigned, size_t);

struct message *
message_text(struct message_pool *pool, const struct slice *parts, size_t n)
{
	struct message	*message;
	size_t		 i, payload = 0;

	for (i = 0; i < n; i++)
		payload += parts[i].n;
	message = message_new(pool, HEADER_MAX + payload);
	message->len = put_header(message->data, OPCODE_TEXT, payload);
	for (i = 0; i < n; i++) {
		if (parts[i].n == 0)
			continue;
		memcpy(message->data + message->len, parts[i].p, parts[i].n);
		message->len += parts[i].n;
	}
	return message;
}

struct message *
message_ping(struct message_pool *pool)
{
	struct message *message = message_new(pool, HEADER_MAX);

	message->control = true;
	message->len = put_header(message->data, OPCODE_PING, 0);
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
	if (k == MESSAGE_CLASSES || pool->kept[k] == class_keep[k]) {
		free(message);
		return;
	}
	message->next = pool->free[k];
	pool->free[k] = message;
	pool->kept[k]++;
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
		pool->kept[i] = 0;
	}
}

static struct message *
message_new(struct message_pool *pool, size_t size)
{
	struct message	*message;
	unsigned	 k = 0;

	while (k < MESSAGE_CLASSES && class_size[k] < size)
		k++;
	if (k < MESSAGE_CLASSES)
		size = class_size[k];
	pool->bytes += size;
	if (k < MESSAGE_CLASSES && pool->free[k] != NULL) {
		message = pool->free[k];
		pool->free[k] = message->next;
		pool->kept[k]--;
	} else {
		message = mem_alloc(sizeof(*message) + size);
	}
	*message = (struct message){ .refs = 1, .size_class = k, .size = size };
	return message;
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
