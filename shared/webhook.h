/*
 * webhook.h: what a webhook is to its receiver: an address, a secret, a signed message.
 *
 * By the Standard Webhooks specification, version 1.0.0: a secret is whsec_ and base64 of 24 to 64 bytes; the
 * signature is HMAC-SHA256 of "ID.TIMESTAMP.BODY"; while a secret is changed there are two of them.
 * Pure, apart from webhook_secret_make() and webhook_id_make(), which draw from the kernel's random source.
 */
#ifndef UNIO_WEBHOOK_H
#define UNIO_WEBHOOK_H

#include "base.h"
#include "buf.h"
#include "event.h"
#include "str.h"

#define WEBHOOK_PREFIX		"whsec_"
#define WEBHOOK_KEY_MIN		24	/* bytes behind the base64, by the specification */
#define WEBHOOK_KEY_MAX		64
#define WEBHOOK_KEY_MADE	32	/* as long as the hash */
#define WEBHOOK_SECRET_SIZE	(sizeof(WEBHOOK_PREFIX) - 1 + STR_BASE64_SIZE(WEBHOOK_KEY_MAX))
#define WEBHOOK_ID_SIZE		27	/* msg_, 22 characters that hold 132 random bits, and a NUL */
#define WEBHOOK_URL		2048	/* bytes */
#define WEBHOOK_TEST		"webhook_test"	/* the type of a message that is about no event */

/* NULL, or what is wrong with it: "must …".  Unencrypted it may lead to this machine alone, unless http is true. */
const char	*webhook_url_wrong(const char *url, bool http);
/* The same for a list of types with commas; the empty one is all that are public. */
const char	*webhook_events_wrong(const char *events);
/* Such a list names the type; bool. */
bool		 webhook_events_have(const char *events, enum event_type type);

void		 webhook_secret_make(char dst[WEBHOOK_SECRET_SIZE]);
NODISCARD bool	 webhook_secret_valid(const char *secret);
void		 webhook_id_make(char dst[WEBHOOK_ID_SIZE]);

/* Appends "v1,SIGNATURE", after a space if there is one already; false if the secret is none. */
NODISCARD bool	 webhook_sign(const char *secret, const char *id, int64_t time_s, struct slice body, struct buf *out);
/* {"type":…,"timestamp":…,"event_id":…,"meeting_id":…,"data":{the event's body}}. */
void		 webhook_message(const struct event *event, struct buf *out);
/* The message of a test: the same without an event and a meeting. */
void		 webhook_test_message(int64_t webhook_id, int64_t now_us, struct buf *out);

#endif
