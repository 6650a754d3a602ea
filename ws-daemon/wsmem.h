/*
 * wsmem.h: the memory that libwebsockets asks for.
 *
 * The library reads from a connection at most as much at a time as the receive buffer
 * holds that it has reserved for it, but keeps in that buffer only what a ping, a pong or
 * a close frame carries, which is 125 bytes: text is unmasked and handed on where it was
 * read.  So that reads can be large and sessions small, it is told that it has what it
 * asked for, and given what it needs.  That is true of the version that is named here, and
 * of no other one before somebody has read it: lws_ws_rx_sm(), lws_parse_ws() and
 * lws_ws_frame_rest_is_payload() are all that touch the buffer (rx_ubuf).
 */
#ifndef UNIO_WSMEM_H
#define UNIO_WSMEM_H

#include "base.h"

/* How the string begins by which the library names a version of which all this is true. */
extern const char	 wsmem_version[];

/* As realloc(), and free() for a size of 0; `reason` is the library's name for what it wants. */
void			*wsmem_realloc(void *p, size_t size, const char *reason);

#endif
