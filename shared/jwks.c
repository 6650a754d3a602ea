#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "jwks.h"
#include "mem.h"

static const char	*read_file(const char *file, struct buf *text_r);
static const char	*read_whole(int fd, struct buf *text_r);
static const char	*read_keys(const struct json *json, struct jwks *set);
static bool		 has_twins(const struct jwks *set);

struct jwks *
jwks_read(const char *file, char *error_r, size_t error_size)
{
	struct jwks *set = mem_calloc(1, sizeof(*set));
	struct buf text = { 0 };
	struct json *json = NULL;
	const char *wrong = read_file(file, &text), *reason;

	if (wrong == NULL && (json = json_parse_object(text.data != NULL ? text.data : "", text.len, &reason)) == NULL)
		wrong = "is no JSON object, or has a key twice";
	if (wrong == NULL)
		wrong = read_keys(json, set);
	if (wrong == NULL && jwks_usable(set) == 0)
		wrong = "holds no key for RS256 or ES256";
	if (wrong == NULL && has_twins(set))
		wrong = "gives two keys the same kid";
	json_free(&json);
	buf_free(&text);
	if (wrong != NULL) {
		snprintf(error_r, error_size, "jwks_file %s: %s", file, wrong);
		jwks_free(&set);
	}
	return set;
}

void
jwks_free(struct jwks **set)
{
	if (*set == NULL)
		return;
	for (size_t i = 0; i < (*set)->count; i++)
		jwk_clear(&(*set)->key[i]);
	free(*set);
	*set = NULL;
}

const struct jwk *
jwks_find(const struct jwks *set, const char *kid, enum jwk_alg alg)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct jwk *jwk = &set->key[i];

		if (jwk->key == NULL || jwk->alg != alg)
			continue;
		if (kid == NULL ? jwks_usable(set) == 1 : strcmp(jwk->kid, kid) == 0)
			return jwk;
	}
	return NULL;
}

size_t
jwks_usable(const struct jwks *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->count; i++)
		n += set->key[i].key != NULL;
	return n;
}

/* NULL, or what is wrong with it. */
static const char *
read_file(const char *file, struct buf *text_r)
{
	const char *wrong;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return strerror(errno);
	wrong = read_whole(fd, text_r);
	close(fd);
	return wrong;
}

static const char *
read_whole(int fd, struct buf *text_r)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is not a file";
	if ((st.st_mode & S_IWOTH) != 0)
		return "may be written by anybody; its mode should be 0644";
	do {
		n = read(fd, buf_reserve(text_r, JWKS_FILE_MAX), JWKS_FILE_MAX);
		if (n == -1)
			return strerror(errno);
		text_r->len += (size_t)n;
	} while (n > 0 && text_r->len <= JWKS_FILE_MAX);
	return text_r->len > JWKS_FILE_MAX ? "is too large for a set of keys" : NULL;
}

static const char *
read_keys(const struct json *json, struct jwks *set)
{
	const struct json *keys;
	size_t n;

	if (json_get_array(json, "keys", &keys) != 1)
		return "has no array of keys";
	if ((n = json_array_length(keys)) > JWKS_KEYS)
		return "holds too many keys";
	for (size_t i = 0; i < n; i++)
		jwk_read(json_array_item(keys, i), &set->key[set->count++]);
	return NULL;
}

/* Which of them a token means could not be told. */
static bool
has_twins(const struct jwks *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->key[i].key != NULL && jwks_find(set, set->key[i].kid, set->key[i].alg) != &set->key[i])
			return true;
	return false;
}
