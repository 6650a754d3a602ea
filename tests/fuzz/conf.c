/* conf: the configuration file.  Input: the file. */
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"
#include "fuzz.h"

static struct conf	*load(int fd, const void *text, size_t n, unsigned *mistakes);
static char		*dump(const struct conf *conf, size_t *n_r);
static void		 count(void *arg, const char *mistake);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int		 fd = memfd_create("conf", MFD_CLOEXEC);
	unsigned	 mistakes = 0, none = 0;
	struct conf	*conf, *again;
	char		*text, *same;
	size_t		 n, m;

	FUZZ_CHECK(fd >= 0);
	conf = load(fd, data, size, &mistakes);
	FUZZ_CHECK((conf == NULL) == (mistakes > 0));
	if (conf != NULL) {
		/* what -nn prints is a file that means the same */
		text = dump(conf, &n);
		again = load(fd, text, n, &none);
		FUZZ_CHECK(again != NULL);
		same = dump(again, &m);
		FUZZ_CHECK(n == m && memcmp(text, same, n) == 0);
		conf_free(&again);
		free(text);
		free(same);
	}
	conf_free(&conf);
	close(fd);
	return 0;
}

static struct conf *
load(int fd, const void *text, size_t n, unsigned *mistakes)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	FUZZ_CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n);
	return conf_load(path, count, mistakes);
}

static char *
dump(const struct conf *conf, size_t *n_r)
{
	char	*text;
	FILE	*out = open_memstream(&text, n_r);

	FUZZ_CHECK(out != NULL);
	conf_dump(conf, out);
	fclose(out);
	return text;
}

static void
count(void *arg, const char *mistake)
{
	FUZZ_CHECK(strchr(mistake, '\n') == NULL);
	++*(unsigned *)arg;
}
