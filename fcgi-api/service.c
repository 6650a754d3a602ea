#include <string.h>

#include "clock.h"
#include "dispatch.h"
#include "log.h"
#include "password.h"
#include "service.h"

#define REASON_SIZE	256

static struct token_ring	*open_ring(const struct conf *conf);
static struct turn		*open_turn(const struct conf *conf);
static struct db		*open_database(const struct conf *conf, bool create, char reason_r[REASON_SIZE]);
static void			 log_request(const struct request *request, const struct reply *reply,
				     int64_t user_id, int64_t took_us);

void
service_log_open(const struct conf *conf)
{
	log_open("unio-api", (enum log_target)conf->log_target, (enum log_format)conf->log_format,
	    (enum log_level)conf->log_level);
}

int
service_prepare(const struct conf *conf)
{
	char reason[REASON_SIZE];
	struct token_ring *ring;
	struct turn *turn;
	struct db *db;
	int rc = -1;

	if (password_init() != 0) {
		log_error("start", LOG_TEXT("error", "libsodium does not start"));
		return -1;
	}
	if (token_secret_create(conf->secret_file) != 0) {
		log_error("start", LOG_TEXT("secret_file", conf->secret_file), LOG_ERRNO());
		return -1;
	}
	if ((ring = open_ring(conf)) == NULL)
		return -1;
	token_ring_free(&ring);
	if ((turn = open_turn(conf)) == NULL)
		return -1;
	turn_free(&turn);
	db = open_database(conf, true, reason);
	if (db == NULL || (rc = db_migrate(db, reason, sizeof(reason))) != 0)
		log_error("start", LOG_TEXT("database", conf->database), LOG_TEXT("error", reason));
	db_close(&db);
	return rc;
}

int
service_open(struct service *service, const struct conf *conf, struct rate *rate)
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
		.ring = ring,
		.turn = turn,
		.bus = bus_sender_open(conf->wake_endpoint),
		.arena = arena_new(),
	};
	(void)service_database(service);
	return 0;
}

static struct token_ring *
open_ring(const struct conf *conf)
{
	char reason[REASON_SIZE];
	struct token_ring *ring = token_ring_open(conf->secret_file, conf->issuer, reason, sizeof(reason));

	if (ring == NULL)
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
		service->db = open_database(service->conf, false, reason);
		if (service->db == NULL)
			log_error("database", LOG_TEXT("error", reason));
	}
	return service->db;
}

static struct db *
open_database(const struct conf *conf, bool create, char reason_r[REASON_SIZE])
{
	struct db_options options = {
		.path = conf->database,
		.busy_timeout = conf->database_busy_timeout,
		.full_sync = conf->synchronous == CONF_SYNCHRONOUS_FULL,
		.create = create,
	};

	return db_open(&options, reason_r, REASON_SIZE);
}

void
service_answer(struct service *service, struct request *request, struct buf *out)
{
	struct reply *reply = &service->reply;
	int64_t begin_us = clock_mono_us();
	int64_t user_id;

	reply_start(reply, service->arena, request->id);
	user_id = dispatch(service, request, reply);
	reply_render(reply, strcmp(request->method, "HEAD") == 0, out);
	log_request(request, reply, user_id, clock_mono_us() - begin_us);
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
	    LOG_TEXT("address", request->address),
	    LOG_TEXT("request_id", request->id));
}
