#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "clock.h"
#include "deadline.h"
#include "fcgi.h"
#include "lobby.h"
#include "log.h"
#include "mem.h"

#define ACCEPT_SAY	US_PER_S	/* between two lines about it */
#define ACCEPT_PAUSE_MS	100	/* after an error that will still be one at once, such as too few descriptors */
#define NO_SOCKET	(-1)
#define REST_US		(5 * US_PER_S)	/* for what is still missing when a request is read: little, or nothing */

struct seat {
	FCGX_Request	 request;
	bool		 drained;	/* all that belongs to it has been read */
};

struct fcgi {
	struct seat	 seat[FCGI_SEATS];
	int		 listen_fd;
	struct lobby	*lobby;
	struct deadline	*arrival;
	struct deadline	*departure;
	int64_t		 rest_us;
	int64_t		 said_us;	/* when it was last said that accepting fails */
};

static bool	init_seats(struct fcgi *fcgi);
static bool	enter(struct fcgi *fcgi, size_t seat, int fd, struct request *request);
static void	read_body(struct fcgi *fcgi, struct seat *seat, struct request *request);
static int	take_part(FCGX_Stream *in, char *part, int size);
static void	fail_slowly(struct fcgi *fcgi, int error);

/*
 * The library is given no socket to accept from: it would look at each connection for
 * two seconds before it reads, and take the next by itself when one was no good.
 */
struct fcgi *
fcgi_open(int listen_fd, int epoll_fd, int64_t timeout_us)
{
	struct fcgi *fcgi = mem_calloc(1, sizeof(*fcgi));
	int flags = fcntl(listen_fd, F_GETFL);

	fcgi->listen_fd = listen_fd;
	fcgi->rest_us = MIN(timeout_us, REST_US);
	fcgi->lobby = lobby_new(epoll_fd, timeout_us);
	fcgi->arrival = deadline_new(fcgi->rest_us);
	fcgi->departure = deadline_new(timeout_us);
	if (fcgi->arrival == NULL || fcgi->departure == NULL || flags < 0 ||
	    fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) != 0 || !init_seats(fcgi)) {
		deadline_free(&fcgi->arrival);
		deadline_free(&fcgi->departure);
		lobby_free(&fcgi->lobby);
		free(fcgi);
		return NULL;
	}
	/* connections inherit it; a unix socket knows no such thing, which is no error */
	setsockopt(listen_fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	return fcgi;
}

static bool
init_seats(struct fcgi *fcgi)
{
	if (FCGX_Init() != 0)
		return false;
	for (size_t i = 0; i < FCGI_SEATS; i++)
		if (FCGX_InitRequest(&fcgi->seat[i].request, NO_SOCKET, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
			return false;
	return true;
}

void
fcgi_close(struct fcgi **fcgi)
{
	if (*fcgi != NULL) {
		for (size_t i = 0; i < FCGI_SEATS; i++)
			FCGX_Free(&(*fcgi)->seat[i].request, 1);
		deadline_free(&(*fcgi)->arrival);
		deadline_free(&(*fcgi)->departure);
		lobby_free(&(*fcgi)->lobby);
	}
	free(*fcgi);
	*fcgi = NULL;
}

/*
 * Whoever sits already waits for nobody: not for an error to pass, and not for one that is large, of which an event
 * will tell, since it is new there.
 */
bool
fcgi_accept(struct fcgi *fcgi, size_t seat, struct request *request)
{
	int fd = accept4(fcgi->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	enum lobby_look look;

	if (fd < 0) {
		if (seat == 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED && !lobby_drop(fcgi->lobby))
			fail_slowly(fcgi, errno);
		return false;
	}
	look = lobby_look(fcgi->lobby, fd);
	if (look == LOBBY_WHOLE || (look == LOBBY_LARGE && seat == 0))
		return enter(fcgi, seat, fd, request);
	if (look == LOBBY_PART || look == LOBBY_LARGE)
		lobby_add(fcgi->lobby, fd);
	else
		close(fd);
	return false;
}

bool
fcgi_resume(struct fcgi *fcgi, int fd, uint32_t events, struct request *request)
{
	enum lobby_look look;

	if (!lobby_has(fcgi->lobby, fd))
		return false;	/* it went after the event */
	look = lobby_look(fcgi->lobby, fd);
	if (look == LOBBY_PART && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0)
		return false;
	lobby_remove(fcgi->lobby, fd);
	if (look == LOBBY_WHOLE || look == LOBBY_LARGE)
		return enter(fcgi, 0, fd, request);
	close(fd);
	return false;
}

bool
fcgi_late(struct fcgi *fcgi, struct request *request)
{
	int fd = lobby_late(fcgi->lobby);

	if (fd < 0)
		return false;
	shutdown(fd, SHUT_RD);
	return enter(fcgi, 0, fd, request);
}

int
fcgi_patience(const struct fcgi *fcgi)
{
	return lobby_patience(fcgi->lobby);
}

static bool
enter(struct fcgi *fcgi, size_t seat, int fd, struct request *request)
{
	FCGX_Request *fcgx = &fcgi->seat[seat].request;
	int rc;

	/* as if it had been kept from the last request: then the library goes on with it */
	fcgx->ipcFd = fd;
	fcgx->keepConnection = 1;
	deadline_begin(fcgi->arrival, fd, SHUT_RDWR);	/* the library may be writing, too: answers to odd records */
	rc = FCGX_Accept_r(fcgx);
	if (rc == 0) {
		deadline_begin(fcgi->arrival, fd, SHUT_RD);	/* whose body is late is told so */
		request_start(request, fcgx->envp);
		read_body(fcgi, &fcgi->seat[seat], request);
	}
	deadline_end(fcgi->arrival);
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

/*
 * To its end, whatever its length: a front server that still sends would not read the
 * reply.  The clock is looked at as well as the deadline, whose shutdown leaves what has
 * come already: a body that never ends would keep the worker for ever.
 */
static void
read_body(struct fcgi *fcgi, struct seat *seat, struct request *request)
{
	int64_t announced = 0, total = 0;
	int known = request_length(request, &announced);
	int64_t deadline_us = clock_mono_us() + fcgi->rest_us;
	FCGX_Stream *in = seat->request.in;
	bool late = false;
	char part[8192];
	int n;

	/* at once, so that no copy stays behind where the body has grown out of */
	if (known == 1)
		buf_reserve(&request->body, (size_t)MIN(announced, LIMIT_BODY));
	while (!late && (n = take_part(in, part, sizeof(part))) > 0) {
		total += n;
		late = clock_mono_us() > deadline_us;
		if (total <= LIMIT_BODY)
			buf_add(&request->body, part, (size_t)n);
	}
	if (total > 0)
		explicit_bzero(part, sizeof(part));
	seat->drained = !late && FCGX_GetError(in) == 0;
	if (total > LIMIT_BODY)
		request->body_state = REQUEST_BODY_TOO_LARGE;
	else if (!seat->drained || known < 0 || total < announced)
		request->body_state = REQUEST_BODY_CUT;
}

/* What is there of the body, or 0 at its end; a password in it does not stay in the library's buffer, freed or not. */
static int
take_part(FCGX_Stream *in, char *part, int size)
{
	int first = FCGX_GetChar(in);	/* after which the buffer has something, if anything comes */
	int n = 1;

	if (first == EOF)
		return 0;
	part[0] = (char)first;
	n += FCGX_GetStr(part + 1, (int)MIN(size - 1, in->stop - in->rdNext), in);
	explicit_bzero(in->rdNext - n, (size_t)n);
	return n;
}

void
fcgi_reply(struct fcgi *fcgi, size_t seat, const struct buf *out)
{
	FCGX_Request *fcgx = &fcgi->seat[seat].request;

	deadline_begin(fcgi->departure, fcgx->ipcFd, SHUT_RDWR);
	FCGX_PutStr(out->data, (int)out->len, fcgx->out);
	/*
	 * The connection ends here, whatever the front server asked for: kept, it would
	 * hold this worker alone, whose epoll_wait() does not see it.  A detached request is
	 * closed at once: libfcgi would wait for the other side's end.  Only where something
	 * is still being sent does it read on, or the reply might be lost; no more than has
	 * come, though, for that may have no end.
	 */
	fcgx->keepConnection = 0;
	if (fcgi->seat[seat].drained)
		FCGX_Detach(fcgx);
	else
		shutdown(fcgx->ipcFd, SHUT_RD);
	FCGX_Finish_r(fcgx);
	deadline_end(fcgi->departure);
}
