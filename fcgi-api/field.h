/*
 * field.h: the fields of a request's body, read with their limits.
 *
 * Each answers 1 found, 0 absent, -1 refused: the reply then holds the 400 that names
 * the field.  Required ones answer true, or false after the same.
 */
#ifndef UNIO_FIELD_H
#define UNIO_FIELD_H

#include "handle.h"

/* Text of 1 (0 if may_be_empty) to max characters, none of them a control character. */
struct field_text {
	const char	*name;
	size_t		 max;
	bool		 may_be_empty;
	bool		 lines;		/* newline and tab may stand in it */
};

NODISCARD int	field_text(const struct context *c, struct reply *r, const struct field_text *field,
    const char **text_r);
NODISCARD bool	field_text_required(const struct context *c, struct reply *r, const struct field_text *field,
    const char **text_r);
/* A string of at most max bytes that is not empty: what is compared, never shown. */
NODISCARD bool	field_secret(const struct context *c, struct reply *r, const char *name, size_t max,
    const char **text_r);
/* A password as one may be chosen: LIMIT_PASSWORD_MIN to LIMIT_PASSWORD_MAX bytes. */
NODISCARD bool	field_new_password(const struct context *c, struct reply *r, const char *name, const char **text_r);
/* A positive id. */
NODISCARD int	field_id(const struct context *c, struct reply *r, const char *name, int64_t *id_r);
NODISCARD bool	field_id_required(const struct context *c, struct reply *r, const char *name, int64_t *id_r);
/* RFC 3339; null gives 0. */
NODISCARD int	field_time(const struct context *c, struct reply *r, const char *name, int64_t *time_r);

#endif
