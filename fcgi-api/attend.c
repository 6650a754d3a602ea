#include "attend.h"
#include "permit.h"
#include "rows.h"

static int64_t	total_us(const struct attend *attend, int64_t user_id, int64_t now_us);

bool
attend_read(const struct context *c, struct reply *r, int64_t call_id, struct attend *attend_r)
{
	struct attend attend;
	struct access access;
	int found = store_call_by_id(c->db, c->arena, call_id, &attend.call);

	if (found == 0)
		reply_not_found(r, "call");
	else if (found < 0)
		reply_database(r, c->db);
	if (found != 1 || !permit_meeting(c, r, attend.call.meeting_id, PERMIT_READ, "call", &access))
		return false;
	if (store_call_attendance(c->db, c->arena, call_id, &attend.rows, &attend.n) != 0) {
		reply_database(r, c->db);
		return false;
	}
	attend_gather(&attend, c->arena);
	*attend_r = attend;
	return true;
}

/* Each row is held against the people, never against the other rows: who comes and goes all day makes many. */
void
attend_gather(struct attend *attend, struct arena *arena)
{
	struct rows first = rows_in(arena, sizeof(size_t));

	for (size_t i = 0; i < attend->n; i++) {
		const size_t *known = first.data;
		size_t p = 0;

		while (p < first.n && attend->rows[known[p]].user.id != attend->rows[i].user.id)
			p++;
		if (p == first.n)
			*(size_t *)rows_add(&first) = i;
	}
	attend->first = first.data;
	attend->people = first.n;
}

/* One pass over the rows for each person, of whom a call has few. */
void
attend_emit(struct emit *e, const char *key, const struct attend *attend, int64_t now_us)
{
	emit_array(e, key);
	for (size_t p = 0; p < attend->people; p++) {
		const struct person *user = &attend->rows[attend->first[p]].user;

		emit_object(e, NULL);
		store_user_emit_person(e, "user", user);
		emit_array(e, "intervals");
		for (size_t j = attend->first[p]; j < attend->n; j++) {
			if (attend->rows[j].user.id != user->id)
				continue;
			emit_object(e, NULL);
			emit_time(e, "joined_at", attend->rows[j].joined_at);
			emit_time(e, "left_at", attend->rows[j].left_at);
			emit_end(e);
		}
		emit_end(e);
		emit_int(e, "total_seconds", total_us(attend, user->id, now_us) / US_PER_S);
		emit_end(e);
	}
	emit_end(e);
}

int64_t
attend_length_us(const struct attendance *row, int64_t now_us)
{
	return MAX((row->left_at != 0 ? row->left_at : now_us) - row->joined_at, 0);
}

/* The time that is covered by at least one interval: two devices at once count once. */
static int64_t
total_us(const struct attend *attend, int64_t user_id, int64_t now_us)
{
	int64_t total = 0, covered_until = 0;

	for (size_t i = 0; i < attend->n; i++) {
		const struct attendance *row = &attend->rows[i];
		int64_t end = row->joined_at + attend_length_us(row, now_us);

		if (row->user.id != user_id || end <= covered_until)
			continue;
		total += end - MAX(row->joined_at, covered_until);
		covered_until = end;
	}
	return total;
}
