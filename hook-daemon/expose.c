#include <stdlib.h>
#include <string.h>

#include "expose.h"
#include "log.h"
#include "mem.h"
#include "scrape.h"

struct expose {
	struct tally	*tally;
	struct db	*db;
	struct scrape	*scrape;	/* NULL: nobody is told */
	char		*address;
};

static void	begin(struct expose *expose, const struct conf *conf);
static void	end(struct expose *expose);
static void	tell(void *arg, struct buf *out);

struct expose *
expose_new(const struct conf *conf, struct tally *tally, struct db *db)
{
	struct expose *expose = mem_calloc(1, sizeof(*expose));

	expose->tally = tally;
	expose->db = db;
	begin(expose, conf);
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
expose_reload(struct expose *expose, const struct conf *conf)
{
	if (expose->scrape != NULL && strcmp(expose->address, conf->hookd_metrics) == 0)
		return;
	end(expose);
	begin(expose, conf);
}

static void
begin(struct expose *expose, const struct conf *conf)
{
	char error[256];

	expose->address = mem_strdup(conf->hookd_metrics);
	if (*expose->address == '\0')
		return;
	expose->scrape = scrape_new(expose->address, tell, expose, error, sizeof(error));
	if (expose->scrape == NULL)
		log_error("no_metrics", LOG_TEXT("hookd_metrics", expose->address), LOG_TEXT("error", error));
}

static void
end(struct expose *expose)
{
	scrape_free(&expose->scrape);
	free(expose->address);
}

int
expose_fd(const struct expose *expose)
{
	return expose->scrape != NULL ? scrape_fd(expose->scrape) : -1;
}

void
expose_turn(struct expose *expose)
{
	if (expose->scrape != NULL)
		scrape_turn(expose->scrape);
}

static void
tell(void *arg, struct buf *out)
{
	const struct expose *expose = arg;
	struct arena *arena = arena_new();

	tally_write(expose->tally, expose->db, arena, out);
	arena_free(&arena);
}
