#include "schedule.h"
#include "str.h"

#define JITTER		5		/* a fifth */
#define RETRY_AFTER_MAX	(24 * 3600)	/* seconds; the longest pause is shorter anyway */

int64_t
schedule_pause(int64_t first_us, int64_t n, uint32_t chance)
{
	int64_t	pause = first_us, longest = first_us * SCHEDULE_LONGEST;

	while (n-- > 1 && pause < longest)
		pause *= SCHEDULE_FACTOR;
	pause = MIN(pause, longest);
	/* from four fifths up to six fifths */
	return pause - pause / JITTER + (int64_t)(chance % 1000) * (2 * pause / JITTER) / 1000;
}

int64_t
schedule_next(int64_t first_us, int64_t attempts, int64_t retry_after_us, int64_t give_up_us, int64_t now_us,
    uint32_t chance)
{
	int64_t	pause = schedule_pause(first_us, attempts, chance);

	if (now_us >= give_up_us)
		return 0;
	pause = MAX(pause, MIN(retry_after_us, first_us * SCHEDULE_LONGEST));
	return MIN(now_us + pause, give_up_us);
}

int64_t
schedule_alone(int64_t first_us, int64_t failures, int64_t now_us, uint32_t chance)
{
	if (!schedule_is_alone(failures))
		return 0;
	return now_us + schedule_pause(first_us, failures - SCHEDULE_FAILURES + 1, chance);
}

bool
schedule_is_alone(int64_t failures)
{
	return failures >= SCHEDULE_FAILURES;
}

int64_t
schedule_retry_after(struct slice value)
{
	int64_t	seconds;

	value = str_trim(value);
	if (!str_to_int(value.p, value.n, 0, RETRY_AFTER_MAX, &seconds))
		return 0;
	return seconds * US_PER_S;
}
