/* Attendance as a table for a spreadsheet (RFC 4180). */
#include <string.h>

#include "attend.h"
#include "clock.h"

static void	add_row(struct buf *out, const struct attendance *row, int64_t now_us);
static void	add_field(struct buf *out, const char *text);
static void	add_time(struct buf *out, int64_t time_us);

void
handle_attendance_csv(struct context *c, struct reply *r)
{
	struct attend attend;

	if (!attend_read(c, r, c->id[0], &attend))
		return;
	(void)reply_ok(r, 200);
	r->content_type = "text/csv; charset=utf-8; header=present";
	r->filename = arena_printf(c->arena, "call-%lld-attendance.csv", (long long)attend.call.id);
	buf_adds(&r->body, "user_id,email,full_name,joined_at,left_at,seconds\r\n");
	for (size_t i = 0; i < attend.n; i++)
		add_row(&r->body, &attend.rows[i], c->now_us);
}

static void
add_row(struct buf *out, const struct attendance *row, int64_t now_us)
{
	buf_addf(out, "%lld,", (long long)row->user.id);
	add_field(out, row->user.email);
	buf_addc(out, ',');
	add_field(out, row->user.full_name);
	buf_addc(out, ',');
	add_time(out, row->joined_at);
	buf_addc(out, ',');
	if (row->left_at != 0)
		add_time(out, row->left_at);
	buf_addf(out, ",%lld\r\n", (long long)(attend_length_us(row, now_us) / US_PER_S));
}

/*
 * A spreadsheet runs what begins like a formula, so such a text gets an apostrophe in
 * front, which spreadsheets take for "this is text".
 */
static void
add_field(struct buf *out, const char *text)
{
	const char *guard = strchr("=+-@\t\r", *text) != NULL && *text != '\0' ? "'" : "";

	if (strpbrk(text, ",\"\r\n") == NULL) {
		buf_adds(out, guard);
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	buf_adds(out, guard);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static void
add_time(struct buf *out, int64_t time_us)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(text, time_us);
	buf_adds(out, text);
}
