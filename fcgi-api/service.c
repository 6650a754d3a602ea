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
static void			 log_request(const struct request *request, const struct reply *reply,
				     int64_t user_id, int64_t took_us);

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
	buf_free(&service->reply.body);
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
	struct reply *reply = &service->reply;
	int64_t begin_us = clock_mono_us();
	int64_t user_id, took_us;

	service->route = NULL;
	reply_start(reply, service->arena, request->id);
	user_id = dispatch(service, request, reply);
	reply_render(reply, strcmp(request->method, "HEAD") == 0, out);
	took_us = clock_mono_us() - begin_us;
	log_request(request, reply, user_id, took_us);
	tally_request(service->tally, service->route, reply, out->len, took_us);
	request_wipe(request);
	arena_reset(service->arena);
	buf_reset(&reply->body, SERVICE_BUFFER);

	/* a connection that has seen damage is not trusted again */
	if (service->db != NULL && db_error(service->db) >= DB_CORRUPT)
		db_close(&service->db);
}

static void
log_request(const struct request *request, const struct reply *reply, int64_t user_id, int64_t took_us)
{
	LOG_AT(reply->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "request",
	    LOG_TEXT("method", request->method),
	    LOG_TEXT("path", request->path),
	    LOG_INT("status", reply->status),
	    LOG_INT("us", took_us),
	    LOG_INT("user", user_id),
	    LOG_ADDRESS(request->address),
	    LOG_TEXT("request_id", request->id));
}
