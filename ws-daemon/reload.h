/*
 * reload.h: what can change while the daemon runs, read anew and checked before
 * anything of it is used.
 */
#ifndef UNIO_RELOAD_H
#define UNIO_RELOAD_H

#include "conf.h"
#include "shard.h"
#include "token.h"
#include "turn.h"

/* Each is the caller's, and NULL once it has been handed on. */
struct reload {
	struct conf		*conf;
	struct token_ring	*ring;
	struct turn		*turn;
};

/* The secrets that the configuration names; false with a sentence in error_r, and nothing is there. */
NODISCARD bool	reload_secrets(const struct conf *conf, struct reload *reload_r, char *error_r, size_t error_size);
/* The same with the configuration itself, as it is for that one of the daemons. */
NODISCARD bool	reload_all(const char *conf_path, const struct shard *shard, struct reload *reload_r, char *error_r,
    size_t error_size);

#endif
