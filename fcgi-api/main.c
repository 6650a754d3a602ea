/* unio-api: the REST API as FastCGI processes, or as a plain CGI program. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi.h"
#include "conf.h"
#include "confine.h"
#include "listen.h"
#include "log.h"
#include "master.h"
#include "mem.h"
#include "provider.h"
#include "rate.h"
#include "ready.h"
#include "service.h"
#include "tally.h"
#include "worker.h"

struct options {
	const char	*conf_path;	/* NULL: UNIO_CONF or the compiled default */
	const char	*pid_file;	/* NULL: none */
	int		 check;		/* how often -n was given */
};

static void		 parse_options(int argc, char **argv, struct options *options_r);
static void		 usage(FILE *out);
static struct conf	*start(const char *conf_path);
static void		 write_pid(const char *path);
static int		 run_alone(struct conf **conf, const char *conf_path, struct rate *rate, int listen_fd);

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct conf *conf;
	struct rate *rate;
	struct tally *tally;
	char reason[256];
	char *socket;	/* ours to remove; a reload does not move it */
	int listen_fd, code;

	signal(SIGPIPE, SIG_IGN);	/* whoever hangs up is seen by the write */
	signal(SIGXFSZ, SIG_IGN);	/* a file that may not grow is an error of the database, not the end */
	if (cgi_is_wanted()) {
		/* a web server may make arguments of the query: they are not looked at */
		conf = start(NULL);
		if (conf->confine)
			confine_start();
		code = cgi_run(conf);
		conf_free(&conf);
		return code;
	}
	parse_options(argc, argv, &options);
	if (options.check > 0)
		return conf_check(options.conf_path, options.check, provider_warn);

	worker_block_signals();
	conf = start(options.conf_path);
	if (service_prepare(conf) != 0) {
		conf_free(&conf);
		return 1;
	}
	listen_fd = listen_inherited();
	socket = listen_fd >= 0 ? NULL : mem_strdup(conf->api_socket);
	if (socket != NULL && (listen_fd = listen_unix(socket, reason, sizeof(reason))) < 0)
		log_fatal("cannot listen: %s", reason);
	rate = rate_new();
	tally = tally_new();
	if (options.pid_file != NULL)
		write_pid(options.pid_file);

	if (conf->confine)
		confine_start();	/* and with us whoever is forked */
	master_hide(conf);
	log_info("start", LOG_TEXT("version", UNIO_VERSION), LOG_INT("workers", conf->workers),
	    LOG_TEXT("socket", socket != NULL ? socket : "inherited"));
	code = conf->workers == 0 ? run_alone(&conf, options.conf_path, rate, listen_fd) :
				    master_run(&conf, options.conf_path, rate, tally, listen_fd);
	log_info("stop");

	if (socket != NULL)
		unlink(socket);
	free(socket);
	if (options.pid_file != NULL)
		unlink(options.pid_file);
	rate_free(&rate);
	tally_free(&tally);
	conf_free(&conf);
	return code;
}

static void
parse_options(int argc, char **argv, struct options *options_r)
{
	int option;

	while ((option = getopt(argc, argv, "c:hnp:V")) != -1)
		switch (option) {
		case 'c':
			options_r->conf_path = optarg;
			break;
		case 'n':
			options_r->check++;
			break;
		case 'p':
			options_r->pid_file = optarg;
			break;
		case 'V':
			printf("unio-api %s\n", UNIO_VERSION);
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	if (optind < argc) {
		usage(stderr);
		exit(2);
	}
}

static void
usage(FILE *out)
{
	fputs("usage: unio-api [-c FILE] [-p FILE]   serve FastCGI\n"
	    "       unio-api [-c FILE] -n           check the configuration (-nn: and print it)\n"
	    "       unio-api -V | -h                print the version | this\n", out);
}

/* The configuration and the log, or the end. */
static struct conf *
start(const char *conf_path)
{
	struct conf *conf = conf_load(conf_path, conf_report_to, stderr);

	if (conf == NULL)
		exit(1);
	service_log_open(conf);
	return conf;
}

static void
write_pid(const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file) != 0)
		log_fatal("cannot write %s: %s", path, log_errno());
}

/* workers = 0: some other program keeps as many of us as it likes. */
static int
run_alone(struct conf **conf, const char *conf_path, struct rate *rate, int listen_fd)
{
	enum worker_end end;

	ready_up("one process");
	while ((end = worker_run(*conf, rate, NULL, NULL, listen_fd)) == WORKER_RELOAD) {
		struct conf *fresh;

		ready_reloading();
		if ((fresh = master_reload(conf_path, *conf)) != NULL) {
			conf_free(conf);
			*conf = fresh;
		}
		ready_up("one process");
	}
	ready_stopping(NULL);
	return end == WORKER_STOP ? 0 : 1;
}
