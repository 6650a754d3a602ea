/*
 * wslog.h: the libwebsockets function that is called for each line that it might log.
 *
 * Debian's library is built with the lines of every level in it, many of them for each
 * frame, and looks at the level only after it has put the line's arguments together, two
 * calls further on.  A program's own function of the same name is called instead of a
 * library's (symbol interposition, ld.so(8)): this one looks first.  A library that is
 * linked so that it calls its own (-Bsymbolic) does as it always did.
 */
#ifndef UNIO_WSLOG_H
#define UNIO_WSLOG_H

/* Errors go on to the library's own way of telling them, as ws.c has asked; nothing else does. */
void	wslog_line(int level, const char *format, ...) __asm__("_lws_log");

#endif
