/*
 * join.h: from a connection to a session: the credential, the question to the
 * database, its answer, and the entrance.
 */
#ifndef UNIO_JOIN_H
#define UNIO_JOIN_H

#include "job.h"

struct conn;
struct hub;

/* With a credential: asks whether it may enter.  Without: waits for the first frame, or refuses. */
void	join_begin(struct hub *hub, struct conn *conn);
/* The picture has come: enters the room, or refuses.  The connection may be gone by now. */
void	join_answer(struct hub *hub, const struct job_access *access);
/* Nothing can be resumed yet: says so, and waits for an auth frame. */
void	join_resume_failed(struct hub *hub, struct conn *conn);

#endif
