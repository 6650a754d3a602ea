/*
 * hello: the least that a FastCGI program can do: the floor of a request through this web server. It answers every
 * request with the content of a file, header and body, that it reads once; lighttpd keeps as many of it as unio-api has
 * workers.
 */
#include <fcgiapp.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	FCGX_Request	request;
	char		text[4096];
	FILE		*file = argc == 2 ? fopen(argv[1], "r") : NULL;
	size_t		n = file == NULL ? 0 : fread(text, 1, sizeof(text), file);

	if (n == 0 || FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(text, (int)n, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
}
