/*
 * emit.h: writes JSON into a buffer, correct by construction.
 *
 *	struct emit e = emit_into(&buf);
 *	emit_object(&e, NULL);
 *	emit_text(&e, "status", "healthy");
 *	emit_end(&e);
 *
 * key is NULL at the top level and inside arrays.  Control characters, quotes and
 * backslashes are escaped; a byte that is not well-formed UTF-8, which nothing
 * should have let in, becomes U+FFFD.  U+2028, U+2029 and "</" stand as they are:
 * replies are not HTML.  At most 64 levels.
 */
#ifndef UNIO_EMIT_H
#define UNIO_EMIT_H

#include "base.h"
#include "buf.h"

struct emit {
	struct buf	*out;
	uint64_t	 arrays;	/* bit d: level d is an array */
	unsigned	 depth;
	bool		 comma;
};

struct emit	emit_into(struct buf *out);
void		emit_object(struct emit *e, const char *key);
void		emit_array(struct emit *e, const char *key);
void		emit_end(struct emit *e);
/* NULL writes null. */
void		emit_text(struct emit *e, const char *key, const char *text);
void		emit_slice(struct emit *e, const char *key, struct slice text);
void		emit_int(struct emit *e, const char *key, int64_t number);
void		emit_bool(struct emit *e, const char *key, bool value);
void		emit_null(struct emit *e, const char *key);
/* RFC 3339 UTC with microseconds; 0 writes null. */
void		emit_time(struct emit *e, const char *key, int64_t wall_us);
/* JSON that is already JSON. */
void		emit_raw(struct emit *e, const char *key, struct slice json);
/* One quoted, escaped string, for code that frames by hand. */
void		emit_quoted(struct buf *out, const char *p, size_t n);

#endif
