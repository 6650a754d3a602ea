/*
 * unio-signald: the WebSocket daemon of Unio.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "daemon.h"
#include "log.h"
#include "provider.h"
#include "shard.h"
#include "str.h"

static int	checked(struct conf **, int, int);
static void	usage(FILE *);

int
main(int argc, char **argv)
{
	const char	*path = NULL;
	struct conf	*conf;
	struct daemon	*daemon;
	int64_t		 own = 1;
	int		 opt, check = 0;

	while ((opt = getopt(argc, argv, "c:k:nVh")) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			if (!str_to_int(optarg, strlen(optarg), 1, SHARD_MAX, &own)) {
				usage(stderr);
				return 2;
			}
			break;
		case 'n':
			check++;
			break;
		case 'V':
			printf("unio-signald %s\n", UNIO_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	conf = conf_load(path, conf_report_to, stderr);
	if (conf == NULL)
		return 1;
	if (check > 0)
		return checked(&conf, (int)own, check);
	log_open("unio-signald", (enum log_target)conf->log_target, (enum log_format)conf->log_format,
	    (enum log_level)conf->log_level);
	log_set_addresses((enum conf_addresses)conf->log_addresses);
	daemon = daemon_open(conf, path, (int)own);
	daemon_run(daemon);
	daemon_close(&daemon);
	conf_free(&conf);
	return 0;
}

/* As this one of the daemons has it. */
static int
checked(struct conf **conf, int own, int check)
{
	bool there = own <= (*conf)->daemons;

	if (!there)
		fprintf(stderr, "there is no daemon %d: daemons = %d\n", own, (int)(*conf)->daemons);
	provider_warn(*conf, stderr);
	shard_adopt(*conf, own);
	if (there && check >= 2)
		conf_dump(*conf, stdout);
	conf_free(conf);
	return there ? 0 : 1;
}

static void
usage(FILE *out)
{
	fputs("usage: unio-signald [-c FILE] [-k K] [-n] [-V] [-h]\n"
	    "  -c FILE  the configuration ($UNIO_CONF, or the compiled default)\n"
	    "  -k K     which of several daemons this is, from 1 (the key daemons)\n"
	    "  -n       checks the configuration and ends; twice: prints it\n"
	    "  -V       prints the version\n"
	    "  -h       prints this\n", out);
}
