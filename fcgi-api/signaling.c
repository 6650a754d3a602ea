#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "ctl.h"
#include "emit.h"
#include "scan.h"
#include "signaling.h"
#include "str.h"

#define TIMEOUT		(500 * US_PER_MS)
#define TIMEOUT_READY	(200 * US_PER_MS)	/* anybody may ask this */

static struct emit	begin(struct buf *line, const char *command);
static bool		ask(const struct conf *conf, struct signaling *signaling, int daemon, const struct buf *line,
			    int64_t timeout_us, struct buf *reply, struct scan_object *object_r);
static bool		take_text(const struct scan_object *object, const char *key, char *dst, size_t size);

bool
signaling_ready(const struct conf *conf, struct signaling *signaling)
{
	bool ok = true;

	for (int daemon = 1; daemon <= MAX(conf->daemons, 1); daemon++)
		ok = signaling_daemon_ready(conf, signaling, daemon) && ok;
	return ok;
}

bool
signaling_daemon_ready(const struct conf *conf, struct signaling *signaling, int daemon)
{
	struct buf line = { 0 }, reply = { 0 };
	struct emit e = begin(&line, "ready");
	struct scan_object object;
	bool ok;

	emit_end(&e);
	ok = ask(conf, signaling, daemon, &line, TIMEOUT_READY, &reply, &object);
	buf_free(&line);
	buf_free(&reply);
	return ok;
}

bool
signaling_presence(const struct conf *conf, struct signaling *signaling, int64_t meeting_id,
    struct buf *sessions_r)
{
	struct buf line = { 0 }, reply = { 0 };
	struct emit e = begin(&line, "presence");
	const struct scan_member *sessions = NULL;
	struct scan_object object;

	emit_int(&e, "meeting_id", meeting_id);
	emit_end(&e);
	if (ask(conf, signaling, shard_of(meeting_id, conf->daemons), &line, TIMEOUT, &reply, &object))
		sessions = scan_find(&object, "sessions");
	if (sessions != NULL) {
		buf_clear(sessions_r);
		buf_add(sessions_r, sessions->value.p, sessions->value.n);
	}
	buf_free(&line);
	buf_free(&reply);
	return sessions != NULL;
}

enum signaling_entry
signaling_may_enter(const struct conf *conf, struct signaling *signaling, int64_t meeting_id,
    int64_t user_id, const char *address, struct signaling_refusal *refusal_r)
{
	struct buf line = { 0 }, reply = { 0 };
	struct emit e = begin(&line, "entry");
	enum signaling_entry entry = SIGNALING_DOWN;
	struct signaling_refusal refusal;
	struct scan_object object;

	emit_int(&e, "meeting_id", meeting_id);
	emit_int(&e, "user_id", user_id);
	emit_text(&e, "address", address);
	emit_end(&e);
	if (ask(conf, signaling, shard_of(meeting_id, conf->daemons), &line, TIMEOUT, &reply, &object)) {
		entry = SIGNALING_OPEN;
		if (take_text(&object, "code", refusal.code, sizeof(refusal.code)) &&
		    take_text(&object, "message", refusal.message, sizeof(refusal.message))) {
			entry = SIGNALING_REFUSED;
			*refusal_r = refusal;
		}
	}
	buf_free(&line);
	buf_free(&reply);
	return entry;
}

static struct emit
begin(struct buf *line, const char *command)
{
	struct emit e = emit_into(line);

	emit_object(&e, NULL);
	emit_text(&e, "cmd", command);
	return e;
}

/* True if it answered, and not with an error; the members lie in reply. */
static bool
ask(const struct conf *conf, struct signaling *signaling, int daemon, const struct buf *line, int64_t timeout_us,
    struct buf *reply, struct scan_object *object_r)
{
	int64_t *late_us = &signaling->late_us[daemon - 1];
	const struct scan_member *ok;
	char *path;
	int rc;

	if (*late_us != 0 && clock_mono_us() - *late_us < SIGNALING_REST)
		return false;
	path = shard_name(conf->control_socket, daemon);
	rc = ctl_request(path, line->data, timeout_us, reply);
	*late_us = rc != 0 && errno == ETIMEDOUT ? clock_mono_us() : 0;
	free(path);
	if (rc != 0)
		return false;
	if (scan_object(reply->data, reply->len, SCAN_WRAPPED, object_r) != SCAN_OK)
		return false;
	ok = scan_find(object_r, "ok");
	return ok != NULL && ok->type == SCAN_TRUE;
}

static bool
take_text(const struct scan_object *object, const char *key, char *dst, size_t size)
{
	const struct scan_member *member = scan_find(object, key);
	size_t n;

	return member != NULL && member->type == SCAN_STRING && scan_string(member->value, dst, size, &n);
}
