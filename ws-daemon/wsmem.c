#include <stdlib.h>
#include <string.h>

#include "wsmem.h"

/* The library's own margin before a payload (LWS_PRE), the longest of a control frame (RFC 6455 5.5), and a NUL. */
#define MARGIN		16
#define CONTROL_MAX	125
#define CONTROL_BUFFER	(MARGIN + CONTROL_MAX + 1)

const char wsmem_version[] = "4.1.6";

void *
wsmem_realloc(void *p, size_t size, const char *reason)
{
	if (size == 0) {
		free(p);
		return NULL;
	}
	if (p == NULL && strcmp(reason, "rx_ubuf") == 0)
		size = MIN(size, CONTROL_BUFFER);
	return realloc(p, size);
}
