/*
 * A name server that does not answer: names that end in .slow take five seconds, and then are unknown.  Loaded into
 * unio-hookd by LD_PRELOAD.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	size_t n = node != NULL ? strlen(node) : 0;

	if (n > 5 && strcmp(node + n - 5, ".slow") == 0) {
		sleep(5);
		return EAI_AGAIN;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, res);
}
