#include <stdio.h>

#include "log.h"
#include "provider.h"
#include "reload.h"
#include "str.h"

struct mistakes {
	char	*first;
	size_t	 size;
};

static void	report(void *, const char *);

/* Either program may be the first: whoever comes first makes the key. */
bool
reload_secrets(const struct conf *conf, struct reload *reload_r, char *error_r, size_t error_size)
{
	struct reload reload = { .conf = NULL };

	if (token_secret_create(conf->secret_file) == -1) {
		snprintf(error_r, error_size, "%s: %s", conf->secret_file, log_errno());
		return false;
	}
	reload.ring = token_ring_open(conf->secret_file, conf->issuer, error_r, error_size);
	if (reload.ring == NULL)
		return false;
	if (!provider_check(conf, error_r, error_size))
		log_error("jwks", LOG_TEXT("error", error_r));
	token_ring_trust(reload.ring, provider_open(conf));
	reload.turn = turn_open(conf->ice_urls, conf->turn_secret_file, conf->turn_ttl, error_r, error_size);
	if (reload.turn == NULL) {
		token_ring_free(&reload.ring);
		return false;
	}
	*reload_r = reload;
	return true;
}

/* Keys of the provider that are no good are no reason not to start, but one to keep those that there are. */
bool
reload_all(const char *conf_path, const struct shard *shard, struct reload *reload_r, char *error_r,
    size_t error_size)
{
	struct mistakes	 mistakes = { .first = error_r, .size = error_size };
	struct conf	*conf;

	error_r[0] = '\0';
	conf = conf_load(conf_path, report, &mistakes);
	if (conf == NULL)
		return false;
	if (conf->daemons != shard->daemons) {
		snprintf(error_r, error_size, "daemons was %d: to change it, stop all daemons first", shard->daemons);
		conf_free(&conf);
		return false;
	}
	shard_adopt(conf, shard->own);
	if (!provider_check(conf, error_r, error_size) || !reload_secrets(conf, reload_r, error_r, error_size)) {
		conf_free(&conf);
		return false;
	}
	reload_r->conf = conf;
	return true;
}

/* All of them go to the log, the first to whoever asked. */
static void
report(void *arg, const char *mistake)
{
	const struct mistakes *mistakes = arg;

	log_error("reload", LOG_TEXT("mistake", mistake));
	if (mistakes->first[0] == '\0')
		str_copy(mistakes->first, mistakes->size, mistake);
}
