#include <stdarg.h>
#include <stdio.h>

#include "doctor.h"

void
doctor_say(struct doctor *d, enum doctor_state state, const char *check, const char *remedy, const char *fmt, ...)
{
	struct doctor_finding *finding = arena_alloc(d->ctx->arena, sizeof(*finding));
	char sentence[1024];	/* a longer one is cut */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	finding->check = check;
	finding->state = state;
	finding->sentence = arena_strdup(d->ctx->arena, sentence);
	finding->remedy = remedy;
	*d->last = finding;
	d->last = &finding->next;
}

void
doctor_say_refused(struct doctor *d, const char *what)
{
	doctor_say(d, DOCTOR_FAIL, "origin", doctor_remedy(d, "set public_url to %s, or add it to allowed_origins; and "
	    "the web server must pass the header Host on", d->page), "pages of %s may not use the %s", d->page, what);
}

const char *
doctor_remedy(struct doctor *d, const char *fmt, ...)
{
	char sentence[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return arena_strdup(d->ctx->arena, sentence);
}
