#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <fcgiapp.h>

#include "clock.h"
#include "fcgi.h"
#include "log.h"
#include "mem.h"

#define ACCEPT_SAY	US_PER_S	/* between two lines about it */
#define ACCEPT_PAUSE_MS	100	/* after an error that will still be one at once, such as too few descriptors */

struct fcgi {
	FCGX_Request	request;
	int64_t		timeout_us;
	int64_t		said_us;	/* when it was last said that accepting fails */
};

static const char	*variable(void *environment, const char *name);
static void		 read_body(struct fcgi *fcgi, struct request *request);
static void		 fail_slowly(struct fcgi *fcgi, int error);
static void		 arm(int64_t timeout_us);
static void		 interrupt(int signo);

struct fcgi *
fcgi_open(int listen_fd, int64_t timeout_us)
{
	struct sigaction action = { .sa_handler = interrupt };	/* no SA_RESTART: that is the point */
	struct fcgi *fcgi = mem_calloc(1, sizeof(*fcgi));
	int flags = fcntl(listen_fd, F_GETFL);

	fcgi->timeout_us = timeout_us;
	if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) != 0 || sigaction(SIGALRM, &action, NULL) != 0 ||
	    FCGX_Init() != 0 || FCGX_InitRequest(&fcgi->request, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		free(fcgi);
		return NULL;
	}
	return fcgi;
}

void
fcgi_close(struct fcgi **fcgi)
{
	if (*fcgi != NULL)
		FCGX_Free(&(*fcgi)->request, 1);
	free(*fcgi);
	*fcgi = NULL;
}

bool
fcgi_accept(struct fcgi *fcgi, struct request *request)
{
	int rc;

	arm(fcgi->timeout_us);
	rc = FCGX_Accept_r(&fcgi->request);
	if (rc == 0) {
		request_start(request, variable, fcgi->request.envp);
		read_body(fcgi, request);
	}
	arm(0);
	if (rc != 0 && rc != -EAGAIN && rc != -EINTR)
		fail_slowly(fcgi, -rc);
	return rc == 0;
}

static void
fail_slowly(struct fcgi *fcgi, int error)
{
	int64_t now_us = clock_mono_us();

	if (fcgi->said_us == 0 || now_us - fcgi->said_us >= ACCEPT_SAY) {
		fcgi->said_us = now_us;
		log_warn("accept", LOG_INT("code", error));
	}
	poll(NULL, 0, ACCEPT_PAUSE_MS);
}

static const char *
variable(void *environment, const char *name)
{
	return FCGX_GetParam(name, environment);
}

/*
 * To its end, whatever its length: a front server that still sends would not read the
 * reply.  The clock is looked at as well as the alarm, which ends no read that finds
 * something each time: a body that never ends would keep the worker for ever.
 */
static void
read_body(struct fcgi *fcgi, struct request *request)
{
	int64_t announced = 0, total = 0;
	int known = request_length(request, &announced);
	int64_t deadline_us = clock_mono_us() + fcgi->timeout_us;
	FCGX_Stream *in = fcgi->request.in;
	bool late = false;
	char part[8192];
	int n;

	/* at once, so that no copy stays behind where the body has grown out of */
	if (known == 1)
		buf_reserve(&request->body, (size_t)MIN(announced, LIMIT_BODY));
	while (!late && (n = FCGX_GetStr(part, sizeof(part), in)) > 0) {
		total += n;
		late = clock_mono_us() > deadline_us;
		if (total <= LIMIT_BODY)
			buf_add(&request->body, part, (size_t)n);
	}
	explicit_bzero(part, sizeof(part));
	if (total > LIMIT_BODY)
		request->body_state = REQUEST_BODY_TOO_LARGE;
	else if (late || known < 0 || FCGX_GetError(in) != 0 || total < announced)
		request->body_state = REQUEST_BODY_CUT;
}

void
fcgi_reply(struct fcgi *fcgi, const struct buf *out)
{
	arm(fcgi->timeout_us);
	FCGX_PutStr(out->data, (int)out->len, fcgi->request.out);
	/*
	 * The connection ends here, whatever the front server asked for: kept, it would
	 * hold this worker alone, whose poll() does not see it.  And nothing more is read,
	 * or libfcgi would take in what is still being sent, to an end that may never come.
	 */
	fcgi->request.keepConnection = 0;
	shutdown(fcgi->request.ipcFd, SHUT_RD);
	FCGX_Finish_r(&fcgi->request);
	arm(0);
}

/* Repeats, in case it strikes just before the system call that it should end. */
static void
arm(int64_t timeout_us)
{
	struct itimerval timer = {
		.it_value = { timeout_us / US_PER_S, timeout_us % US_PER_S },
		.it_interval = { timeout_us / US_PER_S, timeout_us % US_PER_S },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
interrupt(int signo)
{
	(void)signo;
}
