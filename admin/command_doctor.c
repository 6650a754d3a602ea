/* What is wrong, seen from where the clients are. */
#include <ctype.h>
#include <string.h>

#include "command.h"
#include "doctor.h"
#include "list.h"

/* ECMA-48 8.3.117 */
#define GREEN	"\x1b[32m"
#define YELLOW	"\x1b[33m"
#define RED	"\x1b[31m"
#define NORMAL	"\x1b[0m"

static const struct {
	const char	*name, *colour;
} states[] = {
	[DOCTOR_OK] = { "ok", GREEN },
	[DOCTOR_WARN] = { "warn", YELLOW },
	[DOCTOR_FAIL] = { "fail", RED },
	[DOCTOR_SKIP] = { "skip", YELLOW },
};

static enum outcome	find_address(struct doctor *);
static const char	*page_of(struct arena *, const char *);
static enum outcome	answer(struct doctor *);
static void		print(struct context *, const struct doctor_finding *);
static void		print_tsv(struct context *, const struct doctor_finding *);

enum outcome
command_doctor(struct context *ctx)
{
	struct doctor d = { .ctx = ctx, .verify = true };
	enum outcome outcome;

	d.last = &d.first;
	if ((outcome = find_address(&d)) != OUTCOME_DONE)
		return outcome;
	doctor_local_examine(&d);
	doctor_web_examine(&d);
	doctor_socket_examine(&d);
	doctor_turn_examine(&d);
	doctor_provider_examine(&d);
	doctor_hook_examine(&d);
	return answer(&d);
}

/* With or without base_path after it, as people write it. */
static enum outcome
find_address(struct doctor *d)
{
	struct context *ctx = d->ctx;
	const char *url = args_value(ctx->args, ARGS_URL), *base_path = ctx->conf->base_path, *end;
	size_t n;

	if (url == NULL)
		url = ctx->conf->public_url;
	if (*url == '\0')
		return context_fail(ctx, OUTCOME_USAGE,
		    "say by --url how clients reach the server, or by the key public_url: https://meet.example.org");
	if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) || strpbrk(url, "?#@ ") != NULL)
		return context_fail(ctx, OUTCOME_USAGE, "%s: the address must begin with http:// or https://", url);
	end = strchrnul(strstr(url, "://") + 3, '/');
	n = strlen(end) - (strlen(end) > 0 && end[strlen(end) - 1] == '/');
	if (n > 0 && (n != strlen(base_path) || strncmp(end, base_path, n) != 0))
		return context_fail(ctx, OUTCOME_USAGE, "%s: its path is not the key base_path, \"%s\"", url,
		    base_path);
	d->origin = arena_strndup(ctx->arena, url, (size_t)(end - url));
	d->base = arena_printf(ctx->arena, "%s%s", d->origin, base_path);
	d->page = page_of(ctx->arena, d->origin);
	return OUTCOME_DONE;
}

/* Browsers write hosts in small letters, and no port that goes without saying (WHATWG URL, origin). */
static const char *
page_of(struct arena *arena, const char *origin)
{
	const char *port = strncmp(origin, "https:", 6) == 0 ? ":443" : ":80";
	size_t n = strlen(origin), end = strlen(port);
	char *page = arena_strndup(arena, origin, n > end && strcmp(origin + n - end, port) == 0 ? n - end : n);

	for (char *p = page; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return page;
}

static enum outcome
answer(struct doctor *d)
{
	struct context *ctx = d->ctx;
	bool healthy = true;

	emit_array(&ctx->json, NULL);
	for (const struct doctor_finding *finding = d->first; finding != NULL; finding = finding->next) {
		healthy = healthy && finding->state != DOCTOR_FAIL;
		emit_object(&ctx->json, NULL);
		emit_text(&ctx->json, "check", finding->check);
		emit_text(&ctx->json, "state", states[finding->state].name);
		emit_text(&ctx->json, "finding", finding->sentence);
		emit_text(&ctx->json, "remedy", finding->remedy);
		emit_end(&ctx->json);
		if (args_given(ctx->args, ARGS_TSV))
			print_tsv(ctx, finding);
		else if (!ctx->args->quiet || finding->state != DOCTOR_OK)
			print(ctx, finding);
	}
	emit_end(&ctx->json);
	ctx->answered = true;
	return healthy ? OUTCOME_DONE : OUTCOME_FAILED;
}

static void
print(struct context *ctx, const struct doctor_finding *finding)
{
	const char *name = states[finding->state].name;

	buf_addf(&ctx->text, "%s%-4s%s  %-13s  %s\n", ctx->colour ? states[finding->state].colour : "", name,
	    ctx->colour ? NORMAL : "", finding->check, table_clean(ctx->arena, finding->sentence));
	if (finding->remedy != NULL)
		buf_addf(&ctx->text, "%21s%s\n", "-> ", table_clean(ctx->arena, finding->remedy));
}

static void
print_tsv(struct context *ctx, const struct doctor_finding *finding)
{
	buf_addf(&ctx->text, "%s\t%s\t%s\t%s\n", finding->check, states[finding->state].name,
	    table_clean(ctx->arena, finding->sentence),
	    finding->remedy != NULL ? table_clean(ctx->arena, finding->remedy) : "-");
}
