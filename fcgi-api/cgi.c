#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi.h"
#include "clock.h"
#include "log.h"
#include "service.h"

static void	read_body(struct request *request, int64_t timeout_us);
static bool	wait_for_more(int64_t deadline_us);
static bool	write_all(const struct buf *out);

bool
cgi_is_wanted(void)
{
	return getenv("GATEWAY_INTERFACE") != NULL;
}

int
cgi_run(const struct conf *conf)
{
	struct service service;
	struct request request = { 0 };
	struct buf out = { 0 };
	bool ok;

	if (service_open_once(&service, conf) != 0)
		return 1;	/* the web server answers with its own 500; the log says why */
	request_start(&request, environ);
	read_body(&request, conf->request_timeout);
	service_answer(&service, &request, &out);
	ok = write_all(&out);
	buf_free(&out);
	buf_free(&request.body);
	service_close(&service);
	return ok ? 0 : 1;
}

/* Exactly CONTENT_LENGTH bytes (RFC 3875 4.2): the end of the file may never come, nor may they. */
static void
read_body(struct request *request, int64_t timeout_us)
{
	int64_t deadline_us = clock_mono_us() + timeout_us;
	int64_t left = 0;

	if (request_length(request, &left) < 0)
		request->body_state = REQUEST_BODY_CUT;
	else if (left > LIMIT_BODY) {
		request->body_state = REQUEST_BODY_TOO_LARGE;
		return;
	}
	while (left > 0) {
		ssize_t n = -1;

		if (wait_for_more(deadline_us))
			n = read(STDIN_FILENO, buf_reserve(&request->body, (size_t)left), (size_t)left);
		else
			errno = ETIMEDOUT;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			request->body_state = REQUEST_BODY_CUT;
			return;
		}
		request->body.len += (size_t)n;
		left -= n;
	}
}

/* The end and an error are more, too: read(2) tells them. */
static bool
wait_for_more(int64_t deadline_us)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t left_us;
	int n;

	do {
		left_us = MAX(deadline_us - clock_mono_us(), 0);
		n = poll(&in, 1, (int)MIN(left_us / US_PER_MS + 1, INT32_MAX));
	} while (n == 0 ? left_us > 0 : n < 0 && errno == EINTR);
	return n != 0;
}

static bool
write_all(const struct buf *out)
{
	for (size_t done = 0; done < out->len;) {
		ssize_t n = write(STDOUT_FILENO, out->data + done, out->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			log_warn("reply", LOG_ERRNO());
			return false;
		}
		done += (size_t)n;
	}
	return true;
}
