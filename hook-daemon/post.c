#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "bounds.h"
#include "mem.h"
#include "post.h"
#include "schedule.h"
#include "str.h"

struct post {
	CURLM			*multi;
	struct post_message	*messages;	/* under way */
};

struct post_message {
	struct post_message	*next;
	CURL			*curl;
	struct curl_slist	*headers;
	void			*arg;
	size_t			 received;
	int64_t			 retry_after;
	bool			 head_is_whole;
	char			 error[CURL_ERROR_SIZE];
};

static CURL	*open_curl(struct post_message *message, const struct post_request *request);
static void	 add_header(struct post_message *message, const char *fmt, ...) PRINTF_LIKE(2, 3);
static size_t	 on_body(char *data, size_t size, size_t n, void *arg);
static size_t	 on_header(char *data, size_t size, size_t n, void *arg);
static size_t	 receive(struct post_message *message, size_t n);
static void	 judge(const struct post_message *message, CURLcode code, struct post_answer *answer_r);
static void	 free_message(struct post *post, struct post_message *message);

struct post *
post_new(void)
{
	struct post *post = mem_calloc(1, sizeof(*post));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (post->multi = curl_multi_init()) == NULL)
		abort();
	return post;
}

void
post_free(struct post **postp)
{
	struct post *post = *postp;

	*postp = NULL;
	if (post == NULL)
		return;
	while (post->messages != NULL)
		free_message(post, post->messages);
	curl_multi_cleanup(post->multi);
	curl_global_cleanup();
	free(post);
}

void
post_start(struct post *post, const struct post_request *request, void *arg)
{
	struct post_message *message = mem_calloc(1, sizeof(*message));

	message->arg = arg;
	add_header(message, "Content-Type: application/json");
	add_header(message, "Expect:");	/* no question whether it may be sent: a receiver may not answer that */
	add_header(message, "webhook-id: %s", request->id);
	add_header(message, "webhook-timestamp: %lld", (long long)request->time_s);
	add_header(message, "webhook-signature: %s", request->signature);
	message->curl = open_curl(message, request);
	message->next = post->messages;
	post->messages = message;
	if (curl_multi_add_handle(post->multi, message->curl) != CURLM_OK)
		abort();
}

/* Aborts when out of memory, as everything here does.  SSL_CERT_FILE is OpenSSL's own name for whom to trust. */
static CURL *
open_curl(struct post_message *message, const struct post_request *request)
{
	const char *authorities = getenv("SSL_CERT_FILE");
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		abort();
	if (authorities != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
	/* with a file alone the authorities are read once, and not for every connection */
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, message);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message->error);
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
	curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request->body.p);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, message->headers);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "unio-hookd/" UNIO_VERSION);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	/* a name server that does not answer would be waited for at the end of the message, and all others with it */
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(MIN(request->timeout, BOUND_CONNECT) / US_PER_MS));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(request->timeout / US_PER_MS));
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, message);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, message);
	return curl;
}

static void
add_header(struct post_message *message, const char *fmt, ...)
{
	char line[512];	/* two signatures are the longest */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if ((message->headers = curl_slist_append(message->headers, line)) == NULL)
		abort();
}

void
post_wait(struct post *post, const int watched[POST_WATCHED], int64_t timeout_us)
{
	struct curl_waitfd watch[POST_WATCHED];
	unsigned n = 0;
	int running;

	for (size_t i = 0; i < POST_WATCHED; i++)
		if (watched[i] != -1)
			watch[n++] = (struct curl_waitfd){ .fd = watched[i], .events = CURL_WAIT_POLLIN };
	curl_multi_perform(post->multi, &running);
	curl_multi_poll(post->multi, watch, n, (int)(timeout_us / US_PER_MS), NULL);
	curl_multi_perform(post->multi, &running);
}

bool
post_next(struct post *post, struct post_answer *answer_r)
{
	struct post_message *message;
	char *private;
	CURLMsg *msg;
	int left;

	do {
		if ((msg = curl_multi_info_read(post->multi, &left)) == NULL)
			return false;
	} while (msg->msg != CURLMSG_DONE);
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
	message = (struct post_message *)(void *)private;
	judge(message, msg->data.result, answer_r);
	free_message(post, message);
	return true;
}

/* The head decides: who says 200 and then hangs, or sends without end, has said 200. */
static void
judge(const struct post_message *message, CURLcode code, struct post_answer *answer_r)
{
	struct post_answer answer = { .arg = message->arg };
	long status = 0;

	curl_easy_getinfo(message->curl, CURLINFO_RESPONSE_CODE, &status);
	if (message->head_is_whole) {
		answer.status = status;
		answer.retry_after = message->retry_after;
		answer.taken = status >= 200 && status < 300;
	}
	if (answer.taken)
		;
	else if (status >= 300 && status < 400 && message->head_is_whole)
		snprintf(answer.error, sizeof(answer.error), "HTTP status %ld: redirects are not followed", status);
	else if (message->head_is_whole)
		snprintf(answer.error, sizeof(answer.error), "HTTP status %ld", status);
	else
		str_copy(answer.error, sizeof(answer.error),
		    message->error[0] != '\0' ? message->error : curl_easy_strerror(code));
	*answer_r = answer;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	return receive(arg, size * n);
}

/* Each line of the head, of interim answers (1xx) too; the empty one ends it. */
static size_t
on_header(char *data, size_t size, size_t n, void *arg)
{
	static const char retry_after[] = "Retry-After:";
	struct post_message *message = arg;
	size_t skip = sizeof(retry_after) - 1;
	long status = 0;

	n *= size;
	if (n > 5 && strncmp(data, "HTTP/", 5) == 0)
		message->retry_after = 0;
	else if (n > skip && strncasecmp(data, retry_after, skip) == 0)
		message->retry_after = schedule_retry_after((struct slice){ .p = data + skip, .n = n - skip });
	else if (n <= 2 && curl_easy_getinfo(message->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		message->head_is_whole = status >= 200;
	return receive(message, n);
}

static size_t
receive(struct post_message *message, size_t n)
{
	message->received += n;
	return message->received <= BOUND_ANSWER ? n : 0;
}

static void
free_message(struct post *post, struct post_message *message)
{
	struct post_message **link = &post->messages;

	while (*link != message)
		link = &(*link)->next;
	*link = message->next;
	curl_multi_remove_handle(post->multi, message->curl);
	curl_easy_cleanup(message->curl);
	curl_slist_free_all(message->headers);
	free(message);
}
