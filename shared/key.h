/*
 * key.h: the file of the keys that access tokens are signed with.
 *
 * Either one secret and nothing else, as the first start makes it, or, once a key has
 * been replaced, a heading and a key a line:
 *
 *	unio-keys 1
 *	- verify 1763827200 <secret>
 *	k3Zs81aQ active 1763830800 <secret>
 *
 * that is the kid that tokens name (RFC 7515 4.1.4; "-": they name none), the state, since
 * when (seconds), and the secret in base64url ("-" once it is retired).  One key is
 * active: it signs.  Those to verify are only believed.  A retired one is remembered so
 * that its name is not given again.
 *
 * A set is the caller's, and is wiped when it is freed.
 */
#ifndef UNIO_KEY_H
#define UNIO_KEY_H

#include "base.h"
#include "secret.h"

#define KEY_KID		16	/* characters of A-Za-z0-9_- at most; ours have 8 */
#define KEY_SET		12	/* keys of a file, retired ones included */

enum key_state { KEY_ACTIVE, KEY_VERIFY, KEY_RETIRED };

struct key {
	char		kid[KEY_KID + 1];	/* "": tokens that name none */
	enum key_state	state;
	int64_t		since_s;		/* 0: nobody knows */
	size_t		n;
	char		secret[SECRET_FILE_MAX];
};

struct key_set {
	size_t		count;
	struct key	key[KEY_SET];
};

const char	*key_state_name(enum key_state state);

/* NULL with a sentence in error_r. */
struct key_set	*key_read(const char *file, char *error_r, size_t error_size);
void		 key_free(struct key_set **set);
/* Takes the file's place in one step, with the same owner and mode: 0600 at most 0640; false with a sentence. */
NODISCARD bool	 key_write(const char *file, const struct key_set *set, char *error_r, size_t error_size);
/*
 * Who changes the file holds this: one at a time, from reading to writing.  A descriptor to be closed, or -1 with
 * errno.
 */
NODISCARD int	 key_lock(const char *file);

/* The one that signs. */
const struct key *key_active(const struct key_set *set);
/* Any state; NULL: none of that name. */
struct key	*key_find(struct key_set *set, const char *kid);

/* A new one signs from now on, the former is only believed; false: there are too many. */
NODISCARD bool	 key_rotate(struct key_set *set, int64_t now_s);
/* It is not believed any more; false: it signs. */
NODISCARD bool	 key_retire(struct key *key, int64_t now_s);

#endif
