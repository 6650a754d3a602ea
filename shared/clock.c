#include <string.h>
#include <time.h>

#include "clock.h"

/* 9999-12-31T23:59:59.999999Z: the last moment that RFC 3339 can write. */
#define LAST_US		INT64_C(253402300799999999)

static int64_t	 now_us(clockid_t id);
static char	*put_digits(char *p, int value, int width);
static bool	 take_digits(const char **s, int width, int min, int max, int *value_r);
static bool	 take_char(const char **s, const char *any);
static bool	 take_date(const char **s, struct tm *tm);
static bool	 take_fraction(const char **s, int64_t *us_r);
static bool	 take_offset(const char **s, int64_t *east_s_r);

int64_t
clock_wall_us(void)
{
	return now_us(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

/* Times outside 1970 to 9999, which nothing here makes, are written as the nearest end. */
void
clock_format(char dst[CLOCK_TEXT_SIZE], int64_t wall_us)
{
	struct tm tm;
	time_t s;
	char *p = dst;

	wall_us = MAX(0, MIN(wall_us, LAST_US));
	s = (time_t)(wall_us / US_PER_S);
	gmtime_r(&s, &tm);
	p = put_digits(p, tm.tm_year + 1900, 4);
	*p++ = '-';
	p = put_digits(p, tm.tm_mon + 1, 2);
	*p++ = '-';
	p = put_digits(p, tm.tm_mday, 2);
	*p++ = 'T';
	p = put_digits(p, tm.tm_hour, 2);
	*p++ = ':';
	p = put_digits(p, tm.tm_min, 2);
	*p++ = ':';
	p = put_digits(p, tm.tm_sec, 2);
	*p++ = '.';
	p = put_digits(p, (int)(wall_us % US_PER_S), 6);
	*p++ = 'Z';
	*p = '\0';
}

/* RFC 3339 5.6.  A leap second (:60) is refused: microseconds since 1970 cannot hold it. */
bool
clock_parse(const char *s, int64_t *wall_us_r)
{
	struct tm tm = { 0 };
	int64_t fraction_us, east_s, us;

	if (!take_date(&s, &tm) || !take_char(&s, "Tt") ||
	    !take_digits(&s, 2, 0, 23, &tm.tm_hour) || !take_char(&s, ":") ||
	    !take_digits(&s, 2, 0, 59, &tm.tm_min) || !take_char(&s, ":") ||
	    !take_digits(&s, 2, 0, 59, &tm.tm_sec) || !take_fraction(&s, &fraction_us) ||
	    !take_offset(&s, &east_s) || *s != '\0')
		return false;
	us = ((int64_t)timegm(&tm) - east_s) * US_PER_S + fraction_us;
	if (us < 0 || us > LAST_US)
		return false;
	*wall_us_r = us;
	return true;
}

static int64_t
now_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static char *
put_digits(char *p, int value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		p[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return p + width;
}

/* Exactly width digits, within [min, max]. */
static bool
take_digits(const char **s, int width, int min, int max, int *value_r)
{
	int value = 0;

	for (int i = 0; i < width; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return false;
		value = value * 10 + ((*s)[i] - '0');
	}
	if (value < min || value > max)
		return false;
	*s += width;
	*value_r = value;
	return true;
}

static bool
take_char(const char **s, const char *any)
{
	if (**s == '\0' || strchr(any, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

/* timegm() would take the 30th of February for the 1st of March, so what it makes is compared. */
static bool
take_date(const char **s, struct tm *tm)
{
	struct tm real;
	int year, month, day;

	if (!take_digits(s, 4, 1970, 9999, &year) || !take_char(s, "-") ||
	    !take_digits(s, 2, 1, 12, &month) || !take_char(s, "-") ||
	    !take_digits(s, 2, 1, 31, &day))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	real = *tm;
	timegm(&real);
	return real.tm_mon == tm->tm_mon;
}

static bool
take_fraction(const char **s, int64_t *us_r)
{
	int64_t us = 0, unit = US_PER_S;
	int digits = 0;

	if (take_char(s, ".")) {
		for (; **s >= '0' && **s <= '9'; (*s)++, digits++) {
			unit /= 10;
			us += (**s - '0') * unit;
		}
		if (digits == 0 || digits > 9)
			return false;
	}
	*us_r = us;
	return true;
}

static bool
take_offset(const char **s, int64_t *east_s_r)
{
	bool west = **s == '-';
	int hours, minutes;

	if (take_char(s, "Zz")) {
		*east_s_r = 0;
		return true;
	}
	if (!take_char(s, "+-") || !take_digits(s, 2, 0, 23, &hours) || !take_char(s, ":") ||
	    !take_digits(s, 2, 0, 59, &minutes))
		return false;
	*east_s_r = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}
