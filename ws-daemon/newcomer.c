#include <stdlib.h>

#include "clock.h"
#include "mem.h"
#include "newcomer.h"

struct newcomer *
newcomer_new(struct hub *hub, void (*late)(void *context, void *owner), void *owner)
{
	struct newcomer *newcomer = mem_calloc(1, sizeof(*newcomer));

	newcomer->timer.fire = late;
	newcomer->timer.owner = owner;
	wheel_set(&hub->wheel, &newcomer->timer, clock_mono_us() + hub->conf->handshake_timeout);
	return newcomer;
}

void
newcomer_free(struct newcomer **newcomerp)
{
	struct newcomer *newcomer = *newcomerp;

	*newcomerp = NULL;
	if (newcomer == NULL)
		return;
	wheel_cancel(&newcomer->timer);
	free(newcomer);
}
