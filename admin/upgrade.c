#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "str.h"
#include "upgrade.h"

#define HEAD_MAX	16384	/* bytes of the answer's headers */
#define SHORT_FRAME	125	/* RFC 6455 5.2: the payload that needs no longer length */
#define OP_TEXT		0x1
#define OP_CLOSE	0x8
#define FIN		0x80
#define MASK		0x80

static bool	 read_head(struct upgrade *);
static void	 read_status(struct upgrade *, char *);
static bool	 send_text(struct upgrade *, const char *);
static bool	 next_frame(struct upgrade *, int *, struct slice *, size_t *);

bool
upgrade_open(struct upgrade *upgrade, const char *url, const char *path, const char *origin, const char *forwarded_for,
    bool verify)
{
	const char *host = strstr(url, "://") + 3;
	unsigned char nonce[16];
	char key[STR_BASE64_SIZE(sizeof(nonce))];
	struct buf request = { 0 };
	bool ok;

	*upgrade = (struct upgrade){ .status = 0 };
	if ((upgrade->stream = http_connect(url, verify, upgrade->error)) == NULL)
		return false;
	str_random_bytes(nonce, sizeof(nonce));
	str_base64(key, nonce, sizeof(nonce));
	buf_addf(&request, "GET %s HTTP/1.1\r\nHost: %.*s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: unio.v1\r\n"
	    "Origin: %s\r\nX-Forwarded-For: %s\r\n\r\n", path, (int)strcspn(host, "/"), host, key, origin,
	    forwarded_for);
	ok = http_send(upgrade->stream, request.data, request.len) && read_head(upgrade);
	buf_free(&request);
	if (!ok && upgrade->status == 0)
		str_copy(upgrade->error, sizeof(upgrade->error), "the connection was closed without an answer");
	return ok;
}

void
upgrade_free(struct upgrade *upgrade)
{
	http_close(&upgrade->stream);
	buf_free(&upgrade->in);
}

static bool
read_head(struct upgrade *upgrade)
{
	struct buf *in = &upgrade->in;
	char *end;

	while (in->len == 0 || (end = memmem(in->data, in->len, "\r\n\r\n", 4)) == NULL)
		if (in->len > HEAD_MAX || !http_receive(upgrade->stream, in))
			return false;
	*end = '\0';
	read_status(upgrade, in->data);
	buf_consume(in, (size_t)(end - in->data) + 4);
	return upgrade->status == 101;
}

/* The status line, and the one header that matters; whoever sends a NUL here shortens its own head. */
static void
read_status(struct upgrade *upgrade, char *head)
{
	static const char subprotocol[] = "sec-websocket-protocol:";
	char *line = strtok_r(head, "\r\n", &head);

	if (line == NULL || sscanf(line, "HTTP/1.%*1d %d", &upgrade->status) != 1)
		return;
	while ((line = strtok_r(NULL, "\r\n", &head)) != NULL)
		if (strncasecmp(line, subprotocol, sizeof(subprotocol) - 1) == 0)
			upgrade->subprotocol = strstr(line, "unio.v1") != NULL;
}

bool
upgrade_end(struct upgrade *upgrade, const char *text)
{
	struct slice payload;
	size_t whole;
	int op;

	if (!send_text(upgrade, text))
		return false;
	for (;;) {
		while (!next_frame(upgrade, &op, &payload, &whole))
			if (upgrade->in.len > LIMIT_CTL_LINE || !http_receive(upgrade->stream, &upgrade->in))
				return false;
		if (op == OP_CLOSE) {
			if (payload.n >= 2)
				upgrade->close = (unsigned char)payload.p[0] << 8 | (unsigned char)payload.p[1];
			return true;
		}
		buf_consume(&upgrade->in, whole);
	}
}

/* Masked with zeros: there is nobody here to be protected from our own choice of bytes (RFC 6455 10.3). */
static bool
send_text(struct upgrade *upgrade, const char *text)
{
	size_t n = strlen(text);
	const char head[] = { (char)(FIN | OP_TEXT), (char)(MASK | n), 0, 0, 0, 0 };

	return n <= SHORT_FRAME && http_send(upgrade->stream, head, sizeof(head)) &&
	    http_send(upgrade->stream, text, n);
}

/* The first frame, if it is whole, and how many bytes it takes; false if it is not. */
static bool
next_frame(struct upgrade *upgrade, int *op_r, struct slice *payload_r, size_t *whole_r)
{
	const unsigned char *p = (const unsigned char *)upgrade->in.data;
	size_t have = upgrade->in.len, head = 2, n;

	if (have < head)
		return false;
	n = p[1] & 0x7f;
	if (n == 126) {
		head = 4;
		n = have >= head ? (size_t)p[2] << 8 | p[3] : 0;
	} else if (n == 127) {
		return false;	/* nothing of ours is so long */
	}
	if (have < head + n)
		return false;
	*op_r = p[0] & 0x0f;
	*payload_r = (struct slice){ upgrade->in.data + head, n };
	*whole_r = head + n;
	return true;
}
