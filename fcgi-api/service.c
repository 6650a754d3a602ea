#include <string.h>

#include "clock.h"
#include "dispatch.h"
#include "log.h"
#include "password.h"
#include "provider.h"
#include "service.h"
#include "wake.h"

#define REASON_SIZE	256

static struct db		*prepare(const struct conf *conf);
static int			 open_all_but_database(struct service *service, const struct conf *conf,
				     struct rate *rate, struct lane *lane);
static struct token_ring	*open_ring(const struct conf *conf);
static struct turn		*open_turn(const struct conf *conf);
static struct db		*open_database(const struct conf *conf, struct lane *lane, bool create,
				     char reason_r[REASON_SIZE]);
static struct answer		*start(struct service *service, struct request *request, struct buf *out);
static void			 finish(struct service *service, struct answer *answer);
static void			 rest(struct service *service);
static void			 log_request(const struct answer *answer, int64_t took_us);

void
service_log_open(const struct conf *conf)
{
	log_open("unio-api", (enum log_target)conf->log_target, (enum log_format)conf->log_format,
	    (enum log_level)conf->log_level);
	log_set_addresses((enum conf_addresses)conf->log_addresses);
}

int
service_prepare(const struct conf *conf)
{
	struct db *db = prepare(conf);
	bool ok = db != NULL;

	db_close(&db);
	return ok ? 0 : -1;
}

/* The database, up to date, if everything else is fit as well. */
static struct db *
prepare(const struct conf *conf)
{
	char reason[REASON_SIZE];
	struct token_ring *ring;
	struct turn *turn;
	struct db *db;

	if (password_init() != 0) {
		log_error("start", LOG_TEXT("error", "libsodium does not start"));
		return NULL;
	}
	if (token_secret_create(conf->secret_file) != 0) {
		log_error("start", LOG_TEXT("secret_file", conf->secret_file), LOG_ERRNO());
		return NULL;
	}
	if ((ring = open_ring(conf)) == NULL)
		return NULL;
	token_ring_free(&ring);
	if (!provider_check(conf, reason, sizeof(reason)))
		log_error("jwks", LOG_TEXT("error", reason));
	if ((turn = open_turn(conf)) == NULL)
		return NULL;
	turn_free(&turn);
	db = open_database(conf, NULL, true, reason);
	if (db == NULL || db_migrate(db, reason, sizeof(reason)) != 0) {
		log_error("start", LOG_TEXT("database", conf->database), LOG_TEXT("error", reason));
		db_close(&db);
	}
	return db;
}

int
service_open(struct service *service, const struct conf *conf, struct rate *rate, struct lane *lane)
{
	if (open_all_but_database(service, conf, rate, lane) != 0)
		return -1;
	(void)service_database(service);
	return 0;
}

int
service_open_once(struct service *service, const struct conf *conf)
{
	struct db *db = prepare(conf);

	if (db == NULL || open_all_but_database(service, conf, NULL, NULL) != 0) {
		db_close(&db);
		return -1;
	}
	service->db = db;
	return 0;
}

static int
open_all_but_database(struct service *service, const struct conf *conf, struct rate *rate, struct lane *lane)
{
	struct token_ring *ring = open_ring(conf);
	struct turn *turn = open_turn(conf);

	if (ring == NULL || turn == NULL) {
		token_ring_free(&ring);
		turn_free(&turn);
		return -1;
	}
	*service = (struct service){
		.conf = conf,
		.rate = rate,
		.lane = lane,
		.ring = ring,
		.turn = turn,
		.arena = arena_new(),
	};
	return 0;
}

static struct token_ring *
open_ring(const struct conf *conf)
{
	char reason[REASON_SIZE];
	struct token_ring *ring = token_ring_open(conf->secret_file, conf->issuer, reason, sizeof(reason));

	if (ring != NULL)
		token_ring_trust(ring, provider_open(conf));
	else
		log_error("start", LOG_TEXT("error", reason));
	return ring;
}

static struct turn *
open_turn(const struct conf *conf)
{
	char reason[REASON_SIZE];
	struct turn *turn = turn_open(conf->ice_urls, conf->turn_secret_file, conf->turn_ttl, reason, sizeof(reason));

	if (turn == NULL)
		log_error("start", LOG_TEXT("error", reason));
	return turn;
}

void
service_close(struct service *service)
{
	db_close(&service->db);
	bus_close(&service->bus);
	token_ring_free(&service->ring);
	turn_free(&service->turn);
	for (size_t i = 0; i < COUNTOF(service->answer); i++)
		buf_free(&service->answer[i].reply.body);
	arena_free(&service->arena);
}

struct db *
service_database(struct service *service)
{
	char reason[REASON_SIZE];

	if (service->db == NULL) {
		service->db = open_database(service->conf, service->lane, false, reason);
		if (service->db == NULL)
			log_error("database", LOG_TEXT("error", reason));
	}
	return service->db;
}

struct bus *
service_bus(struct service *service)
{
	if (service->bus == NULL)
		service->bus = wake_open(service->conf);
	return service->bus;
}

static struct db *
open_database(const struct conf *conf, struct lane *lane, bool create, char reason_r[REASON_SIZE])
{
	struct db_options options = {
		.path = conf->database,
		.busy_timeout = conf->database_busy_timeout,
		.full_sync = conf->synchronous == CONF_SYNCHRONOUS_FULL,
		.lane = lane,
		.create = create,
	};

	return db_open(&options, reason_r, REASON_SIZE);
}

void
service_answer(struct service *service, struct request *request, struct buf *out)
{
	struct answer *answer = start(service, request, out);

	(void)dispatch(service, DISPATCH_ALONE, answer);
	finish(service, answer);
	rest(service);
}

bool
service_begin(struct service *service, struct request *request, struct buf *out)
{
	struct answer *answer = start(service, request, out);

	if (dispatch(service, DISPATCH_FIRST, answer) == DISPATCH_OPEN) {
		service->group = 1;
		return true;
	}
	finish(service, answer);
	rest(service);
	return false;
}

bool
service_join(struct service *service, struct request *request, struct buf *out)
{
	if (service->group == SERVICE_GROUP ||
	    dispatch(service, DISPATCH_JOIN, start(service, request, out)) == DISPATCH_UNFIT)
		return false;
	service->group++;
	return true;
}

void
service_commit(struct service *service)
{
	dispatch_commit(service);
	for (size_t i = 0; i < service->group; i++)
		finish(service, &service->answer[i]);
	service->group = 0;
	rest(service);
}

/* The place behind those of the group. */
static struct answer *
start(struct service *service, struct request *request, struct buf *out)
{
	struct answer *answer = &service->answer[service->group];

	answer->request = request;
	answer->out = out;
	answer->begin_us = clock_mono_us();
	reply_start(&answer->reply, service->arena, request->id);
	return answer;
}

static void
finish(struct service *service, struct answer *answer)
{
	struct reply *reply = &answer->reply;
	int64_t took_us;

	reply_render(reply, strcmp(answer->request->method, "HEAD") == 0, answer->out);
	took_us = clock_mono_us() - answer->begin_us;
	log_request(answer, took_us);
	tally_request(service->tally, answer->route, reply, answer->out->len, took_us);
	request_wipe(answer->request);
	buf_reset(&reply->body, answer == service->answer ? SERVICE_BUFFER : 0);
}

/* Nothing is under way.  A connection that has seen damage is not trusted again. */
static void
rest(struct service *service)
{
	arena_reset(service->arena);
	if (service->db != NULL && db_error(service->db) >= DB_CORRUPT)
		db_close(&service->db);
}

static void
log_request(const struct answer *answer, int64_t took_us)
{
	const struct request *request = answer->request;
	const struct reply *reply = &answer->reply;

	LOG_AT(reply->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "request",
	    LOG_TEXT("method", request->method),
	    LOG_TEXT("path", request->path),
	    LOG_INT("status", reply->status),
	    LOG_INT("us", took_us),
	    LOG_INT("user", answer->user_id),
	    LOG_ADDRESS(request->address),
	    LOG_TEXT("request_id", request->id));
}
