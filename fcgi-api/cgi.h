/*
 * cgi.h: one request as plain CGI (RFC 3875): environment and standard input to
 * standard output.
 */
#ifndef UNIO_CGI_H
#define UNIO_CGI_H

#include "base.h"
#include "conf.h"

/* This process was started by a web server to answer one request; bool. */
bool		cgi_is_wanted(void);
/* Answers it; the exit code. */
int		cgi_run(const struct conf *conf);

#endif
