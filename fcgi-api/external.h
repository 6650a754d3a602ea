/*
 * external.h: a caller whose token an external identity provider has made (provider.h, identity.h).
 *
 * The first token of a session writes: an account, perhaps, and a login session; in a transaction of its own, before
 * that of the request.  From then on it is one query, as with a token of ours.
 */
#ifndef UNIO_EXTERNAL_H
#define UNIO_EXTERNAL_H

#include "handle.h"
#include "service.h"

/* The token is the provider's to answer for; bool. */
bool		 external_is_meant(const struct service *s, struct slice token);
/* As auth_check(). */
NODISCARD int	 external_check(struct service *s, struct context *c, struct slice token, const char **reason_r);

#endif
