/*
 * identity.h: who the subject of an external identity provider (provider.h) is here, and in which login session.
 *
 * A subject is known by issuer and sub for ever; its e-mail address matters once, when it comes for the first time.
 * Each session of the provider (sid) is a login session here, an ordinary row of `login`: what ends that one, ends
 * the session's tokens for good, also those that the provider issues later.  Tokens without sid share one login
 * session for a subject; one that is issued after its end opens the next.  And no login session is opened by a token
 * that was issued before the user's last one was revoked: it may have been meant.
 *
 * Whose account was erased stays nobody here, whatever the provider says: a digest of issuer and sub is kept, and
 * nothing else, until an operator lifts it.
 */
#ifndef UNIO_IDENTITY_H
#define UNIO_IDENTITY_H

#include "audit.h"
#include "base.h"
#include "conf.h"
#include "db.h"
#include "event.h"
#include "mem.h"
#include "provider.h"

enum identity_verdict {
	IDENTITY_ADMITTED,
	IDENTITY_STRANGER,	/* no account is its, and none is made for it */
	IDENTITY_NO_EMAIL,	/* the token has no e-mail address that the provider has verified */
	IDENTITY_EMAIL_TAKEN,	/* the address belongs to an account that is not its */
	IDENTITY_DISABLED,
	IDENTITY_ENDED,		/* its login session, or that of which it could be */
	IDENTITY_ERASED		/* its account was erased, and nobody has let it back in */
};

/* What a site allows. */
struct identity_rules {
	bool	provision;	/* an account is made for whoever is new */
	bool	link_email;	/* whoever is new gets the account of its e-mail address, unless an administrator's */
	int64_t	keep_us;	/* how long a login session is remembered after its last token's end */
};

struct identity {
	int64_t	user_id;
	int64_t	login_id;
};

struct identity_rules	 identity_rules(const struct conf *conf);

/* A login session that lives, and need not be written to: 1, else 0 (ask identity_admit()), -1. */
NODISCARD int	 identity_find(struct db *db, const struct provider_claims *claims, const struct identity_rules *rules,
    struct identity *identity_r);
/*
 * Within a transaction that writes: finds or makes account, identity and login session.  address and agent: of the
 * client.  0/-1; the identity only if ADMITTED.  Commit in any case.
 */
NODISCARD int	 identity_admit(struct db *db, struct arena *arena, struct event_list *events,
    struct audit_list *audit, const struct provider_claims *claims, const struct identity_rules *rules,
    const char *address, const char *agent, int64_t now_us, enum identity_verdict *verdict_r,
    struct identity *identity_r);
/* A sentence for a person. */
const char	*identity_verdict_text(enum identity_verdict verdict);
/* Nobody is this user any more by a provider's token, nor somebody new; 0/-1. */
NODISCARD int	 identity_erase(struct db *db, int64_t user_id);
/* Who was erased may come as somebody new; 1, 0 nobody like that was, -1. */
NODISCARD int	 identity_readmit(struct db *db, const char *issuer, const char *subject);

#endif
