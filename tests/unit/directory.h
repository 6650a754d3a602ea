/*
 * directory.h: a directory of a test's own under /tmp, and its end with all that is in it.
 */
#ifndef UNIO_TEST_DIRECTORY_H
#define UNIO_TEST_DIRECTORY_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DIRECTORY_SIZE	32

static inline void
directory_make(char dir[DIRECTORY_SIZE])
{
	snprintf(dir, DIRECTORY_SIZE, "/tmp/unio-test-XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
}

/* Of files alone; whatever "." and ".." say to unlinkat(2). */
static inline void
directory_remove(const char *dir)
{
	DIR		*d = opendir(dir);
	struct dirent	*entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

#endif
