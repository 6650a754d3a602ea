/*
 * database.h: what the tests of the stores start from: a directory of their own, a
 * migrated database in it, an arena, and three accounts (host 1, guest 2, outsider 3).
 */
#ifndef UNIO_TEST_DATABASE_H
#define UNIO_TEST_DATABASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "db.h"
#include "directory.h"
#include "log.h"
#include "store_call.h"
#include "store_meeting.h"
#include "store_user.h"

#define NOW	INT64_C(1705314645123456)	/* 2024-01-15T10:30:45.123456Z */
#define SECOND	US_PER_S

enum { HOST = 1, GUEST = 2, OUTSIDER = 3 };

struct database {
	char		 dir[DIRECTORY_SIZE];
	char		 path[128];
	struct db	*db;
	struct arena	*arena;
};

static inline struct db_options
database_options(const struct database *t)
{
	return ((struct db_options){ .path = t->path, .busy_timeout = 5 * SECOND });
}

static inline struct db *
database_connect(const struct database *t)
{
	struct db_options	 options = database_options(t);
	char			 error[256] = "";
	struct db		*db = db_open(&options, error, sizeof(error));

	if (db == NULL)
		fail_msg("%s", error);
	return (db);
}

/* The directory and the path alone. */
static inline int
database_dir(void **state)
{
	struct database	*t = calloc(1, sizeof(*t));

	log_open("test", LOG_TARGET_STDERR, LOG_FORMAT_KV, LOG_LEVEL_ERROR);
	directory_make(t->dir);
	snprintf(t->path, sizeof(t->path), "%s/unio.db", t->dir);
	t->arena = arena_new();
	*state = t;
	return (0);
}

static inline int
database_setup(void **state)
{
	struct db_options	 options;
	struct database		*t;
	char			 error[256] = "";

	database_dir(state);
	t = *state;
	options = database_options(t);
	options.create = true;
	t->db = db_open(&options, error, sizeof(error));
	if (t->db == NULL || db_migrate(t->db, error, sizeof(error)) == -1)
		fail_msg("%s", error);
	return (0);
}

static inline int
database_teardown(void **state)
{
	struct database	*t = *state;

	db_close(&t->db);
	arena_free(&t->arena);
	directory_remove(t->dir);
	free(t);
	return (0);
}

static inline int64_t
database_add_user(struct db *db, const char *email, const char *full_name)
{
	struct user	user = {
		.person = { .email = email, .full_name = full_name },
		.password_hash = "hash",
	};
	int64_t		id = 0;

	assert_int_equal(store_user_create(db, &user, NOW, &id), 1);
	return (id);
}

static inline int
database_setup_users(void **state)
{
	struct database	*t;

	database_setup(state);
	t = *state;
	assert_int_equal(database_add_user(t->db, "host@unio.test", "The Host"), HOST);
	assert_int_equal(database_add_user(t->db, "guest@unio.test", "A Guest"), GUEST);
	assert_int_equal(database_add_user(t->db, "outsider@unio.test", "An Outsider"), OUTSIDER);
	return (0);
}

/* A meeting of HOST's with GUEST in it. */
static inline int64_t
database_add_meeting(struct db *db, const char *title)
{
	struct meeting	meeting = {
		.title = title,
		.description = "",
		.host = { .id = HOST },
		.ice_policy = "all",
	};
	int64_t		id = 0;

	assert_int_equal(store_meeting_create(db, &meeting, NOW, &id), 0);
	assert_int_equal(store_meeting_add_participant(db, id, GUEST, NOW), 1);
	return (id);
}

/* A call of HOST's that begins at now_us. */
static inline int64_t
database_start_call(struct db *db, int64_t meeting_id, int64_t now_us)
{
	int64_t	id = 0;

	assert_int_equal(store_call_create(db, meeting_id, HOST, now_us, &id), 1);
	return (id);
}

/* The first column of a query of one number. */
static inline int64_t
database_int(struct db *db, const char *query)
{
	int64_t	value = 0;

	assert_int_equal(db_one_int(db_query(db, query), &value), 1);
	return (value);
}

#endif
