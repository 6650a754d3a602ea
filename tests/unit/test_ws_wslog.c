#include <stdio.h>

#include "../../ws-daemon/wslog.h"
#include "ws_support.h"

static char	said[64];
static int	times;

/* In the library's place. */
void	tell(int, const char *, va_list) __asm__("_lws_logv");

void
tell(int level, const char *format, va_list args)
{
	assert_int_equal(level, 1);
	vsnprintf(said, sizeof(said), format, args);
	times++;
}

static void
an_error_is_passed_on_with_its_arguments(void **state)
{
	(void)state;
	times = 0;
	wslog_line(1, "%s: %d", "overflow", 42);
	assert_int_equal(times, 1);
	assert_string_equal(said, "overflow: 42");
}

static void
nothing_else_is(void **state)
{
	int level;

	(void)state;
	times = 0;
	for (level = 2; level <= 1 << 12; level <<= 1)
		wslog_line(level, "%s", "no");
	assert_int_equal(times, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_passed_on_with_its_arguments),
		cmocka_unit_test(nothing_else_is),
	};

	return cmocka_run_group_tests_name("wslog", tests, NULL, NULL);
}
