/*
 * conf_key.h: the table of configuration keys, for conf*.c alone.
 */
#ifndef UNIO_CONF_KEY_H
#define UNIO_CONF_KEY_H

#include "conf.h"

enum conf_kind {
	CONF_TEXT,		/* char *; rule says what is allowed */
	CONF_SWITCH,		/* bool; yes or no */
	CONF_WORD,		/* int64_t; an index into words */
	CONF_NUMBER,		/* int64_t; the rest too */
	CONF_DURATION,		/* microseconds */
	CONF_SIZE		/* bytes */
};

struct conf_key {
	const char		*name;
	const char		*fallback;	/* the default, as a file would spell it */
	const char		*help;
	const char *const	*words;		/* ends with NULL */
	/* NULL, or what is wrong with the text: "must …". */
	const char		*(*rule)(const char *text);
	int64_t			 min;
	int64_t			 max;
	size_t			 offset;	/* in struct conf */
	enum conf_kind		 kind;
};

/* In the order of struct conf and of the documentation; NULL past the end. */
const struct conf_key	*conf_key_at(size_t i);
const struct conf_key	*conf_key_find(const char *name);

#endif
