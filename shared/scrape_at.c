#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mem.h"
#include "scrape_at.h"

struct scrape_at {
	const char	*key;
	scrape_text	*text;
	void		*arg;
	struct scrape	*scrape;	/* NULL: nobody is told */
	char		*address;	/* of the scrape, or what could not be had */
};

struct scrape_at *
scrape_at_new(const char *key, scrape_text *text, void *arg)
{
	struct scrape_at *at = mem_calloc(1, sizeof(*at));

	*at = (struct scrape_at){ .key = key, .text = text, .arg = arg };
	return at;
}

void
scrape_at_free(struct scrape_at **atp)
{
	struct scrape_at *at = *atp;

	*atp = NULL;
	if (at == NULL)
		return;
	scrape_free(&at->scrape);
	free(at->address);
	free(at);
}

void
scrape_at_move(struct scrape_at *at, const char *address)
{
	char error[256];

	if (at->scrape != NULL && strcmp(at->address, address) == 0)
		return;
	scrape_free(&at->scrape);
	free(at->address);
	at->address = mem_strdup(address);
	if (*address == '\0')
		return;
	at->scrape = scrape_new(address, at->text, at->arg, error, sizeof(error));
	if (at->scrape == NULL)
		log_error("no_metrics", LOG_TEXT(at->key, address), LOG_TEXT("error", error));
}

int
scrape_at_fd(const struct scrape_at *at)
{
	return at->scrape != NULL ? scrape_fd(at->scrape) : -1;
}

void
scrape_at_turn(struct scrape_at *at)
{
	if (at->scrape != NULL)
		scrape_turn(at->scrape);
}
