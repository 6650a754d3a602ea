/*
 * unio-hookd: sends the events to webhooks.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"
#include "daemon.h"
#include "log.h"

static void	usage(FILE *);

int
main(int argc, char **argv)
{
	const char	*path = NULL;
	struct conf	*conf;
	struct daemon	*daemon;
	int		 opt, check = 0;

	while ((opt = getopt(argc, argv, "c:nVh")) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'n':
			check++;
			break;
		case 'V':
			printf("unio-hookd %s\n", UNIO_VERSION);
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
	if (check > 0)
		return conf_check(path, check, NULL);
	conf = conf_load(path, conf_report_to, stderr);
	if (conf == NULL)
		return 1;
	log_open("unio-hookd", (enum log_target)conf->log_target, (enum log_format)conf->log_format,
	    (enum log_level)conf->log_level);
	daemon = daemon_open(conf, path);
	daemon_run(daemon);
	daemon_close(&daemon);
	conf_free(&conf);
	return 0;
}

static void
usage(FILE *out)
{
	fputs("usage: unio-hookd [-c FILE] [-n] [-V] [-h]\n"
	    "  -c FILE  the configuration ($UNIO_CONF, or the compiled default)\n"
	    "  -n       checks the configuration and ends; twice: prints it\n"
	    "  -V       prints the version\n"
	    "  -h       prints this\n", out);
}
