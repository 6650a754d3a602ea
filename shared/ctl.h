/*
 * ctl.h: the client's side of the daemon's control socket: a unix stream, one JSON
 * object per line each way (at most LIMIT_CTL_LINE bytes).
 *
 *	{"cmd":"ready"}                     {"ok":true,"sessions":3,"rooms":1,"event_id":17}
 *	{"cmd":"presence","meeting_id":1}   {"ok":true,"sessions":[…]}
 *	{"cmd":"entry","meeting_id":1,      {"ok":true}, or {"ok":true,"code":"room_full","message":"…"}: would
 *	 "user_id":2,"address":"…"}          the limits refuse a connection?
 *	{"cmd":"rooms"}                     {"ok":true,"rooms":[{"meeting_id","sessions","in_call"},…]}
 *	{"cmd":"sessions","meeting_id":1}   {"ok":true,"sessions":[{"session_id",…,"address"},…]}
 *	{"cmd":"kick","meeting_id":1,       {"ok":true,"sessions":2}: so many are closed with 4405
 *	 "who":"a session id or e-mail address"}
 *	{"cmd":"message","meeting_id":1,    {"ok":true,"sessions":3}: so many are told
 *	 "message":"…"}
 *	{"cmd":"stats"}                     {"ok":true,"pid":1,…}: docs/unioctl.8 has the list
 *	{"cmd":"metrics"}                   {"ok":true,"text":"…"}: as Prometheus reads it (metric.h)
 *	{"cmd":"seen","client_id":"…"}      {"ok":true,"address":"…"} of one that has not joined; none: no address
 *	{"cmd":"drain"}                     {"ok":true,"sessions":3,"drain_timeout":10}: they are told to come back,
 *					    the daemon ends, and until then it is not ready
 *	{"cmd":"reload"}                    {"ok":true}, or false: the configuration or the keys are no good
 *	anything else                       {"ok":false,"error":"…"}
 */
#ifndef UNIO_CTL_H
#define UNIO_CTL_H

#include "base.h"
#include "buf.h"

/*
 * Sends one line (without its newline) and puts the one that comes back into reply_r,
 * in place of what it held.  0, or -1 with errno: ENOENT and ECONNREFUSED (no daemon),
 * ETIMEDOUT, EPROTO (it hung up), EMSGSIZE (over the limit) and so on.
 */
NODISCARD int	ctl_request(const char *path, const char *line, int64_t timeout_us, struct buf *reply_r);

#endif
