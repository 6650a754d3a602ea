/*
 * rejoin.h: from a connection with a resume token back to its session: the token, the
 * question whether its user may still be there, and what was missed.
 */
#ifndef UNIO_REJOIN_H
#define UNIO_REJOIN_H

#include "job.h"

struct conn;
struct hub;

/* Asks whether the session may go on; or fails, and goes on as join_begin() without a resume token. */
void	rejoin_begin(struct hub *hub, struct conn *conn);
/* The answer has come; connection and session may both be gone by now. */
void	rejoin_answer(struct hub *hub, const struct job_resume *resume);

#endif
