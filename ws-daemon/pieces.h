/*
 * pieces.h: a text message of the client's, as it comes: within its size, and UTF-8 as far
 * as it goes.
 *
 * One that comes whole, as nearly all do, is handed on where it lies; the others are
 * collected.  Pure.  What is collected belongs to whoever holds the pointer, which is NULL
 * between two messages.
 */
#ifndef UNIO_PIECES_H
#define UNIO_PIECES_H

#include "base.h"

struct pieces;

/*
 * Takes a piece, of whose frame `rest` bytes are still to come.  0, and after the last piece *text is the whole
 * message until pieces_free(); or the close code of what is wrong (closing.h).
 */
NODISCARD int	pieces_take(struct pieces **pieces, struct slice *text, size_t rest, bool last, size_t max);
void		pieces_free(struct pieces **pieces);

#endif
