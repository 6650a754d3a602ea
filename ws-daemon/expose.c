#include <stdlib.h>
#include <string.h>

#include "expose.h"
#include "log.h"
#include "mem.h"
#include "scrape.h"

struct expose {
	struct loop	*loop;
	struct hub	*hub;
	struct scrape	*scrape;	/* NULL: nobody is told */
	struct loop_io	*io;
	char		*address;
};

static void	begin(struct expose *);
static void	end(struct expose *);
static void	on_scrape(void *, int);
static void	tell(void *, struct buf *);

struct expose *
expose_new(struct loop *loop, struct hub *hub)
{
	struct expose *expose = mem_calloc(1, sizeof(*expose));

	expose->loop = loop;
	expose->hub = hub;
	begin(expose);
	return expose;
}

void
expose_free(struct expose **exposep)
{
	struct expose *expose = *exposep;

	*exposep = NULL;
	if (expose == NULL)
		return;
	end(expose);
	free(expose);
}

/* The same address stays as it is: who is being told now is told to the end. */
void
expose_reload(struct expose *expose)
{
	if (expose->scrape != NULL && strcmp(expose->address, expose->hub->conf->signald_metrics) == 0)
		return;
	end(expose);
	begin(expose);
}

static void
begin(struct expose *expose)
{
	char error[256];

	expose->address = mem_strdup(expose->hub->conf->signald_metrics);
	if (*expose->address == '\0')
		return;
	expose->scrape = scrape_new(expose->address, tell, expose->hub, error, sizeof(error));
	if (expose->scrape == NULL) {
		log_error("no_metrics", LOG_TEXT("signald_metrics", expose->address), LOG_TEXT("error", error));
		return;
	}
	expose->io = loop_io_new(expose->loop, scrape_fd(expose->scrape), LOOP_READ, on_scrape, expose);
}

static void
end(struct expose *expose)
{
	if (expose->io != NULL)
		loop_io_free(&expose->io);
	scrape_free(&expose->scrape);
	free(expose->address);
}

static void
on_scrape(void *arg, int events)
{
	const struct expose *expose = arg;

	(void)events;
	scrape_turn(expose->scrape);
}

static void
tell(void *arg, struct buf *out)
{
	tally_write(arg, out);
}
