/*
 * resume.h: what a session's client may not have received: the numbers of its frames,
 * and the newest of them, kept so that they can be sent again.
 *
 * Every frame of the session counts one, on both sides of the wire, so that a frame
 * is the same bytes for every recipient.  The kept frames are always the newest, without a
 * hole: numbers floor + 1 to sent.  While the connection lives, those go that the client
 * has: it answers a ping after all that came before it (RFC 6455 5.5.2, 5.5.3), so one goes
 * behind the newest frame as soon as a little is kept, and when its pong is there all up to
 * that frame may go, but for a short tail.  From a client that answers no ping the oldest
 * give way when the bound is reached: they have long been received.  Once the connection is
 * lost, only those that were written may still give way; when what was certainly not
 * received no longer fits, the session cannot come back (broken), and keeps nothing.
 *
 * Pure: no socket, no clock but the one passed in.  Holds a reference to each message
 * it keeps; belongs to its session.
 */
#ifndef UNIO_RESUME_H
#define UNIO_RESUME_H

#include "outq.h"

/* Kept for one session (docs/PROTOCOL.md: coming back); a burst of candidates is 50 frames, an SDP 5 KiB. */
#define RESUME_FRAMES	256
#define RESUME_BYTES	(256 * 1024)
/*
 * So much kept is worth a ping: half of it; or a burst of candidates or a few SDP, where the messages of all sessions
 * together are more than a part of the processor's caches: that memory is cold, or new, whenever it is written to.
 */
#define RESUME_ASK_FRAMES	(RESUME_FRAMES / 2)
#define RESUME_ASK_BYTES	(RESUME_BYTES / 2)
#define RESUME_ASK_SOON_FRAMES	64
#define RESUME_ASK_SOON_BYTES	(16 * 1024)
#define RESUME_ASK_TOGETHER	(2 * 1024 * 1024)
/* What is kept of that which was received: a page may have been too busy to look at it before it came back. */
#define RESUME_TAIL_FRAMES	16
#define RESUME_TAIL_BYTES	(4 * 1024)

struct resume {
	struct outq	kept;
	uint64_t	sent;		/* the newest frame's number; 0: none yet */
	uint64_t	asked;		/* the frame before the ping that is not answered yet; 0: none is on its way */
	uint64_t	written;	/* while lost: frames after this one were never on the wire */
	bool		lost;
	bool		broken;
	int64_t		lost_us;	/* since when */
};

enum resume_verdict {
	RESUME_OK,
	RESUME_GAP,	/* frames after that one are no longer kept */
	RESUME_AHEAD	/* it was never sent: the client is mistaken, or lies */
};

/* A zeroed struct is a session that was sent nothing. */
void	resume_free(struct resume *resume, struct message_pool *pool);

/* Counts the welcome.  Who has the token has received it: it is not kept, nor is what came before. */
void	resume_welcome(struct resume *resume, struct message_pool *pool);
/* Counts and keeps a frame; false: the session is broken, now or before. */
bool	resume_push(struct resume *resume, struct message_pool *pool, struct message *message,
    const struct outq_bound *bound);
/*
 * So much is kept that a ping should go with what is written now, and none is on its way.  together: the bytes of
 * all sessions' messages.
 */
bool	resume_ask_due(const struct resume *resume, size_t together);
/* A ping goes behind the newest frame, whose number it carries. */
uint64_t	resume_ask(struct resume *resume);
/* A pong with that number has come, and the last `unwritten` frames have not left; what answers no ping is ignored. */
void	resume_answered(struct resume *resume, struct message_pool *pool, uint64_t number, size_t unwritten);
/* The connection is gone, and its last `unwritten` frames never left; false: the session is broken. */
NODISCARD bool	resume_lose(struct resume *resume, struct message_pool *pool, size_t unwritten, int64_t now_us);
/*
 * The client is back, or on a second connection, and has all frames up to seq: the rest, from
 * seq + 1 to sent, is to be written again.  Nothing changes unless RESUME_OK.  Nothing is
 * forgotten either: a client that loses its memory to an earlier point may name that.
 */
NODISCARD enum resume_verdict resume_return(struct resume *resume, uint64_t seq);

/*
 * Gives up the older half of what is kept for a client that is connected, which has most likely
 * received it; should it be lost right now, and not have, its return meets a gap.
 */
void		 resume_shed(struct resume *resume, struct message_pool *pool);

/* A frame that is kept, by its number; it stays the session's. */
struct message	*resume_frame(const struct resume *resume, uint64_t number);
/* Lost, and for ttl_us or longer. */
bool		 resume_expired(const struct resume *resume, int64_t ttl_us, int64_t now_us);

#endif
