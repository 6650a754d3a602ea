/*
 * secret.h: reads a file that holds a secret, and nothing that others could have read.
 *
 * What is read belongs to the caller, who wipes it (explicit_bzero(3)) when it is done.
 */
#ifndef UNIO_SECRET_H
#define UNIO_SECRET_H

#include "base.h"

#define SECRET_FILE_MAX	4096	/* bytes; a file that is larger is some other file */

/* A regular file of mode 0600 or 0640 or less, whole: false with a sentence for a person in error_r. */
NODISCARD bool	secret_read(const char *file, char dst[SECRET_FILE_MAX], size_t *n_r, char *error_r,
    size_t error_size);
/* The sentence that names the file; false, for its callers to return. */
bool		secret_refuse(const char *file, const char *wrong, char *error_r, size_t error_size);

#endif
