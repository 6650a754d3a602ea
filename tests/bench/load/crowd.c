#include <sys/epoll.h>
#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"

#define EVENTS		512
#define ENTERING_MAX	64		/* who enters at the same time: no server's backlog is shorter */
#define ENTER_NS	300000000000u	/* some need minutes for 2,000 on a busy machine */
#define NS_PER_S	1000000000u

static void		 send_pongs(struct crowd *);
static void		 read_clients(struct crowd *, FILE *);
static void		 settle_room(struct crowd *, struct room *);
static void		*allocate(void *, size_t, size_t);

struct crowd *
crowd_new(const char *path, const char *address)
{
	struct crowd	*crowd = allocate(NULL, 1, sizeof(*crowd));
	struct rlimit	 files;
	FILE		*file = fopen(path, "r");
	uint32_t	 i;

	if (file == NULL)
		err(2, "%s", path);
	*crowd = (struct crowd){ .mask = 2463534242u, .in = allocate(NULL, 1, CROWD_IN) };
	address_parse(&crowd->address, address);
	read_clients(crowd, file);
	fclose(file);
	for (i = 0; i < crowd->rooms; i++)
		settle_room(crowd, &crowd->room[i]);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) == -1 || files.rlim_cur < crowd->clients + 16)
		errx(1, "too few descriptors for %u clients", crowd->clients);
	crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (crowd->epoll == -1)
		err(1, "epoll_create1");
	return crowd;
}

void
crowd_free(struct crowd *crowd)
{
	uint32_t i;

	for (i = 0; i < crowd->clients; i++) {
		struct client *client = &crowd->client[i];

		if (client->fd != -1)
			close(client->fd);
		free(client->token);
		free(client->rest);
		free(client->out);
		free(client->pong);
		free(client->next);
	}
	for (i = 0; i < crowd->rooms; i++)
		free(crowd->room[i].name);
	free(crowd->client);
	free(crowd->room);
	free(crowd->in);
	close(crowd->epoll);
	free(crowd);
}

void
crowd_enter(struct crowd *crowd, uint32_t each, uint32_t most)
{
	uint64_t	 deadline = crowd_now() + ENTER_NS;
	uint32_t	 i, started = crowd->present, wanted = 0;
	struct client	*client;

	for (i = 0; i < crowd->clients; i++)
		wanted += each == 0 || crowd->client[i].self < each;
	wanted = wanted < most ? wanted : most;
	for (i = 0; crowd->present < wanted;) {
		if (started == wanted || started >= crowd->present + ENTERING_MAX) {
			if (crowd_now() > deadline)
				errx(1, "only %u of %u clients could enter", crowd->present, wanted);
			crowd_turn(crowd, deadline);
			continue;
		}
		client = &crowd->client[i++];
		if ((each == 0 || client->self < each) && client->state == CLIENT_IDLE) {
			client_start(crowd, client);
			started++;
		}
	}
}

void
crowd_rest(struct crowd *crowd, double seconds)
{
	uint64_t end = crowd_now() + (uint64_t)(seconds * NS_PER_S);

	while (crowd_now() < end)
		crowd_turn(crowd, end);
}

void
crowd_turn(struct crowd *crowd, uint64_t until_ns)
{
	struct epoll_event	event[EVENTS];
	uint64_t		now = crowd_now(), rest = until_ns > now ? until_ns - now : 0;
	struct timespec		wait = { .tv_sec = (time_t)(rest / NS_PER_S), .tv_nsec = (long)(rest % NS_PER_S) };
	int			i, n;

	send_pongs(crowd);
	n = epoll_pwait2(crowd->epoll, event, EVENTS, &wait, NULL);
	if (n == -1 && errno != EINTR)
		err(1, "epoll_pwait2");
	for (i = 0; i < n; i++)
		client_ready(crowd, event[i].data.ptr, event[i].events);
}

struct client *
crowd_next_credited(struct crowd *crowd)
{
	struct client *client = crowd->credited;

	if (client != NULL) {
		crowd->credited = client->next_credited;
		client->credited = false;
	}
	return client;
}

void
crowd_text(struct crowd *crowd, struct client *client, const char *p, size_t n)
{
	if (client->state == CLIENT_LEAVING)
		return;
	if (client_type_is(p, n, "user_joined")) {
		client->seen_joined++;
	} else if (client_type_is(p, n, "user_left")) {
		client->seen_left++;
	} else if (client_type_is(p, n, "error")) {
		errx(1, "room %s: %.*s", client->room->name, (int)n, p);
	} else if (client->state != CLIENT_ENTERING) {
		if (crowd->on_text != NULL)
			crowd->on_text(crowd->arg, client, p, n);
	} else if (client_type_is(p, n, "welcome")) {
		if (client->seen_joined == 0)
			errx(1, "room %s: no user_joined before the welcome", client->room->name);
		client->state = CLIENT_IN;
		client->entries++;
		crowd->present++;
		if (crowd->on_entered != NULL)
			crowd->on_entered(crowd->arg, client);
	}
}

void
crowd_left(struct crowd *crowd, struct client *client)
{
	crowd->present--;
	client->seen_joined = client->seen_left = 0;
	if (crowd->on_left != NULL)
		crowd->on_left(crowd->arg, client);
}

void
crowd_credit(struct crowd *crowd, struct client *client)
{
	if (client->credited)
		return;
	client->credited = true;
	client->next_credited = crowd->credited;
	crowd->credited = client;
}

void
crowd_pong(struct crowd *crowd, struct client *client)
{
	client->next_pong = crowd->ponging;
	crowd->ponging = client;
}

/* Those that went with no message. */
static void
send_pongs(struct crowd *crowd)
{
	unsigned char	 frame[WIRE_CONTROL + WIRE_HEADER];
	struct client	*client;
	size_t		 n;

	while ((client = crowd->ponging) != NULL) {
		crowd->ponging = client->next_pong;
		client->ponging = false;
		if ((n = client_take_pong(client, frame)) > 0)
			client_send_raw(crowd, client, frame, n);
	}
}

/* xorshift (Marsaglia, 2003): never 0. */
uint32_t
crowd_mask(struct crowd *crowd)
{
	crowd->mask ^= crowd->mask << 13;
	crowd->mask ^= crowd->mask >> 17;
	crowd->mask ^= crowd->mask << 5;
	return crowd->mask;
}

uint64_t
crowd_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A room's clients stand together. */
static void
read_clients(struct crowd *crowd, FILE *file)
{
	char		 name[32], token[2048];
	struct room	*room = NULL;

	while (fscanf(file, "%31s %2047s", name, token) == 2) {
		if (room == NULL || strcmp(room->name, name) != 0) {
			crowd->room = allocate(crowd->room, crowd->rooms + 1, sizeof(*room));
			room = &crowd->room[crowd->rooms];
			*room = (struct room){ .index = crowd->rooms++, .name = strdup(name), .first = crowd->clients };
		}
		crowd->client = allocate(crowd->client, crowd->clients + 1, sizeof(*crowd->client));
		crowd->client[crowd->clients++] =
		    (struct client){ .fd = -1, .self = room->n++, .token = strdup(token) };
	}
	if (crowd->clients == 0)
		errx(2, "there are no clients");
}

static void
settle_room(struct crowd *crowd, struct room *room)
{
	struct client	*client = &crowd->client[room->first];
	uint32_t	 i;

	for (i = 0; i < room->n; i++) {
		client[i].room = room;
		client[i].next = calloc(room->n, sizeof(*client[i].next));
		if (client[i].next == NULL)
			err(1, NULL);
	}
}

static void *
allocate(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (p == NULL)
		err(1, NULL);
	return p;
}
