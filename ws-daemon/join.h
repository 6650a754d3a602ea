/*
 * join.h: from a connection to a session: the credential, the question to the
 * database, its answer, and the entrance.
 */
#ifndef UNIO_JOIN_H
#define UNIO_JOIN_H

#include "job.h"

struct conn;
struct hub;

/*
 * With a resume token: asks for its session (rejoin.h).  With a credential: asks whether it may
 * enter.  Without either: waits for the first frame, or refuses.
 */
void	join_begin(struct hub *hub, struct conn *conn);
/*
 * Why the room as it is does not take another session of that user: a close code, or 0.  A
 * detached session of the same user stands in nobody's way: it makes room.
 */
int	join_refusal(const struct hub *hub, int64_t meeting_id, int64_t user_id);
/* The ticket's answer has come: asks whether its user may enter, or refuses. */
void	join_ticket(struct hub *hub, const struct job_ticket *ticket);
/* Who it is is known: asks whether that user may enter. */
void	join_as(struct hub *hub, struct conn *conn, int64_t user_id, int64_t login_id);
/* The picture has come: enters the room, or refuses.  The connection may be gone by now. */
void	join_answer(struct hub *hub, const struct job_access *access);

#endif
