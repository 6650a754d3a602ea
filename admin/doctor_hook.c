#include <inttypes.h>
#include <string.h>

#include "doctor.h"
#include "remote.h"
#include "store_webhook.h"

static struct db	*open_db(const struct conf *);
static void		 examine_sender(struct doctor *, int64_t);
static void		 examine_one(struct doctor *, const struct webhook *);

/* Nothing at all where there are no webhooks; what is wrong with the database others say. */
void
doctor_hook_examine(struct doctor *d)
{
	struct db *db = open_db(d->ctx->conf);
	struct webhook *webhooks;
	size_t n;

	if (db == NULL)
		return;
	if (store_webhook_all(db, d->ctx->arena, false, &webhooks, &n) == 0 && n > 0) {
		examine_sender(d, (int64_t)n);
		for (size_t i = 0; i < n; i++)
			examine_one(d, &webhooks[i]);
	}
	db_close(&db);
}

static struct db *
open_db(const struct conf *conf)
{
	const struct db_options options = {
		.path = conf->database,
		.busy_timeout = conf->database_busy_timeout,
		.full_sync = conf->synchronous == CONF_SYNCHRONOUS_FULL,
	};
	char error[512];

	return db_open(&options, error, sizeof(error));
}

static void
examine_sender(struct doctor *d, int64_t webhooks)
{
	const char *s = webhooks == 1 ? "" : "s";
	pid_t pid;

	if (remote_hookd(d->ctx, &pid))
		doctor_say(d, DOCTOR_OK, "webhooks", NULL, "unio-hookd runs, for %" PRId64 " webhook%s", webhooks, s);
	else
		doctor_say(d, DOCTOR_FAIL, "webhooks", "start unio-hookd; events wait as long as event_keep says",
		    "unio-hookd does not run, for %" PRId64 " webhook%s", webhooks, s);
}

static void
examine_one(struct doctor *d, const struct webhook *webhook)
{
	const char *remedy = doctor_remedy(d, "unioctl webhook deliveries --webhook %" PRId64 " says why", webhook->id);

	if (webhook->disabled_reason != NULL && strcmp(webhook->disabled_reason, "gone") == 0)
		doctor_say(d, DOCTOR_WARN, "webhooks",
		    doctor_remedy(d, "unioctl webhook enable %" PRId64 ", or delete it", webhook->id),
		    "webhook %" PRId64 " is wanted no more, its receiver says (410)", webhook->id);
	else if (webhook->failures > 0 && webhook->disabled_reason == NULL)
		doctor_say(d, DOCTOR_WARN, "webhooks", remedy,
		    "webhook %" PRId64 " has failed %" PRId64 " times running", webhook->id, webhook->failures);
}
