/*
 * replay: a main for a fuzz target that reads each of the named files once, so that the seeds, and the inputs of
 * bugs that were found, are tests like all others.  TAP output.
 */
#include "fuzz.h"

static void	replay(const char *path);

int
main(int argc, char *argv[])
{
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		replay(argv[i]);
		printf("ok %d - %s\n", i, argv[i]);
		fflush(stdout);
	}
	return 0;
}

/* In memory of just its size, so that a sanitizer sees a step beyond it. */
static void
replay(const char *path)
{
	FILE	*file = fopen(path, "re");
	uint8_t	*data;
	long	 size;

	FUZZ_CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0);
	rewind(file);
	data = mem_alloc((size_t)size);
	FUZZ_CHECK(fread(data, 1, (size_t)size, file) == (size_t)size);
	fclose(file);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}
