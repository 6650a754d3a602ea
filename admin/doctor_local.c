#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "clock.h"
#include "doctor.h"
#include "process.h"
#include "remote.h"
#include "shard.h"

#define RESERVE		256			/* descriptors beside the connections, as the daemon reckons */
#define WAKE_US		(2 * US_PER_S)		/* a wake-up takes milliseconds */
#define LOOK_AGAIN	(20 * US_PER_MS)

static bool	examine_daemon(struct doctor *, int64_t);
static void	examine_version(struct doctor *, const struct remote *);
static void	examine_descriptors(struct doctor *, const struct remote *);
static void	examine_wake(struct doctor *, int64_t, int64_t);
static bool	has_woken(struct doctor *, int64_t, int64_t);

void
doctor_local_examine(struct doctor *d)
{
	d->daemon = true;
	for (int64_t daemon = 1; daemon <= d->ctx->conf->daemons; daemon++)
		d->daemon = examine_daemon(d, daemon) && d->daemon;
}

static bool
examine_daemon(struct doctor *d, int64_t daemon)
{
	struct remote remote;
	bool up = remote_try_daemon(d->ctx, &remote, daemon, "{\"cmd\":\"stats\"}");

	if (up) {
		doctor_say(d, DOCTOR_OK, "daemon", NULL, "unio-signald%s runs, process %" PRId64,
		    d->ctx->conf->daemons > 1 ? arena_printf(d->ctx->arena, " %" PRId64, daemon) : "",
		    remote_int(&remote, "pid"));
		examine_version(d, &remote);
		examine_descriptors(d, &remote);
		examine_wake(d, daemon, remote_int(&remote, "wakes"));
	} else {
		doctor_say(d, DOCTOR_FAIL, "daemon", "start unio-signald, and run this as the user it runs as", "%s",
		    remote.error);
	}
	remote_free(&remote);
	return up;
}

static void
examine_version(struct doctor *d, const struct remote *remote)
{
	const char *version = "?";

	if (json_get_text(remote->json, "version", &version) == 1 && strcmp(version, UNIO_VERSION) == 0)
		doctor_say(d, DOCTOR_OK, "version", NULL, "unio-signald and unioctl are " UNIO_VERSION);
	else
		doctor_say(d, DOCTOR_WARN, "version", "finish the upgrade: unioctl drain has the daemon replaced",
		    "unio-signald is %s, unioctl is " UNIO_VERSION, version);
}

static void
examine_descriptors(struct doctor *d, const struct remote *remote)
{
	int64_t wanted = remote_int(remote, "max_connections") + RESERVE;
	struct process process;

	if (!process_look((pid_t)remote_int(remote, "pid"), &process))
		doctor_say(d, DOCTOR_SKIP, "descriptors", "run this as the user unio-signald runs as, or as root",
		    "the limits of unio-signald cannot be seen");
	else if (process.descriptors_max < wanted)
		doctor_say(d, DOCTOR_WARN, "descriptors",
		    doctor_remedy(d, "LimitNOFILE=%" PRId64 " in its unit, or a lower max_connections", wanted),
		    "unio-signald may have %" PRId64 " descriptors, %" PRId64 " connections need %" PRId64,
		    process.descriptors_max, wanted - RESERVE, wanted);
	else
		doctor_say(d, DOCTOR_OK, "descriptors", NULL,
		    "%" PRId64 " of %" PRId64 " in use, enough for %" PRId64 " connections",
		    process.descriptors, process.descriptors_max, wanted - RESERVE);
}

/* One of ours, or anybody's: it shows that they arrive.  It wakes the daemon to find nothing. */
static void
examine_wake(struct doctor *d, int64_t daemon, int64_t before)
{
	const struct conf *conf = d->ctx->conf;
	char *endpoint = shard_name(conf->wake_endpoint, daemon);
	struct bus *bus = bus_sender_open(endpoint);

	bus_wake(bus);
	if (has_woken(d, daemon, before))
		doctor_say(d, DOCTOR_OK, "wake-up", NULL, "wake-ups reach the daemon by %s", endpoint);
	else
		doctor_say(d, DOCTOR_WARN, "wake-up",
		    doctor_remedy(d, "may the API's user write to %s, and is it the same in every program?", endpoint),
		    "no wake-up reaches the daemon: events are up to %" PRId64 " ms late",
		    conf->event_poll_interval / US_PER_MS);
	bus_close(&bus);
	free(endpoint);
}

static bool
has_woken(struct doctor *d, int64_t daemon, int64_t before)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN * 1000 };
	int64_t deadline_us = clock_mono_us() + WAKE_US;
	struct remote remote;
	bool woken = false;

	while (!woken && clock_mono_us() < deadline_us) {
		nanosleep(&pause, NULL);
		woken = remote_try_daemon(d->ctx, &remote, daemon, "{\"cmd\":\"stats\"}") &&
		    remote_int(&remote, "wakes") > before;
		remote_free(&remote);
	}
	return woken;
}
