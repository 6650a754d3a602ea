#include <string.h>

#include "frame.h"
#include "scan.h"
#include "str.h"

#define TYPE_BIT(t)	(1u << (t))
#define OBJECT		TYPE_BIT(SCAN_OBJECT)
#define OBJECT_OR_NULL	(OBJECT | TYPE_BIT(SCAN_NULL))
#define ANY_TYPE	UINT32_MAX
#define NAME_MAX_BYTES	32	/* of a type; the longest of ours has 13 */
#define WORD(s)		(s), sizeof(s) - 1

enum target { TARGET_NONE, TARGET_OPTIONAL, TARGET_REQUIRED };

/* What a frame of each type must carry. */
static const struct {
	struct slice	 name;
	struct slice	 field;		/* n = 0: none */
	uint32_t	 types;		/* of the field's value */
	size_t		 max;		/* bytes of the value as sent; 0: the frame's limit is enough */
	enum target	 target;
} rule[FRAME_TYPES] = {
	[FRAME_OFFER]	   = { { WORD("offer") }, { WORD("offer") }, OBJECT, 0, TARGET_OPTIONAL },
	[FRAME_ANSWER]	   = { { WORD("answer") }, { WORD("answer") }, OBJECT, 0, TARGET_REQUIRED },
	[FRAME_CANDIDATE]  = { { WORD("ice-candidate") }, { WORD("candidate") }, OBJECT_OR_NULL, 0, TARGET_OPTIONAL },
	[FRAME_JOIN_CALL]  = { { WORD("join-call") }, { WORD("") }, 0, 0, TARGET_NONE },
	[FRAME_LEAVE_CALL] = { { WORD("leave-call") }, { WORD("") }, 0, 0, TARGET_NONE },
	[FRAME_MESSAGE]	   = { { WORD("message") }, { WORD("data") }, ANY_TYPE, LIMIT_FRAME_DATA, TARGET_OPTIONAL },
	[FRAME_STATE]	   = { { WORD("state") }, { WORD("state") }, OBJECT, LIMIT_FRAME_STATE, TARGET_NONE },
	[FRAME_PING]	   = { { WORD("ping") }, { WORD("") }, 0, 0, TARGET_NONE },
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
static enum frame_type find_type(struct slice);
static bool	check_id(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_value(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target_id(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	check_target_session(const struct scan_object *, struct frame *, struct frame_fault *);
static bool	fault(struct frame_fault *, enum frame_code, const char *);
static inline const struct scan_member *given(const struct scan_object *, const char *);

enum frame_code
frame_parse(const char *p, size_t n, struct frame *frame, struct frame_fault *fault_r)
{
	struct scan_object	object;
	enum scan_result	result;

	/* of the name at its end the first byte is enough */
	memset(frame, 0, offsetof(struct frame, target_session) + 1);
	frame->type = FRAME_TYPES;
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
	return type < FRAME_TYPES ? rule[type].name.p : "other";
}

/* An unknown type is told after the id has been read, so that the error can carry it. */
static bool
check_type(const struct scan_object *object, struct frame *frame, struct frame_fault *fault_r)
{
	const struct scan_member	*member = scan_find(object, "type");
	struct frame_fault		 ignored;

	if (member == NULL || member->type != SCAN_STRING) {
		(void)check_id(object, frame, &ignored);
		return fault(fault_r, member == NULL ? FRAME_MISSING_FIELD : FRAME_INVALID_FIELD, "type");
	}
	if (member->value.n <= LIMIT_FRAME_ID)
		frame->name = member->value;
	frame->type = find_type(member->value);
	if (frame->type < FRAME_TYPES)
		return true;
	(void)check_id(object, frame, &ignored);
	return fault(fault_r, FRAME_UNKNOWN_TYPE, NULL);
}

/* Nobody writes a type with escapes; but one may. */
static enum frame_type
find_type(struct slice value)
{
	char		name[NAME_MAX_BYTES];
	struct slice	text = { .p = value.p + 1, .n = value.n - 2 };
	unsigned	type;

	if (memchr(text.p, '\\', text.n) != NULL) {
		if (!scan_string(value, name, sizeof(name), &text.n))
			return FRAME_TYPES;
		text.p = name;
	}
	for (type = 0; type < FRAME_TYPES; type++)
		if (text.n == rule[type].name.n && memcmp(text.p, rule[type].name.p, text.n) == 0)
			break;
	return (enum frame_type)type;
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
	struct slice			 field = rule[frame->type].field;
	const struct scan_member	*member;

	if (field.n == 0)
		return true;
	member = scan_named(object, field);
	if (member == NULL)
		return fault(fault_r, FRAME_MISSING_FIELD, field.p);
	if ((rule[frame->type].types & TYPE_BIT(member->type)) == 0)
		return fault(fault_r, FRAME_INVALID_FIELD, field.p);
	if (rule[frame->type].max != 0 && member->value.n > rule[frame->type].max)
		return fault(fault_r, FRAME_TOO_LARGE, field.p);
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
static inline const struct scan_member *
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
