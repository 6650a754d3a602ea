/*
 * conf_rule.h: what configuration values must be like, beyond their type; for
 * conf*.c alone.  Each rule returns NULL, or the end of a sentence: "must …".
 */
#ifndef UNIO_CONF_RULE_H
#define UNIO_CONF_RULE_H

#include "conf.h"

const char	*conf_rule_filled(const char *text);
const char	*conf_rule_path(const char *text);
/* Fits a unix socket's address. */
const char	*conf_rule_socket(const char *text);
const char	*conf_rule_endpoint(const char *text);
/* Empty, or an address that only this machine can reach (local.h). */
const char	*conf_rule_local(const char *text);
const char	*conf_rule_base_path(const char *text);
const char	*conf_rule_url(const char *text);
/* Serialized origins (RFC 6454 6.2), separated by commas, or "*". */
const char	*conf_rule_origins(const char *text);
/* Addresses and CIDR blocks (RFC 4632, RFC 4291 2.3), separated by commas. */
const char	*conf_rule_networks(const char *text);
/* RFC 7064 and RFC 7065, as far as the scheme. */
const char	*conf_rule_ice_urls(const char *text);

/* The i-th rule about keys together: a whole sentence, "" if it is kept, NULL past the last. */
const char	*conf_rule_together(const struct conf *conf, size_t i);

#endif
