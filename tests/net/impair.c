/*
 * impair.c: a bad network between two network namespaces, for kernels with and without netem(8).
 *
 *	impair LEFT RIGHT	each the path of a namespace, /proc/PID/ns/net
 *
 * Makes a tun device "unio0" in each and carries packets from one to the other.  Lines on standard input
 * change how: "loss PERCENT", "delay MS" (each way), "cut" (nothing passes) and "mend".  Says "ready", ends at the
 * end of its input, and the devices with it.
 *
 * Packets keep their order and leave when their time has come; what finds the queue full is lost, as in
 * any router.  The losses are the same in each run.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX	2048	/* bytes; the devices' MTU is 1500 */
#define QUEUE_MAX	4096	/* packets each way: 6 MB, 2 s at 24 Mbit/s */
#define LINE_MAX_BYTES	64
#define DEVICE		"unio0"

struct packet {
	int64_t	due_us;
	size_t	size;
	char	bytes[PACKET_MAX];
};

/* One way: a ring of what has been read and is not written yet. */
struct way {
	int		from;
	int		to;
	struct packet	*ring;
	size_t		first;
	size_t		count;
};

struct link {
	struct way	ways[2];
	uint32_t	random;
	double		loss;		/* 0 to 1 */
	int64_t		delay_us;
	bool		is_cut;
	char		line[LINE_MAX_BYTES];
	size_t		line_size;
};

static void	die(const char *);
static int	device_open(const char *);
static int64_t	now_us(void);
static double	link_random(struct link *);
static void	link_take(struct link *, struct way *);
static void	link_give(struct way *);
static int	link_timeout_ms(const struct link *);
static bool	link_command(struct link *);
static void	link_obey(struct link *, const char *);

int
main(int argc, char **argv)
{
	static struct link l = { .random = 2463534242 };

	if (argc != 3) {
		fprintf(stderr, "usage: impair LEFT RIGHT\n");
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		l.ways[i].from = device_open(argv[1 + i]);
		if ((l.ways[i].ring = calloc(QUEUE_MAX, sizeof(*l.ways[i].ring))) == NULL)
			die("calloc");
	}
	l.ways[0].to = l.ways[1].from;
	l.ways[1].to = l.ways[0].from;
	printf("ready\n");
	fflush(stdout);

	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = l.ways[0].from, .events = POLLIN },
			{ .fd = l.ways[1].from, .events = POLLIN },
			{ .fd = STDIN_FILENO, .events = POLLIN },
		};
		if (poll(fds, 3, link_timeout_ms(&l)) == -1 && errno != EINTR)
			die("poll");
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents != 0)
				link_take(&l, &l.ways[i]);
			link_give(&l.ways[i]);
		}
		if (fds[2].revents != 0 && !link_command(&l))
			return 0;
	}
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* A tun device stays in the namespace it was made in, whichever the descriptor's owner goes to. */
static int
device_open(const char *namespace)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	if ((fd = open(namespace, O_RDONLY | O_CLOEXEC)) == -1 || setns(fd, CLONE_NEWNET) == -1)
		die(namespace);
	close(fd);
	if ((fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) == -1)
		die("/dev/net/tun");
	memcpy(request.ifr_name, DEVICE, sizeof(DEVICE));
	if (ioctl(fd, TUNSETIFF, &request) == -1)
		die("TUNSETIFF");
	return fd;
}

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* 0 up to 1: xorshift (Marsaglia, 2003). */
static double
link_random(struct link *l)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 17;
	l->random ^= l->random << 5;
	return l->random / 4294967296.0;
}

/* Reads what has come on one side, and keeps what is not lost. */
static void
link_take(struct link *l, struct way *w)
{
	char bytes[PACKET_MAX];
	ssize_t size;

	while ((size = read(w->from, bytes, sizeof(bytes))) > 0) {
		struct packet *p = &w->ring[(w->first + w->count) % QUEUE_MAX];

		if (l->is_cut || link_random(l) < l->loss || w->count == QUEUE_MAX)
			continue;
		p->due_us = now_us() + l->delay_us;
		p->size = (size_t)size;
		memcpy(p->bytes, bytes, p->size);
		w->count++;
	}
}

/* Writes what is due; a device that is not up takes nothing, which is a loss like any other. */
static void
link_give(struct way *w)
{
	int64_t now = now_us();

	while (w->count > 0 && w->ring[w->first].due_us <= now) {
		const struct packet *p = &w->ring[w->first];
		ssize_t written = write(w->to, p->bytes, p->size);

		(void)written;
		w->first = (w->first + 1) % QUEUE_MAX;
		w->count--;
	}
}

/* Until the next packet is due; -1: there is none. */
static int
link_timeout_ms(const struct link *l)
{
	int64_t now = now_us(), least = -1;

	for (int i = 0; i < 2; i++) {
		const struct way *w = &l->ways[i];
		int64_t wait = w->count > 0 ? w->ring[w->first].due_us - now : -1;

		if (w->count > 0 && (least == -1 || wait < least))
			least = wait > 0 ? wait : 0;
	}
	return least == -1 ? -1 : (int)((least + 999) / 1000);
}

/* Takes what has come on standard input; false at its end. */
static bool
link_command(struct link *l)
{
	char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		return false;
	if (c != '\n') {
		if (l->line_size < sizeof(l->line) - 1)
			l->line[l->line_size++] = c;
		return true;
	}
	l->line[l->line_size] = '\0';
	l->line_size = 0;
	link_obey(l, l->line);
	return true;
}

static void
link_obey(struct link *l, const char *line)
{
	if (strncmp(line, "loss ", 5) == 0)
		l->loss = strtod(line + 5, NULL) / 100;
	else if (strncmp(line, "delay ", 6) == 0)
		l->delay_us = strtoll(line + 6, NULL, 10) * 1000;
	else if (strcmp(line, "cut") == 0 || strcmp(line, "mend") == 0)
		l->is_cut = line[0] == 'c';
	else
		fprintf(stderr, "impair: %s?\n", line);
}
