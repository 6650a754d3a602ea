/* frame: what a client's text frame says.  Input: the frame. */
#include "../../ws-daemon/frame.h"
#include "fuzz.h"
#include "scan.h"

static void	check_read(const struct frame *frame, struct slice text);
static void	check_fault(const struct frame_fault *fault, struct slice text);
static bool	is_json(struct slice value);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice		 text = { .p = (const char *)data, .n = size };
	struct frame		 frame;
	struct frame_fault	 fault;
	enum frame_code		 code = frame_parse(text.p, text.n, &frame, &fault);
	bool			 json = scan_text(text.p, text.n, 0) == SCAN_OK;

	FUZZ_CHECK(code == fault.code);
	FUZZ_CHECK(frame_code_name(code) != NULL);
	FUZZ_CHECK(json || code == FRAME_INVALID_JSON);
	check_read(&frame, text);
	if (code != FRAME_OK)
		check_fault(&fault, text);
	else
		FUZZ_CHECK(frame.type < FRAME_TYPES && frame.name.n > 0);
	return 0;
}

/* Whatever was read, error or not, may be sent to somebody as it stands. */
static void
check_read(const struct frame *frame, struct slice text)
{
	FUZZ_CHECK(fuzz_within(frame->name, text) && fuzz_within(frame->id, text) && fuzz_within(frame->value, text));
	FUZZ_CHECK(frame->name.n == 0 || (*frame->name.p == '"' && is_json(frame->name)));
	FUZZ_CHECK(frame->id.n == 0 || is_json(frame->id));
	FUZZ_CHECK(frame->value.n == 0 || is_json(frame->value));
	FUZZ_CHECK(frame->id.n <= LIMIT_FRAME_ID && frame->name.n <= LIMIT_FRAME_ID);
	FUZZ_CHECK(frame->target_id >= 0 && memchr(frame->target_session, '\0', sizeof(frame->target_session)) != NULL);
	FUZZ_CHECK(frame->targeted == (frame->target_id != 0 || *frame->target_session != '\0'));
	FUZZ_CHECK(frame->type != FRAME_MESSAGE || frame->value.n <= LIMIT_FRAME_DATA);
	FUZZ_CHECK(frame->type != FRAME_STATE || frame->value.n <= LIMIT_FRAME_STATE);
}

/* The field's name goes into the answer between quotes: it was a key. */
static void
check_fault(const struct frame_fault *fault, struct slice text)
{
	char	*quoted;

	FUZZ_CHECK(fault->field.n == 0 || fault->code != FRAME_INVALID_JSON);
	FUZZ_CHECK(fault->code != FRAME_MISSING_FIELD || fault->field.n > 0);
	if (!fuzz_within(fault->field, text) || fault->field.n == 0)
		return;
	quoted = mem_alloc(fault->field.n + 2);
	memcpy(quoted + 1, fault->field.p, fault->field.n);
	quoted[0] = quoted[fault->field.n + 1] = '"';
	FUZZ_CHECK(is_json((struct slice){ .p = quoted, .n = fault->field.n + 2 }));
	free(quoted);
}

static bool
is_json(struct slice value)
{
	return scan_text(value.p, value.n, 0) == SCAN_OK;
}
