/*
 * admit.h: whoever comes for the first time with a token of an external identity provider (identity.h): the writer
 * opens the login session, and makes the account if it may; then it is as with a ticket.
 */
#ifndef UNIO_ADMIT_H
#define UNIO_ADMIT_H

#include "job.h"

struct conn;
struct hub;

/* The reader has found the token good, and no login session of it. */
void	admit_ask(struct hub *hub, struct conn *conn, const struct provider_claims *claims);
/* The writer's answer: asks whether its user may enter, or refuses. */
void	admit_answer(struct hub *hub, const struct job_admit *admit);

#endif
