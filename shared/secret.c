#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secret.h"

static const char	*check_file(const struct stat *st);

bool
secret_read(const char *file, char dst[SECRET_FILE_MAX], size_t *n_r, char *error_r, size_t error_size)
{
	const char *wrong = NULL;
	struct stat st = { .st_mode = 0 };
	ssize_t n = -1;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd != -1 && fstat(fd, &st) == 0)
		n = read(fd, dst, SECRET_FILE_MAX);
	if (n < 0)
		wrong = strerror(errno);
	if (fd != -1)
		close(fd);
	if (wrong == NULL)
		wrong = check_file(&st);
	if (wrong != NULL)
		return secret_refuse(file, wrong, error_r, error_size);
	*n_r = (size_t)n;
	return true;
}

bool
secret_refuse(const char *file, const char *wrong, char *error_r, size_t error_size)
{
	snprintf(error_r, error_size, "secret file %s: %s", file, wrong);
	return false;
}

/* NULL, or what is wrong with it. */
static const char *
check_file(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a file";
	if ((st->st_mode & 0137) != 0)
		return "others may read or write it; its mode must be 0600 or 0640";
	if (st->st_size > SECRET_FILE_MAX)
		return "too large for a secret";
	return NULL;
}
