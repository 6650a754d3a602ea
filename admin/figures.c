#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "figures.h"
#include "local.h"
#include "metric.h"
#include "remote.h"
#include "str.h"

#define TIMEOUT_S	2
#define ANSWER_MAX	((size_t)16 * 1024 * 1024)	/* what a program tells, many times over */
#define FIGURE_MAX	1e18	/* ours are numbers of int64_t, or seconds */

/* How many times lay in each bucket. */
struct spread {
	double	count[METRIC_BOUNDS + 1];
};

struct matching {
	const char	*label;
	double		 sum;
	double		 max;
};

static bool	fetch(const char *address, struct buf *out);
static int	connect_to(const char *address);
static void	clean(struct buf *text);
static void	take(void *arg, struct slice labels, double value);
static bool	has(struct slice labels, const char *label);
static void	spread_of(const struct figures *figures, const char *name, struct spread *spread_r);

void
figures_of_daemons(const struct context *ctx, struct figures *figures)
{
	struct remote remote;
	const char *text;

	*figures = (struct figures){ .programs = 0 };
	for (int64_t daemon = 1; daemon <= ctx->conf->daemons; daemon++) {
		if (remote_try_daemon(ctx, &remote, daemon, "{\"cmd\":\"metrics\"}") &&
		    json_get_text(remote.json, "text", &text) == 1) {
			buf_adds(&figures->text, text);
			figures->programs++;
		}
		remote_free(&remote);
	}
}

void
figures_at(const char *address, struct figures *figures)
{
	*figures = (struct figures){ .programs = 0 };
	if (*address != '\0' && fetch(address, &figures->text))
		figures->programs = 1;
}

void
figures_free(struct figures *figures)
{
	buf_free(&figures->text);
}

static bool
fetch(const char *address, struct buf *out)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static const char ok[] = "HTTP/1.1 200 ";
	int64_t until_us = clock_mono_us() + TIMEOUT_S * US_PER_S;	/* for all of it, come it byte by byte */
	int fd = connect_to(address);
	const char *body = NULL;
	ssize_t n = -1;

	if (fd == -1)
		return false;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
		while (out->len < ANSWER_MAX && clock_mono_us() < until_us &&
		    (n = recv(fd, buf_reserve(out, BUFSIZ), BUFSIZ, 0)) > 0)
			out->len += (size_t)n;
	close(fd);
	buf_addc(out, '\0');
	if (n == 0 && strncmp(out->data, ok, strlen(ok)) == 0)
		body = strstr(out->data, "\r\n\r\n");
	if (body == NULL)
		buf_clear(out);
	else
		buf_consume(out, (size_t)(body + 4 - out->data));
	clean(out);
	return body != NULL;
}

/* While a program does not run anybody may listen at its port: what is said there is nothing that a terminal obeys. */
static void
clean(struct buf *text)
{
	for (char *p = text->data; p < text->data + text->len; p++)
		if ((*p < ' ' || *p > '~') && *p != '\n' && *p != '\0')
			*p = '?';
}

static int
connect_to(const char *address)
{
	const struct timeval patience = { .tv_sec = TIMEOUT_S };
	struct local local;
	int fd;

	if (!local_parse(address, &local) ||
	    (fd = socket(local.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&local.address, local.size) == 0)
		return fd;
	close(fd);
	return -1;
}

double
figures_sum(const struct figures *figures, const char *name, const char *label)
{
	struct matching matching = { .label = label };

	figures_each(figures, name, take, &matching);
	return matching.sum;
}

double
figures_max(const struct figures *figures, const char *name)
{
	struct matching matching = { .label = NULL };

	figures_each(figures, name, take, &matching);
	return matching.max;
}

static void
take(void *arg, struct slice labels, double value)
{
	struct matching *matching = arg;

	if (matching->label != NULL && !has(labels, matching->label))
		return;
	matching->sum += value;
	matching->max = MAX(matching->max, value);
}

/* {code="banned"} has code="banned"; {errorcode="banned"} has not. */
static bool
has(struct slice labels, const char *label)
{
	size_t n = strlen(label);
	const char *p = memmem(labels.p, labels.n, label, n);

	return p != NULL && (p[-1] == '{' || p[-1] == ',');
}

double
figures_quantile(const struct figures *figures, const struct figures *before, const char *name, double part)
{
	struct spread now, then = { { 0 } };
	double all;

	spread_of(figures, name, &now);
	if (before != NULL)
		spread_of(before, name, &then);
	all = now.count[METRIC_BOUNDS] - then.count[METRIC_BOUNDS];
	if (all <= 0)
		return -1;
	for (size_t i = 0; i < METRIC_BOUNDS; i++)
		if (now.count[i] - then.count[i] >= part * all)
			return strtod(metric_bound(i), NULL);
	return strtod(metric_bound(METRIC_BOUNDS - 1), NULL);
}

/* As they are told: each bucket has those of the former ones as well. */
static void
spread_of(const struct figures *figures, const char *name, struct spread *spread_r)
{
	char bucket[128], le[32];

	snprintf(bucket, sizeof(bucket), "%s_bucket", name);
	for (size_t i = 0; i <= METRIC_BOUNDS; i++) {
		snprintf(le, sizeof(le), "le=\"%s\"", i < METRIC_BOUNDS ? metric_bound(i) : "+Inf");
		spread_r->count[i] = figures_sum(figures, bucket, le);
	}
}

void
figures_each(const struct figures *figures, const char *name, figures_each_call *call, void *arg)
{
	size_t n = strlen(name);
	const char *end;
	double number;

	for (const char *p = figures->text.data; p != NULL && *p != '\0'; p = end + (*end != '\0')) {
		const char *rest = p + n, *value;

		end = strchrnul(p, '\n');
		if ((size_t)(end - p) <= n || memcmp(p, name, n) != 0 || (*rest != '{' && *rest != ' '))
			continue;
		value = *rest == '{' ? memmem(rest, (size_t)(end - rest), "} ", 2) : rest;
		if (value == NULL)
			continue;
		value += *value == '}';
		number = strtod(value, NULL);
		if (number >= 0 && number <= FIGURE_MAX)	/* which is no NaN either */
			call(arg, (struct slice){ rest, (size_t)(value - rest) }, number);
	}
}

struct slice
figures_label(struct slice labels, const char *label)
{
	const char *p = memmem(labels.p, labels.n, label, strlen(label)), *end;

	if (p == NULL || (p += strlen(label), (size_t)(labels.p + labels.n - p) < 2) || p[0] != '=' || p[1] != '"')
		return (struct slice){ "", 0 };
	end = memchr(p + 2, '"', (size_t)(labels.p + labels.n - p - 2));
	return end != NULL ? (struct slice){ p + 2, (size_t)(end - p - 2) } : (struct slice){ "", 0 };
}
