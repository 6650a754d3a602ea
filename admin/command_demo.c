/*
 * The demo data: accounts and a meeting whose ids, names and passwords are known to
 * everybody.  Made whole or not at all; once the accounts are there nothing is
 * touched again, so that what somebody tried out (a new password, a deleted
 * meeting, an erased account) outlives the next start.
 */
#include <inttypes.h>

#include "command.h"
#include "context.h"
#include "store_meeting.h"

#define MEETING_ID	1
#define HOST		0	/* index in demo[] */
#define PARTICIPANT	1

#define NEEDS_EMPTY	"; the demo data needs an empty database"

static const struct {
	struct person	 person;
	const char	*password;	/* known to everybody, shorter than a real one may be */
	bool		 is_admin;
} demo[CONTEXT_HASHES] = {
	{ { 1, "admin@unio.app", "Admin User" }, "admin123", true },
	{ { 2, "user@unio.app", "Regular User" }, "user123", false },
	{ { 3, "guest@unio.app", "Guest User" }, "guest123", false },
};

static int		is_there(struct context *, size_t);
static bool		is_erased(struct context *, size_t);
static enum outcome	find(struct context *, size_t *);
static enum outcome	add_user(struct context *, size_t);
static enum outcome	add_meeting(struct context *);
static enum outcome	answer(struct context *, bool);

/* Only when there is something to make: this runs at every start of a development instance. */
enum outcome
command_demo_prepare(struct context *ctx)
{
	const struct password_cost cost = { ctx->conf->password_passes, ctx->conf->password_memory };
	enum outcome outcome;
	size_t there = 0, i;

	if ((outcome = find(ctx, &there)) != OUTCOME_DONE || there > 0)
		return outcome;
	for (i = 0; i < COUNTOF(demo); i++)
		if (password_hash(demo[i].password, &cost, ctx->hash[i]) != 0)
			return context_fail(ctx, OUTCOME_FAILED, "not enough memory to hash the passwords");
	return OUTCOME_DONE;
}

enum outcome
command_demo_make(struct context *ctx)
{
	enum outcome outcome;
	size_t there = 0, i;

	if ((outcome = find(ctx, &there)) != OUTCOME_DONE)
		return outcome;
	if (there > 0)
		return answer(ctx, false);
	for (i = 0; i < COUNTOF(demo); i++)
		if ((outcome = add_user(ctx, i)) != OUTCOME_DONE)
			return outcome;
	if ((outcome = add_meeting(ctx)) != OUTCOME_DONE)
		return outcome;
	return answer(ctx, true);
}

/* How many of the accounts there are: all or none; anything else is a database of real users. */
static enum outcome
find(struct context *ctx, size_t *there_r)
{
	size_t there = 0, i;
	int found;

	for (i = 0; i < COUNTOF(demo); i++) {
		if ((found = is_there(ctx, i)) == -1)
			return context_fail_db(ctx);
		if (found == -2)
			return context_fail(ctx, OUTCOME_CONFLICT,
			    "id %" PRId64 " or %s belongs to another account" NEEDS_EMPTY, demo[i].person.id,
			    demo[i].person.email);
		there += (size_t)found;
	}
	if (there != 0 && there != COUNTOF(demo))
		return context_fail(ctx, OUTCOME_CONFLICT, "only some of the demo accounts are there");
	*there_r = there;
	return OUTCOME_DONE;
}

/* 1 it is (or was, and is erased), 0 neither its id nor its address is taken, -1 error, -2 one of them is another's. */
static int
is_there(struct context *ctx, size_t i)
{
	struct user by_id, by_email;
	int id = store_user_by_id(ctx->db, ctx->arena, demo[i].person.id, &by_id);
	int email = store_user_by_email(ctx->db, ctx->arena, demo[i].person.email, &by_email);

	if (id < 0 || email < 0)
		return -1;
	if (id == 1 && by_id.erased_at != 0)
		return 1;
	if (id != email || (id == 1 && by_id.person.id != by_email.person.id))
		return -2;
	return id;
}

static bool
is_erased(struct context *ctx, size_t i)
{
	struct user user;

	return store_user_by_id(ctx->db, ctx->arena, demo[i].person.id, &user) == 1 && user.erased_at != 0;
}

static enum outcome
add_user(struct context *ctx, size_t i)
{
	const struct user user = {
		.person = demo[i].person,
		.password_hash = ctx->hash[i],
		.is_admin = demo[i].is_admin,
	};
	int64_t id = 0;

	if (store_user_create(ctx->db, &user, ctx->now_us, &id) != 1)
		return context_fail_db(ctx);
	if (id != demo[i].person.id)
		return context_fail(ctx, OUTCOME_CONFLICT, "id %" PRId64 " was used before" NEEDS_EMPTY,
		    demo[i].person.id);
	return OUTCOME_DONE;
}

static enum outcome
add_meeting(struct context *ctx)
{
	const struct meeting meeting = {
		.title = "Demo meeting",
		.description = "",
		.ice_policy = "all",
		.host = demo[HOST].person,
	};
	int64_t id = 0;

	if (store_meeting_create(ctx->db, &meeting, ctx->now_us, &id) != 0 ||
	    store_meeting_add_participant(ctx->db, id, demo[PARTICIPANT].person.id, ctx->now_us) < 0)
		return context_fail_db(ctx);
	if (id != MEETING_ID)
		return context_fail(ctx, OUTCOME_CONFLICT, "meeting %d was used before" NEEDS_EMPTY, MEETING_ID);
	return OUTCOME_DONE;
}

static enum outcome
answer(struct context *ctx, bool made)
{
	size_t i;

	emit_object(&ctx->json, NULL);
	emit_bool(&ctx->json, "made", made);
	emit_array(&ctx->json, "users");
	for (i = 0; i < COUNTOF(demo); i++)
		if (!is_erased(ctx, i))
			store_user_emit_person(&ctx->json, NULL, &demo[i].person);
	emit_end(&ctx->json);
	emit_int(&ctx->json, "meeting_id", MEETING_ID);
	emit_end(&ctx->json);
	context_say(ctx, made ? "demo data made" : "the demo data is there already");
	for (i = 0; i < COUNTOF(demo); i++)
		if (is_erased(ctx, i))
			context_say(ctx, "%s was erased, and stays so", demo[i].person.email);
	return OUTCOME_DONE;
}
