#include <stdlib.h>

#include "buf.h"
#include "closing.h"
#include "mem.h"
#include "pieces.h"
#include "wire.h"

struct pieces {
	struct buf		 text;
	struct wire_text	 state;		/* a character that is cut */
};

int
pieces_take(struct pieces **piecesp, struct slice *text, size_t rest, bool last, size_t max)
{
	struct pieces		*pieces = *piecesp;
	struct wire_text	 whole = { .missing = 0 };

	if ((pieces != NULL ? pieces->text.len : 0) + text->n + rest > max)
		return CLOSING_TOO_BIG;
	if (pieces == NULL && last)
		return wire_text(&whole, text->p, text->n, true) ? 0 : CLOSING_NO_TEXT;
	if (pieces == NULL)
		pieces = *piecesp = mem_calloc(1, sizeof(*pieces));
	if (!wire_text(&pieces->state, text->p, text->n, last))
		return CLOSING_NO_TEXT;
	buf_add(&pieces->text, text->p, text->n);
	*text = (struct slice){ .p = pieces->text.data, .n = pieces->text.len };
	return 0;
}

void
pieces_free(struct pieces **piecesp)
{
	struct pieces *pieces = *piecesp;

	*piecesp = NULL;
	if (pieces == NULL)
		return;
	buf_free(&pieces->text);
	free(pieces);
}
