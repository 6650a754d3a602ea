#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "emit.h"
#include "log.h"
#include "peer.h"
#include "str.h"

#define LINE_USUAL	400	/* bytes that nearly every line has room in, so that it grows once */
#define VALUE_MAX	512	/* bytes of one value; enough for a message, too little to fill a disk */

static const char *const	level_names[] = { "error", "warn", "info", "debug" };
static const int		level_priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* The process' one mutable global.  The level is atomic: a signal handler and threads meet there. */
static struct {
	const char	*program;
	pid_t		 pid;
	enum log_target	 target;
	enum log_format	 format;
	enum conf_addresses addresses;
} state = { .program = "unio" };
static atomic_int	current_level = LOG_LEVEL_INFO;

static void	note_pid(void);
static void	format_kv(struct buf *line, const struct log_field *fields, size_t n);
static void	format_json(struct buf *line, const struct log_field *fields, size_t n);
static const char *text_of(const struct log_field *field, char address[LIMIT_ADDRESS]);
static void	add_value(struct buf *line, const char *text, size_t n);
static bool	is_bare(const char *text, size_t n);
static size_t	value_length(const char *text);
static void	write_line(struct buf *line);

void
log_open(const char *program, enum log_target target, enum log_format format, enum log_level level)
{
	/* asked once: it would be a system call for every line */
	if (state.pid == 0)
		(void)pthread_atfork(NULL, NULL, note_pid);
	note_pid();
	state.program = program;
	state.target = target;
	state.format = format;
	log_set_level(level);
	if (target == LOG_TARGET_SYSLOG)
		openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static void
note_pid(void)
{
	state.pid = getpid();
}

void
log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

void
log_set_addresses(enum conf_addresses mode)
{
	state.addresses = mode;
}

void
log_cycle_level(void)
{
	int level = atomic_load(&current_level);

	atomic_store(&current_level, level == LOG_LEVEL_DEBUG ? LOG_LEVEL_ERROR : level + 1);
}

enum log_level
log_level(void)
{
	return (enum log_level)atomic_load(&current_level);
}

bool
log_would(enum log_level level)
{
	return level <= log_level();
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
	char ts[CLOCK_TEXT_SIZE];
	struct buf line = { 0 };
	int saved_errno = errno;

	if (!log_would(level))
		return;
	clock_format(ts, clock_wall_us());
	buf_reserve(&line, LINE_USUAL);
	const struct log_field head[] = {
		LOG_TEXT("ts", ts),
		LOG_TEXT("level", level_names[level]),
		LOG_TEXT("prog", state.program),
		LOG_INT("pid", state.pid != 0 ? state.pid : getpid()),
		LOG_TEXT("event", event),
	};
	if (state.format == LOG_FORMAT_JSON) {
		buf_addc(&line, '{');
		format_json(&line, head, COUNTOF(head));
		format_json(&line, fields, n);
		buf_addc(&line, '}');
	} else {
		format_kv(&line, head, COUNTOF(head));
		format_kv(&line, fields, n);
	}
	if (state.target == LOG_TARGET_SYSLOG)
		syslog(level_priorities[level], "%s", line.data);
	else
		write_line(&line);
	buf_free(&line);
	errno = saved_errno;
}

const char *
log_errno(void)
{
	return strerror(errno);
}

void
log_fatal(const char *fmt, ...)
{
	char message[VALUE_MAX + 1];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	log_error("fatal", LOG_TEXT("message", message));
	exit(1);
}

static void
format_kv(struct buf *line, const struct log_field *fields, size_t n)
{
	char address[LIMIT_ADDRESS];

	for (size_t i = 0; i < n; i++) {
		const char *text = text_of(&fields[i], address);

		if (line->len > 0)
			buf_addc(line, ' ');
		buf_adds(line, fields[i].key);
		buf_addc(line, '=');
		if (text != NULL)
			add_value(line, text, value_length(text));
		else
			buf_add_int(line, fields[i].number);
	}
}

static void
format_json(struct buf *line, const struct log_field *fields, size_t n)
{
	char address[LIMIT_ADDRESS];

	for (size_t i = 0; i < n; i++) {
		const char *text = text_of(&fields[i], address);

		if (line->len > 1)
			buf_addc(line, ',');
		emit_quoted(line, fields[i].key, strlen(fields[i].key));
		buf_addc(line, ':');
		if (text != NULL)
			emit_quoted(line, text, value_length(text));
		else
			buf_add_int(line, fields[i].number);
	}
}

static const char *
text_of(const struct log_field *field, char address[LIMIT_ADDRESS])
{
	if (!field->address || field->text == NULL)
		return field->text;
	peer_shown(state.addresses, field->text, address);
	return address;
}

/* Bare if it cannot be mistaken; else in quotes, with \" \\ and \xNN for what is not a printable character. */
static void
add_value(struct buf *line, const char *text, size_t n)
{
	size_t step;

	if (is_bare(text, n)) {
		buf_add(line, text, n);
		return;
	}
	buf_addc(line, '"');
	for (size_t i = 0; i < n; i += step) {
		unsigned char c = (unsigned char)text[i];
		/* U+0080 to U+009F are controls too, and terminals obey some of them. */
		bool control = c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0);

		step = control ? 0 : str_utf8_next(text + i, n - i);
		if (c == '"' || c == '\\')
			buf_addc(line, '\\');
		if (step > 0)
			buf_add(line, text + i, step);
		else
			buf_addf(line, "\\x%02x", c);
		step = MAX(step, 1);
	}
	buf_addc(line, '"');
}

static bool
is_bare(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '"' || text[i] == '=' || text[i] == '\\')
			return false;
	return n > 0;
}

/* At most VALUE_MAX bytes, and no character cut in two. */
static size_t
value_length(const char *text)
{
	size_t n = strnlen(text, VALUE_MAX + 1);

	if (n <= VALUE_MAX)
		return n;
	for (n = VALUE_MAX; n > VALUE_MAX - 4 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
		;
	return n;
}

/* One write(2) a line, so that lines of several processes do not mix.  A log that fails is no reason to stop. */
static void
write_line(struct buf *line)
{
	ssize_t n;

	buf_addc(line, '\n');
	while (line->len > 0) {
		n = write(STDERR_FILENO, line->data, line->len);
		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			buf_consume(line, (size_t)n);
	}
}
