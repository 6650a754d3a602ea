/*
 * str.h: text: numbers read strictly, encodings, UTF-8, random identifiers.
 * Pure, apart from str_random() (getrandom(2)).
 */
#ifndef UNIO_STR_H
#define UNIO_STR_H

#include "base.h"

/* The whole of s is a decimal integer in [min, max], without sign (unless min < 0), space or leading zero; bool. */
NODISCARD bool	str_to_int(const char *s, size_t n, int64_t min, int64_t max, int64_t *value_r);

/* Copies with a NUL and cuts at size - 1; false if it had to cut. */
bool		str_copy(char *dst, size_t size, const char *src);
bool		str_equal(struct slice s, const char *text);
struct slice	str_slice(const char *s);
struct slice	str_trim(struct slice s);

/* Well-formed UTF-8 by RFC 3629 (no surrogates, no overlong forms); bool. */
NODISCARD bool	str_utf8_valid(const char *s, size_t n);
/* Bytes (1 to 4) of the well-formed sequence that begins at s, or 0. */
size_t		str_utf8_next(const char *s, size_t n);
/* Code points of well-formed UTF-8. */
size_t		str_utf8_count(const char *s, size_t n);

/*
 * Some character of well-formed UTF-8 is a control character (category Cc of Unicode), line ends
 * and tabs not counted if lines; bool.
 */
bool		str_has_control(const char *s, bool lines);

/*
 * Looks like an address that mail can be sent to: one @, no quotes, spaces or controls, a
 * domain with or without dots, at most LIMIT_EMAIL bytes; bool.
 */
NODISCARD bool	str_is_email(const char *s);

/* Lower-case hexadecimal; dst holds 2n + 1 bytes. */
void		str_hex(char *dst, const void *src, size_t n);
/* RFC 4648 5, unpadded; dst holds STR_BASE64URL_SIZE(n) bytes. */
#define STR_BASE64URL_SIZE(n)	((4 * (n) + 2) / 3 + 1)
void		str_base64url(char *dst, const void *src, size_t n);

/*
 * The text is what str_base64url() would write of some bytes, and of some alone: not empty, of the alphabet alone, the
 * bits beyond the last whole byte zero; bool.
 */
NODISCARD bool	str_base64url_valid(struct slice text);
/* The bytes of such a text; dst has room for text.n * 3 / 4; false if it is none. */
NODISCARD bool	str_base64url_read(char *dst, struct slice text, size_t *n_r);
bool		str_is_base64url(char c);

/* RFC 4648 4, padded; dst holds STR_BASE64_SIZE(n) bytes. */
#define STR_BASE64_SIZE(n)	(((n) + 2) / 3 * 4 + 1)
void		str_base64(char *dst, const void *src, size_t n);

/* bits/6 characters of A-Za-z0-9_- from the kernel's random source and a NUL; 22 characters hold 132 bits. */
void		str_random(char *dst, size_t chars);
void		str_random_bytes(void *dst, size_t n);

#endif
