/*
 * sdp: no participant learns another's address in a meeting with ice_policy relay.  Input: a value as a client
 * sent it.  What comes out is read by cJSON, as a browser would read it, and looked through line by line.
 */
#include <arpa/inet.h>

#include <cjson/cJSON.h>

#include "../../ws-daemon/sdp.h"
#include "fuzz.h"
#include "scan.h"

static void	check_node(const cJSON *node);
static void	check_text(const char *text);
static void	check_line(const char *line, size_t n);
static bool	is_relay(const char *line);
static void	check_word(char *line, const char *start, size_t index);
static bool	has(const char *line, const char *what);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice	 text = { .p = (const char *)data, .n = size };
	struct buf	 out = { .data = NULL }, twice = { .data = NULL };
	cJSON		*root;

	(void)sdp_is_relay(text);
	sdp_hide(text, &out);
	FUZZ_CHECK(out.len <= 3 * text.n + 8);	/* 0.0.0.0 may stand where there was nothing */
	if (scan_text(text.p, text.n, 0) == SCAN_OK) {
		FUZZ_CHECK(scan_text(out.data, out.len, 0) == SCAN_OK);
		sdp_hide((struct slice){ .p = out.data, .n = out.len }, &twice);
		FUZZ_CHECK(twice.len == out.len && memcmp(twice.data, out.data, out.len) == 0);
	}
	if (scan_text(text.p, text.n, SCAN_TEXT) == SCAN_OK) {
		root = cJSON_ParseWithLength(out.data, out.len);
		FUZZ_CHECK(root != NULL);
		check_node(root);
		cJSON_Delete(root);
	}
	buf_free(&out);
	buf_free(&twice);
	return 0;
}

static void
check_node(const cJSON *node)
{
	const cJSON *child;

	if (node->string != NULL)
		check_text(node->string);
	if (cJSON_IsString(node))
		check_text(node->valuestring);
	cJSON_ArrayForEach(child, node)
		check_node(child);
}

static void
check_text(const char *text)
{
	size_t n;

	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, "\r\n");
		check_line(text, n);
	}
}

static void
check_line(const char *text, size_t n)
{
	char	*line = mem_strndup(text, n);

	if (has(line, "a=candidate:") || strncmp(line, "candidate:", 10) == 0) {
		FUZZ_CHECK(is_relay(line));
	} else {
		FUZZ_CHECK(strncmp(line, "a=remote-candidates:", 20) != 0);
		check_word(line, "c=", 2);
		check_word(line, "o=", 5);
		check_word(line, "a=rtcp:", 3);
	}
	free(line);
}

static bool
has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

/* The seventh and eighth word, by single spaces. */
static bool
is_relay(const char *line)
{
	for (int i = 0; i < 6; i++)
		if ((line = strchr(line, ' ')) == NULL)
			return false;
		else
			line++;
	return strncmp(line, "typ relay", 9) == 0 && (line[9] == ' ' || line[9] == '\0');
}

/* No other address than the unspecified one and loopback stands where the line has its address. */
static void
check_word(char *line, const char *start, size_t index)
{
	unsigned char	 address[16];
	char		*word = line;

	if (strncmp(line, start, strlen(start)) != 0)
		return;
	for (; index > 0 && word != NULL; index--) {
		word = strchr(word, ' ');
		word = word != NULL ? word + 1 : NULL;
	}
	if (word == NULL)
		return;
	word[strcspn(word, " ")] = '\0';
	if (strcmp(word, "0.0.0.0") == 0 || strcmp(word, "127.0.0.1") == 0 || strcmp(word, "::") == 0 ||
	    strcmp(word, "::1") == 0)
		return;
	FUZZ_CHECK(inet_pton(AF_INET, word, address) != 1 && inet_pton(AF_INET6, word, address) != 1);
}
