#include <stdlib.h>

#include "expose.h"
#include "mem.h"
#include "scrape_at.h"

struct expose {
	struct loop		*loop;
	struct hub		*hub;
	struct scrape_at	*at;
	struct loop_io		*io;	/* NULL: nobody is told */
};

static void	tell(void *, struct buf *);
static void	on_scrape(void *, int);

struct expose *
expose_new(struct loop *loop, struct hub *hub)
{
	struct expose *expose = mem_calloc(1, sizeof(*expose));

	expose->loop = loop;
	expose->hub = hub;
	expose->at = scrape_at_new("signald_metrics", tell, hub);
	expose_reload(expose);
	return expose;
}

void
expose_free(struct expose **exposep)
{
	struct expose *expose = *exposep;

	*exposep = NULL;
	if (expose == NULL)
		return;
	if (expose->io != NULL)
		loop_io_free(&expose->io);
	scrape_at_free(&expose->at);
	free(expose);
}

/* The descriptor may be closed: nobody watches it then. */
void
expose_reload(struct expose *expose)
{
	if (expose->io != NULL)
		loop_io_free(&expose->io);
	scrape_at_move(expose->at, expose->hub->conf->signald_metrics);
	if (scrape_at_fd(expose->at) != -1)
		expose->io = loop_io_new(expose->loop, scrape_at_fd(expose->at), LOOP_READ, on_scrape, expose);
}

static void
tell(void *arg, struct buf *out)
{
	tally_write(arg, out);
}

static void
on_scrape(void *arg, int events)
{
	const struct expose *expose = arg;

	(void)events;
	scrape_at_turn(expose->at);
}
