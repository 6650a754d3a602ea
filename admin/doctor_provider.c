#include <inttypes.h>
#include <string.h>

#include "doctor.h"
#include "jwks.h"

static void	examine_unused(struct doctor *, const struct jwks *);

/* Nothing at all where there is no provider. */
void
doctor_provider_examine(struct doctor *d)
{
	const struct conf *conf = d->ctx->conf;
	struct jwks *set;
	char error[512];

	if (*conf->jwks_file == '\0')
		return;
	if ((set = jwks_read(conf->jwks_file, error, sizeof(error))) == NULL) {
		doctor_say(d, DOCTOR_FAIL, "provider",
		    "fetch the keys again from the jwks_uri that the provider's configuration names", "%s", error);
		return;
	}
	doctor_say(d, DOCTOR_OK, "provider", NULL, "tokens of %s are believed, by %zu of the %zu keys in %s",
	    conf->jwks_issuer, jwks_usable(set), set->count, conf->jwks_file);
	examine_unused(d, set);
	jwks_free(&set);
}

/* Keys for other things are no fault; one that is a secret is the provider's. */
static void
examine_unused(struct doctor *d, const struct jwks *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->key[i].is_private)
			doctor_say(d, DOCTOR_WARN, "provider", "have the provider make another key: this one is known",
			    "the key %s %s", set->key[i].kid, set->key[i].why_not);
}
