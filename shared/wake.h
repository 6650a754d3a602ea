/*
 * wake.h: tells the signaling daemons of new events: those whose meetings they are about, or all of them where
 * an event is about a user or a login session.  As bus.h has it: it never blocks and never fails its caller.
 */
#ifndef UNIO_WAKE_H
#define UNIO_WAKE_H

#include "bus.h"
#include "conf.h"
#include "event.h"

/* To all daemons; bus_wake() wakes every one.  NULL, which does nothing, after a line in the log. */
struct bus	*wake_open(const struct conf *conf);
/* After the commit of these events. */
void		 wake_events(struct bus *bus, const struct conf *conf, const struct event *first);

#endif
