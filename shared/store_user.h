/*
 * store_user.h: accounts.  Texts that are handed out belong to the arena.
 * Look-ups: 1 found, 0 none, -1 error (db_error() tells).
 */
#ifndef UNIO_STORE_USER_H
#define UNIO_STORE_USER_H

#include "base.h"
#include "db.h"
#include "emit.h"
#include "mem.h"

/* A user as others see one. */
struct person {
	int64_t		 id;
	const char	*email;
	const char	*full_name;
};

struct user {
	struct person	 person;
	const char	*password_hash;
	bool		 is_admin;
	int64_t		 disabled_at;	/* 0: enabled */
	int64_t		 created_at;
	int64_t		 erased_at;	/* 0: not made anonymous */
	bool		 unproven;	/* made by whoever came: nobody vouches for the address */
};

NODISCARD int	store_user_by_id(struct db *db, struct arena *arena, int64_t id, struct user *user_r);
/* Case does not matter. */
NODISCARD int	store_user_by_email(struct db *db, struct arena *arena, const char *email, struct user *user_r);
/* person.id and created_at are ignored; 1 made (id_r), 0 the e-mail address is taken, -1. */
NODISCARD int	store_user_create(struct db *db, const struct user *user, int64_t now_us, int64_t *id_r);
/* 1 changed, 0 no such user, -1. */
NODISCARD int	store_user_set_name(struct db *db, int64_t id, const char *full_name, int64_t now_us);
NODISCARD int	store_user_set_password(struct db *db, int64_t id, const char *password_hash, int64_t now_us);
/* The operator vouches for the address. */
NODISCARD int	store_user_set_proven(struct db *db, int64_t id, int64_t now_us);
NODISCARD int	store_user_set_disabled(struct db *db, int64_t id, bool disabled, int64_t now_us);
/* Makes it anonymous: no password, no administrator, disabled; 1, 0 no such user or done before, -1. */
NODISCARD int	store_user_erase(struct db *db, int64_t id, const char *email, const char *full_name, int64_t now_us);
/* Those who may sign in; 0/-1. */
NODISCARD int	store_user_count_admins(struct db *db, int64_t *count_r);
/* Nobody else may administer; 1/0/-1. */
NODISCARD int	store_user_is_last_admin(struct db *db, const struct user *user);
/* Ids above after_id in order, at most limit; 0/-1. */
NODISCARD int	store_user_list(struct db *db, struct arena *arena, int64_t after_id, size_t limit,
    struct user **users_r, size_t *n_r);

/* From three columns of a row: id, email, full_name. */
struct person	store_user_read_person(struct db_stmt *st, struct arena *arena, int column);
/* {"id","email","full_name"}; key as in emit.h. */
void		store_user_emit_person(struct emit *e, const char *key, const struct person *person);

#endif
