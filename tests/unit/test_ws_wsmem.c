/* wsmem: what the library gets when it asks for memory. */
#include <malloc.h>

#include "../../ws-daemon/wsmem.h"
#include "ws_support.h"

static void
a_receive_buffer_has_room_for_a_control_frame_and_no_more(void **state)
{
	size_t	 most = 16 + 125 + 1;	/* the library's margin, RFC 6455 5.5, a NUL */
	char	*p = wsmem_realloc(NULL, 16 * 1024, "rx_ubuf");

	(void)state;
	assert_in_range(malloc_usable_size(p), most, most + 32);
	memset(p, 'x', most);
	assert_null(wsmem_realloc(p, 0, "lws_free"));
}

static void
all_else_is_as_it_was_asked_for(void **state)
{
	char	*p = wsmem_realloc(NULL, 10000, "ah data");
	char	*small = wsmem_realloc(NULL, 20, "rx_ubuf");

	(void)state;
	assert_true(malloc_usable_size(p) >= 10000);
	memset(p, 'x', 10000);
	p = wsmem_realloc(p, 20000, "ah data");
	assert_true(malloc_usable_size(p) >= 20000);
	assert_int_equal(p[9999], 'x');
	assert_null(wsmem_realloc(p, 0, "lws_free"));
	assert_in_range(malloc_usable_size(small), 20, 60);
	assert_null(wsmem_realloc(small, 0, "lws_free"));
	assert_null(wsmem_realloc(NULL, 0, "lws_free"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receive_buffer_has_room_for_a_control_frame_and_no_more),
		cmocka_unit_test(all_else_is_as_it_was_asked_for),
	};

	return cmocka_run_group_tests_name("wsmem", tests, NULL, NULL);
}
