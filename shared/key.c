#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "key.h"
#include "mem.h"
#include "sizes.h"
#include "str.h"

#define HEADING	"unio-keys 1"
#define NONE	"-"		/* no kid, no secret */
#define KID_NEW	8		/* characters: no two keys of a site have the same */
#define FIELDS	4

static const char *const state_names[] = {
	[KEY_ACTIVE] = "active",
	[KEY_VERIFY] = "verify",
	[KEY_RETIRED] = "retired",
};

static const char	*take_secret(struct key_set *set, struct slice text);
static const char	*take_keys(struct key_set *set, struct slice text);
static const char	*take_key(struct key_set *set, struct slice line);
static bool		 take_state(struct slice text, enum key_state *state_r);
static bool		 take_kid(struct slice text, char kid_r[KEY_KID + 1]);
static struct slice	 next_field(struct slice *rest, char end);
static void		 print_keys(const struct key_set *set, struct buf *out);
static bool		 replace(const char *file, const struct buf *text);
static bool		 write_draft(const char *file, int fd, const struct buf *text);
static bool		 sync_directory(const char *file);
static int		 open_directory(const char *file);

const char *
key_state_name(enum key_state state)
{
	return state_names[state];
}

struct key_set *
key_read(const char *file, char *error_r, size_t error_size)
{
	static const char heading[] = HEADING "\n";
	struct key_set *set = mem_calloc(1, sizeof(*set));
	char bytes[SECRET_FILE_MAX];
	struct slice text = { .p = bytes };
	const char *wrong;

	if (!secret_read(file, bytes, &text.n, error_r, error_size)) {
		key_free(&set);
		return NULL;
	}
	if (text.n >= sizeof(heading) - 1 && memcmp(bytes, heading, sizeof(heading) - 1) == 0)
		wrong = take_keys(set, (struct slice){ bytes + sizeof(heading) - 1, text.n - sizeof(heading) + 1 });
	else
		wrong = take_secret(set, str_trim(text));
	explicit_bzero(bytes, sizeof(bytes));
	if (wrong == NULL)
		return set;
	(void)secret_refuse(file, wrong, error_r, error_size);
	key_free(&set);
	return NULL;
}

void
key_free(struct key_set **set)
{
	if (*set == NULL)
		return;
	explicit_bzero(*set, sizeof(**set));
	free(*set);
	*set = NULL;
}

/* NULL, or what is wrong with it. */
static const char *
take_secret(struct key_set *set, struct slice text)
{
	static const char pem[] = "-----BEGIN";
	struct key *key = &set->key[set->count++];

	if (text.n < LIMIT_SECRET_MIN)
		return "the secret is shorter than 32 bytes";
	/* A public key as an HMAC secret is the oldest of the forgeries. */
	if (memcmp(text.p, pem, sizeof(pem) - 1) == 0)
		return "a PEM key is not a secret for HS256";
	memcpy(key->secret, text.p, text.n);
	key->n = text.n;
	return NULL;
}

static const char *
take_keys(struct key_set *set, struct slice text)
{
	const char *wrong = NULL;
	size_t active = 0;

	while (wrong == NULL && text.n > 0)
		wrong = take_key(set, next_field(&text, '\n'));
	for (size_t i = 0; i < set->count; i++)
		active += set->key[i].state == KEY_ACTIVE;
	return wrong != NULL ? wrong : active != 1 ? "one key must be active, and one alone" : NULL;
}

static const char *
take_key(struct key_set *set, struct slice line)
{
	struct slice field[FIELDS];
	struct key key = { .n = 0 };
	bool ok;

	for (size_t i = 0; i < FIELDS; i++)
		field[i] = next_field(&line, ' ');
	if (set->count == KEY_SET)
		return "it holds too many keys";
	ok = line.n == 0 && take_kid(field[0], key.kid) && take_state(field[1], &key.state) &&
	    str_to_int(field[2].p, field[2].n, 0, INT64_MAX, &key.since_s);
	if (ok && key_find(set, key.kid) != NULL)
		return "two of its keys have the same name";
	if (key.state == KEY_RETIRED)
		ok = ok && str_equal(field[3], NONE);
	else
		ok = ok && str_base64url_read(key.secret, field[3], &key.n) && key.n >= LIMIT_SECRET_MIN;
	if (ok)
		set->key[set->count++] = key;
	explicit_bzero(&key, sizeof(key));
	return ok ? NULL : "a line of it is not \"KID STATE SINCE SECRET\"";
}

/* Up to the end character, which goes with it. */
static struct slice
next_field(struct slice *rest, char end)
{
	const char *at = rest->n > 0 ? memchr(rest->p, end, rest->n) : NULL;
	size_t n = at != NULL ? (size_t)(at - rest->p) : rest->n;
	struct slice field = { .p = rest->p, .n = n };

	rest->p += n + (at != NULL);
	rest->n -= n + (at != NULL);
	return field;
}

static bool
take_kid(struct slice text, char kid_r[KEY_KID + 1])
{
	if (str_equal(text, NONE))
		text.n = 0;
	else if (text.n == 0 || text.n > KEY_KID)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!str_is_base64url(text.p[i]))
			return false;
	memcpy(kid_r, text.p, text.n);
	kid_r[text.n] = '\0';
	return true;
}

static bool
take_state(struct slice text, enum key_state *state_r)
{
	for (size_t i = 0; i < COUNTOF(state_names); i++)
		if (str_equal(text, state_names[i])) {
			*state_r = (enum key_state)i;
			return true;
		}
	return false;
}

bool
key_write(const char *file, const struct key_set *set, char *error_r, size_t error_size)
{
	struct buf text = { 0 };
	bool ok = false;

	print_keys(set, &text);
	if (text.len > SECRET_FILE_MAX)
		(void)secret_refuse(file, "these keys are too long for one file", error_r, error_size);
	else if (!(ok = replace(file, &text)))
		(void)secret_refuse(file, strerror(errno), error_r, error_size);
	explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return ok;
}

static void
print_keys(const struct key_set *set, struct buf *out)
{
	char secret[STR_BASE64URL_SIZE(SECRET_FILE_MAX)];

	buf_reserve(out, KEY_SET * 2 * sizeof(secret));	/* it does not move: nothing that must be wiped stays behind */
	buf_adds(out, HEADING "\n");
	for (size_t i = 0; i < set->count; i++) {
		const struct key *key = &set->key[i];

		str_base64url(secret, key->secret, key->n);
		buf_addf(out, "%s %s %lld %s\n", key->kid[0] != '\0' ? key->kid : NONE, state_names[key->state],
		    (long long)key->since_s, key->state == KEY_RETIRED ? NONE : secret);
	}
	explicit_bzero(secret, sizeof(secret));
}

/* Whoever reads meanwhile reads the old file or the new one, never a part. */
static bool
replace(const char *file, const struct buf *text)
{
	struct buf draft = { 0 };
	bool ok = false;
	int fd, saved;

	buf_addf(&draft, "%s.XXXXXX", file);
	if ((fd = mkostemp(draft.data, O_CLOEXEC)) != -1) {
		ok = write_draft(file, fd, text) && rename(draft.data, file) == 0 && sync_directory(file);
		saved = errno;
		close(fd);
		if (!ok)
			unlink(draft.data);
		errno = saved;
	}
	buf_free(&draft);
	return ok;
}

static bool
write_draft(const char *file, int fd, const struct buf *text)
{
	struct stat st;

	if (stat(file, &st) == -1 || fchown(fd, st.st_uid, st.st_gid) == -1 || fchmod(fd, st.st_mode & 0640) == -1)
		return false;
	return write(fd, text->data, text->len) == (ssize_t)text->len && fsync(fd) == 0;
}

static bool
sync_directory(const char *file)
{
	int fd = open_directory(file);
	bool ok = fd != -1 && fsync(fd) == 0;

	if (fd != -1)
		close(fd);
	return ok;
}

/* The file itself is replaced, so that its directory must bear the lock. */
int
key_lock(const char *file)
{
	int fd = open_directory(file);

	if (fd != -1 && flock(fd, LOCK_EX) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
open_directory(const char *file)
{
	char *copy = mem_strdup(file);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	return fd;
}

const struct key *
key_active(const struct key_set *set)
{
	size_t i = 0;

	while (set->key[i].state != KEY_ACTIVE)
		i++;
	return &set->key[i];
}

struct key *
key_find(struct key_set *set, const char *kid)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->key[i].kid, kid) == 0)
			return &set->key[i];
	return NULL;
}

/* The oldest that is retired gives way: who would still ask for it? */
bool
key_rotate(struct key_set *set, int64_t now_s)
{
	struct key *former = key_find(set, key_active(set)->kid), *key;
	size_t i = 0;

	former->state = KEY_VERIFY;
	former->since_s = now_s;
	while (i < set->count && (set->count < KEY_SET || set->key[i].state != KEY_RETIRED))
		i++;
	if (i == KEY_SET) {
		former->state = KEY_ACTIVE;
		return false;
	}
	if (i < set->count)
		memmove(&set->key[i], &set->key[i + 1], (--set->count - i) * sizeof(*key));
	key = &set->key[set->count++];
	*key = (struct key){ .state = KEY_ACTIVE, .since_s = now_s, .n = LIMIT_SECRET_MIN };
	do {
		str_random(key->kid, KID_NEW);
	} while (key->kid[0] == '-' || key_find(set, key->kid) != key);	/* no command line takes it for an option */
	str_random_bytes(key->secret, key->n);
	return true;
}

bool
key_retire(struct key *key, int64_t now_s)
{
	if (key->state == KEY_ACTIVE)
		return false;
	key->state = KEY_RETIRED;
	key->since_s = now_s;
	explicit_bzero(key->secret, sizeof(key->secret));
	key->n = 0;
	return true;
}
