#include <string.h>

#include "frame.h"
#include "scan.h"
#include "str.h"

#define TYPE_BIT(t)	(1u << (t))
#define OBJECT		TYPE_BIT(SCAN_OBJECT)
#define OBJECT_OR_NULL	(OBJECT | TYPE_BIT(SCAN_NULL))
#define ANY_TYPE	UINT32_MAX
#define NAME_MAX_BYTES	32	/* of a type; the longest of ours has 13 */

enum target { TARGET_NONE, TARGET_OPTIONAL, TARGET_REQUIRED };

/* What a frame of each type must carry. */
static const struct {
	const char	*name;
	const char	*field;		/* NULL: none */
	uint32_t	 types;		/* of the field's value */
	size_t		 max;		/* bytes of the value as sent; 0: the frame's limit is enough */
	enum target	 target;
} rule[FRAME_TYPES] = {
	[FRAME_OFFER]	   = { "offer",		"offer",     OBJECT, 0, TARGET_OPTIONAL },
	[FRAME_ANSWER]	   = { "answer",	"answer",    OBJECT, 0, TARGET_REQUIRED },
	[FRAME_CANDIDATE]  = { "ice-candidate",	"candidate", OBJECT_OR_NULL, 0, TARGET_OPTIONAL },
	[FRAME_JOIN_CALL]  = { "join-call",	NULL, 0, 0, TARGET_NONE },
	[FRAME_LEAVE_CALL] = { "leave-call",	NULL, 0, 0, TARGET_NONE },
	[FRAME_MESSAGE]	   = { "message",	"data",      ANY_TYPE, LIMIT_FRAME_DATA, TARGET_OPTIONAL },
	[FRAME_STATE]	   = { "state",		"state",     OBJECT, LIMIT_FRAME_STATE, TARGET_NONE },
	[FRAME_PING]	   = { "ping",		NULL, 0, 0, TARGET_NONE },
};

static const char *const code_name[] = {
	[FRAME_OK]		 = "ok",
	[FRAME_INVALID_JSON]	 = "invalid_json",
	[FRAME_UNKNOWN_TYPE]	 = "unknown_type",
	[FRAME_MISSING_FIELD]	 = "missing_field",
	[FRAME_INVALID_FIELD]	 = "invalid_field",
	[FRAME_TOO_LARGE]	 = "too_large",
	[FRAME_TARGET_NOT_FOUND] = "target_not_found",
	[FRAME_RATE_LIMITED]	 = "rate_limited",
};

static bool	check_type(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_id(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_value(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target_id(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target_session(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	fault(struct frame_fault *, enum frame_code, const char *);
static const struct scan_member *given(const struct scan_object *, const char *);

enum frame_code
frame_parse(const char *p, size_t n, struct frame *frame, struct frame_fault *fault_r)
{
	struct scan_object	object;
	enum scan_result	result;

	*frame = (struct frame){ .type = FRAME_TYPES };
	*fault_r = (struct frame_fault){ .code = FRAME_OK };
	result = scan_object(p, n, 0, &object);
	if (result == SCAN_DUPLICATE) {
		fault_r->code = FRAME_INVALID_FIELD;
		fault_r->field = object.offender;
	} else if (result != SCAN_OK) {
		fault_r->code = FRAME_INVALID_JSON;
	} else {
		(void)(check_type(&object, frame, fault_r) && check_id(&object, frame, fault_r) &&
		    check_value(&object, frame, fault_r) && check_target(&object, frame, fault_r));
	}
	return fault_r->code;
}

const char *
frame_code_name(enum frame_code code)
{
	return code_name[code];
}

const char *
frame_type_name(enum frame_type type)
{
	return type < FRAME_TYPES ? rule[type].name : "other";
}

/* An unknown type is told after the id has been read, so that the error can carry it. */
static bool
check_type(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const struct scan_member	*member = scan_find(object, "type");
	struct frame_fault		 ignored;
	char				 name[NAME_MAX_BYTES];
	size_t				 i, n;

	if (member == NULL || member->type != SCAN_STRING) {
		(void)check_id(object, frame, &ignored);
		return fault(fault_r, member == NULL ? FRAME_MISSING_FIELD : FRAME_INVALID_FIELD, "type");
	}
	if (member->value.n <= LIMIT_FRAME_ID)
		frame->name = member->value;
	if (scan_string(member->value, name, sizeof(name), &n)) {
		for (i = 0; i < FRAME_TYPES; i++) {
			if (strcmp(name, rule[i].name) == 0) {
				frame->type = (enum frame_type)i;
				return true;
			}
		}
	}
	(void)check_id(object, frame, &ignored);
	return fault(fault_r, FRAME_UNKNOWN_TYPE, NULL);
}

/* A string or a number, short; null is none. */
static bool
check_id(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const struct scan_member *member = given(object, "id");

	if (member == NULL)
		return true;
	if ((member->type != SCAN_STRING && member->type != SCAN_NUMBER) || member->value.n > LIMIT_FRAME_ID)
		return fault(fault_r, FRAME_INVALID_FIELD, "id");
	frame->id = member->value;
	return true;
}

static bool
check_value(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const char			*field = rule[frame->type].field;
	const struct scan_member	*member;

	if (field == NULL)
		return true;
	member = scan_find(object, field);
	if (member == NULL)
		return fault(fault_r, FRAME_MISSING_FIELD, field);
	if ((rule[frame->type].types & TYPE_BIT(member->type)) == 0)
		return fault(fault_r, FRAME_INVALID_FIELD, field);
	if (rule[frame->type].max != 0 && member->value.n > rule[frame->type].max)
		return fault(fault_r, FRAME_TOO_LARGE, field);
	frame->value = member->value;
	return true;
}

/* Both are checked, also where one decides, so that a mistake shows at once. */
static bool
check_target(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	if (rule[frame->type].target == TARGET_NONE)
		return true;
	if (!check_target_id(object, frame, fault_r) || !check_target_session(object, frame, fault_r))
		return false;
	if (rule[frame->type].target == TARGET_REQUIRED && !frame->targeted)
		return fault(fault_r, FRAME_MISSING_FIELD, "target_id");
	return true;
}

static bool
check_target_id(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const struct scan_member *member = given(object, "target_id");

	if (member == NULL)
		return true;
	if (member->type != SCAN_NUMBER || !scan_int(member->value, 1, INT64_MAX, &frame->target_id))
		return fault(fault_r, FRAME_INVALID_FIELD, "target_id");
	frame->targeted = true;
	return true;
}

static bool
check_target_session(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const struct scan_member	*member = given(object, "target_session");
	size_t				 n;

	if (member == NULL)
		return true;
	if (member->type != SCAN_STRING)
		return fault(fault_r, FRAME_INVALID_FIELD, "target_session");
	/* too long, or no text: a name that no session has */
	if (!scan_string(member->value, frame->target_session, sizeof(frame->target_session), &n) || n == 0)
		str_copy(frame->target_session, sizeof(frame->target_session), "?");
	frame->targeted = true;
	return true;
}

/* The member, unless it is absent or null. */
static const struct scan_member *
given(const struct scan_object *object, const char *key)
{
	const struct scan_member *member = scan_find(object, key);

	return member != NULL && member->type != SCAN_NULL ? member : NULL;
}

static bool
fault(struct frame_fault *fault_r, enum frame_code code, const char *field)
{
	fault_r->code = code;
	if (field != NULL)
		fault_r->field = str_slice(field);
	return false;
}
