/*
 * clock.h: the time, and how it is written.
 *
 * Wall time is microseconds since 1970-01-01T00:00:00Z; it is what is stored and
 * shown.  Monotonic time is for intervals.  Pure code never calls these: it is
 * passed the time.
 */
#ifndef UNIO_CLOCK_H
#define UNIO_CLOCK_H

#include "base.h"

#define CLOCK_TEXT_SIZE	28	/* "2024-01-15T10:30:45.123456Z" and a NUL */

int64_t		clock_wall_us(void);
int64_t		clock_mono_us(void);
/* RFC 3339 UTC with six digits of fraction. */
void		clock_format(char dst[CLOCK_TEXT_SIZE], int64_t wall_us);
/* RFC 3339 with any offset and 0 to 9 digits of fraction (cut to 6), years 1970 to 9999, real calendar dates; bool. */
NODISCARD bool	clock_parse(const char *s, int64_t *wall_us_r);

#endif
