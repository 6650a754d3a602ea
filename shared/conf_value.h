/*
 * conf_value.h: one value of the configuration, to and from text; for conf*.c, and for
 * options that are spelled in the same way.
 */
#ifndef UNIO_CONF_VALUE_H
#define UNIO_CONF_VALUE_H

#include "buf.h"
#include "conf_key.h"

/* False if the text is not a value of that key; then why_r has the end of a sentence, "must …". */
NODISCARD bool	conf_value_set(struct conf *conf, const struct conf_key *key, const char *text, struct buf *why_r);
/* As a file would spell it. */
void		conf_value_print(const struct conf *conf, const struct conf_key *key, struct buf *out);
/* "12h", in microseconds; bool. */
NODISCARD bool	conf_value_duration(const char *text, int64_t *us_r);
void		conf_value_free(struct conf *conf, const struct conf_key *key);

#endif
