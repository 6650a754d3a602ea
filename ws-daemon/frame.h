/*
 * frame.h: what a client's text frame says.
 *
 * One scan of the text, then one table decides what each type must carry.  Nothing
 * is copied: the slices point into the text that came in, so that a value is passed
 * on byte for byte.  Pure.
 */
#ifndef UNIO_FRAME_H
#define UNIO_FRAME_H

#include "base.h"
#include "sizes.h"

#define FRAME_TARGET	63	/* bytes of a target_session; ours are shorter, so a longer one is nobody */

enum frame_type {
	FRAME_OFFER,
	FRAME_ANSWER,
	FRAME_CANDIDATE,
	FRAME_JOIN_CALL,
	FRAME_LEAVE_CALL,
	FRAME_MESSAGE,
	FRAME_STATE,
	FRAME_PING,
	FRAME_TYPES
};

enum frame_code {
	FRAME_OK,
	FRAME_INVALID_JSON,
	FRAME_UNKNOWN_TYPE,
	FRAME_MISSING_FIELD,
	FRAME_INVALID_FIELD,
	FRAME_TOO_LARGE,
	FRAME_TARGET_NOT_FOUND,
	FRAME_RATE_LIMITED,
	FRAME_CODES
};

struct frame {
	enum frame_type	type;
	struct slice	name;		/* the type as sent, quotes included; n = 0: none that may be repeated */
	struct slice	id;		/* as sent; n = 0: none */
	struct slice	value;		/* of the type's own field, as sent */
	int64_t		target_id;	/* 0: none */
	bool		targeted;
	char		target_session[FRAME_TARGET + 1];	/* "": none, and it decides */
};

/* What is wrong with a frame; field is a key as sent, without quotes, n = 0: none. */
struct frame_fault {
	enum frame_code	code;
	struct slice	field;
};

/* FRAME_OK, or what is wrong in *fault_r; frame_r then holds as much as was read (name and id, for the error). */
NODISCARD enum frame_code frame_parse(const char *p, size_t n, struct frame *frame_r, struct frame_fault *fault_r);
/* "invalid_json" and so on. */
const char		*frame_code_name(enum frame_code code);
/* "ice-candidate" and so on; "other" for FRAME_TYPES. */
const char		*frame_type_name(enum frame_type type);

#endif
