/*
 * ask.h: one line from standard input that must not be seen.
 */
#ifndef UNIO_ASK_H
#define UNIO_ASK_H

#include "base.h"

/*
 * Reads a line into dst without its end, asking with prompt and without an echo if
 * standard input is a terminal; false at the end of input, or when the line does
 * not fit or holds a NUL.  A signal that ends the program does so when the echo is back.
 */
NODISCARD bool	ask_secret(const char *prompt, char *dst, size_t size);

#endif
