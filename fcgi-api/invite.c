#include "field.h"
#include "invite.h"

static int	find(const struct context *c, const struct json *item, struct user *user_r);
static int	unless_erased(int found, const struct user *user);
static bool	contains(const int64_t *ids, size_t n, int64_t id);

bool
invite_read(const struct context *c, struct reply *r, int64_t **ids_r, size_t *n_r)
{
	const struct json *list = NULL;
	int found = json_get_array(c->body, "participants", &list);
	size_t length = found == 1 ? json_array_length(list) : 0;
	size_t n = 0;
	int64_t *ids;

	if (found < 0 || length > LIMIT_PARTICIPANTS) {
		reply_bad_field(r, "participants", "participants must be a list of at most %d ids or e-mail addresses",
		    LIMIT_PARTICIPANTS);
		return false;
	}
	ids = arena_alloc(c->arena, MAX(length, 1) * sizeof(*ids));
	for (size_t i = 0; i < length; i++) {
		struct user user;

		found = find(c, json_array_item(list, i), &user);
		if (found < 0 && db_error(c->db) != DB_OK) {
			reply_database(r, c->db);
			return false;
		}
		if (found != 1) {
			reply_bad_field(r, "participants", found == 0 ? "participant %zu of the list is nobody here" :
			    "participant %zu of the list is neither an id nor an e-mail address", i + 1);
			return false;
		}
		if (user.person.id != c->caller.person.id && !contains(ids, n, user.person.id))
			ids[n++] = user.person.id;
	}
	*ids_r = ids;
	*n_r = n;
	return true;
}

/* 1/0, -1 database, or neither a positive integer nor a string. */
static int
find(const struct context *c, const struct json *item, struct user *user_r)
{
	const char *email;
	int64_t id;

	if (json_as_int(item, 1, INT64_MAX, &id) == 1)
		return unless_erased(store_user_by_id(c->db, c->arena, id, user_r), user_r);
	if (json_as_text(item, &email) == 1)
		return unless_erased(store_user_by_email(c->db, c->arena, email, user_r), user_r);
	return -1;
}

/* Whoever was erased is nobody, who takes part in nothing and need not be kept out. */
static int
unless_erased(int found, const struct user *user)
{
	return found == 1 && user->erased_at != 0 ? 0 : found;
}

static bool
contains(const int64_t *ids, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool
invite_read_one(const struct context *c, struct reply *r, struct user *user_r)
{
	static const struct field_text email_field = { "email", LIMIT_EMAIL, false, false };
	const char *email;
	int64_t id;
	int found = field_id(c, r, "user_id", &id);

	if (found < 0)
		return false;
	if (found == 1)
		found = store_user_by_id(c->db, c->arena, id, user_r);
	else {
		if ((found = field_text(c, r, &email_field, &email)) < 0)
			return false;
		if (found == 0) {
			reply_error(r, 400, "missing_field", "user_id", "user_id or email is required");
			return false;
		}
		found = store_user_by_email(c->db, c->arena, email, user_r);
	}
	found = unless_erased(found, user_r);
	if (found < 0)
		reply_database(r, c->db);
	else if (found == 0)
		reply_not_found(r, "user");
	return found == 1;
}
