#include <stdarg.h>

#include "wslog.h"

#define LEVEL_ERROR	1	/* LLL_ERR */

/* The library's, to which its own _lws_log() passes everything. */
extern void	wslog_tell(int, const char *, va_list) __asm__("_lws_logv");

/* Many times for each frame, to do nothing; there is no array here that anything is written to by a length. */
__attribute__((no_stack_protector)) void
wslog_line(int level, const char *format, ...)
{
	va_list args;

	if (level != LEVEL_ERROR)
		return;
	va_start(args, format);
	wslog_tell(level, format, args);
	va_end(args);
}
