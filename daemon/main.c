/*
 * vacancyd: options, and the start in its order: options, settings, code
 * tables, policy, vault, sockets, metrics, workers.
 *
 * It knows every part by name and none from inside.  Main returns in the
 * workers too, since they are forks of it.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <popt.h>

#include "daemon/api/app.h"
#include "daemon/base/oom.h"
#include "daemon/catalog/years.h"
#include "daemon/config/config.h"
#include "daemon/config/installed.h"
#include "daemon/flow/problem.h"
#include "daemon/http/tls.h"
#include "daemon/kept_post.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/parts.h"
#include "daemon/signs.h"
#include "daemon/sockets.h"
#include "daemon/supervise.h"
#include "daemon/vault/vault.h"

#define EXIT_USAGE  2
#define SPARE_FILES 64 /* besides connections: back-ends, sockets, the loop */

#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

struct options {
	char *config;
	int check, version, plan;
	char *words[4];
	int n_words;
};

static bool read_options(struct options *o, int argc, const char **argv)
{
	const struct poptOption table[] = { { "config", 'c', POPT_ARG_STRING, &o->config, 0,
						"settings", "FILE" },
		{ "check-config", 0, POPT_ARG_NONE, &o->check, 0,
		    "say what is wrong with the settings, and end", NULL },
		{ "version", 0, POPT_ARG_NONE, &o->version, 0, "print the version, and end",
		    NULL },
		{ "plan", 0, POPT_ARG_NONE, &o->plan, 0,
		    "migrate: print what would run, change nothing", NULL },
		POPT_AUTOHELP POPT_TABLEEND };
	poptContext p = poptGetContext("vacancyd", argc, argv, table, 0);
	const char *word;
	int rc;

	poptSetOtherOptionHelp(p, "[migrate | make-key FILE | year new YEAR FILE]");
	rc = poptGetNextOpt(p);
	if (rc < -1) {
		fprintf(stderr, "vacancyd: %s: %s\n", poptBadOption(p, 0), poptStrerror(rc));
		poptFreeContext(p);
		return false;
	}
	while ((word = poptGetArg(p))) {
		if (o->n_words == (int)(sizeof(o->words) / sizeof(*o->words))) {
			fprintf(stderr, "vacancyd: %s: one word too many\n", word);
			poptFreeContext(p);
			return false;
		}
		o->words[o->n_words++] = must_strdup(word);
	}
	poptFreeContext(p);
	if (!o->config)
		o->config = installed_path("/etc/vacancyd/vacancyd.conf");
	return true;
}

static void release_options(struct options *o)
{
	free(o->config);
	for (int i = 0; i < o->n_words; i++)
		free(o->words[i]);
}

static int migrate(const struct options *o)
{
	struct config *c = config_read(o->config);
	struct ledger_migration m;
	bool done;

	if (!c)
		return 1;
	m = (struct ledger_migration){
		.hosts = c->ledger,
		.as = c->ledger_migrate,
		.schema_dir = c->schema_dir,
		.plan_only = o->plan,
		.data_dir = c->data_dir,
		.city = c->city,
		.plan_year = c->plan_year,
		.sandbox = c->sandbox,
		.fixed_clock = *c->fixed_clock ? c->fixed_clock : NULL,
	};
	done = (m.plan_only || year_check(c->data_dir, c->city, c->plan_year)) &&
	       ledger_migrate(&m);
	config_free(c);
	return done ? 0 : 1;
}

static int make_key(const char *path)
{
	errno = 0;
	if (vault_create_file(path)) {
		printf("%s: made; keep a copy where this machine cannot lose it\n", path);
		return 0;
	}
	fprintf(stderr, "%s: %s\n", path, errno ? strerror(errno) : "cannot be made");
	return 1;
}

static int new_year(const struct options *o, const char *year, const char *numbers)
{
	struct config *c;
	bool done;

	if (strlen(year) != 4 || strspn(year, "0123456789") != 4 || year[0] != '2') {
		fprintf(stderr, "%s: a year is expected, 2000 to 2999\n", year);
		return EXIT_USAGE;
	}
	c = config_read(o->config);
	if (!c)
		return 1;
	done = year_make(c->data_dir, c->city, (int)strtol(year, NULL, 10), numbers);
	config_free(c);
	return done ? 0 : 1;
}

static void print_days(int64_t until)
{
	int64_t left = (until - (int64_t)time(NULL)) / 86400;
	time_t at = (time_t)until;
	char day[11];
	struct tm tm;

	strftime(day, sizeof(day), "%Y-%m-%d", gmtime_r(&at, &tm));
	printf("certificate until %s, %lld days\n", day, (long long)left);
}

static int check_config(const struct options *o)
{
	const char *why;
	struct parts p;

	if (!parts_read(&p, o->config))
		return 1;
	why = parts_days_fault(&p);
	if (why) /* a start serves all the same */
		fprintf(stderr, "%s: warning: %s\n", p.config->tls_certificate, why);
	printf("%s: good; policy %s\n", o->config, p.policy.version);
	if (p.tls)
		print_days(tls_valid_until(p.tls));
	parts_release(&p);
	return 0;
}

/* What a process that holds secrets does not leave lying about. */
static void keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
#ifndef HAS_SANITIZER /* the leak checker traces us */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

static void raise_file_limit(int connections)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur < (rlim_t)connections + SPARE_FILES)
		log_event(LOG_LEVEL_WARN, "daemon.files", "why",
		    "fewer open files allowed than max_connections", NULL);
}

/* What the metrics tell apart: each route of clients, each kind of problem. */
static void name_route(size_t i, const char **method, const char **path)
{
	*method = method_name(api_routes[i].method);
	*path = api_routes[i].pattern;
}

static const char *name_problem(size_t i)
{
	size_t n;

	return problem_kinds(&n)[i].slug;
}

static void open_metrics(int workers)
{
	struct metric_labels labels = { .n_routes = n_api_routes,
		.route = name_route,
		.problem = name_problem };

	problem_kinds(&labels.n_problems);
	metrics_open(workers, &labels);
}

static int serve(const struct options *o)
{
	enum log_level level = LOG_LEVEL_INFO;
	pid_t parent = getpid();
	struct sockets sockets;
	struct parts parts;
	const char *why;
	int code;

	keep_secrets();
	signal(SIGPIPE, SIG_IGN);
	supervise_prepare();
	if (!parts_read(&parts, o->config))
		return 1;
	why = parts_days_fault(&parts);
	(void)log_level_of(parts.config->log_level, &level);
	log_never_wait();
	log_open(level, "main");
	if (why) /* who does not look at it can still be served */
		log_event(LOG_LEVEL_ERROR, "daemon.certificate", "why", why, NULL);
	raise_file_limit(parts.config->max_connections);
	if (!sockets_bind(&sockets, parts.config)) {
		parts_release(&parts);
		return 1;
	}
	open_metrics(parts.config->workers);
	signs_open(2 * parts.config->workers);
	kept_post_open();
	ledger_prepare(2 * parts.config->workers);
	log_event(LOG_LEVEL_INFO, "daemon.started", "version", VACANCYD_VERSION, "listen",
	    parts.config->listen, "policy", parts.policy.version, NULL);
	code = supervise(&parts, &sockets, o->config);
	if (getpid() == parent) {
		sockets_release(&sockets);
		log_event(LOG_LEVEL_INFO, "daemon.ended", NULL);
	}
	log_flush();
	signs_close();
	kept_post_close();
	metrics_close();
	parts_release(&parts);
	return code;
}

static int usage(void)
{
	fputs("usage: vacancyd [-c FILE] [--check-config]\n"
	      "       vacancyd [-c FILE] migrate [--plan]\n"
	      "       vacancyd make-key FILE\n"
	      "       vacancyd [-c FILE] year new YEAR FILE\n"
	      "       vacancyd --version\n",
	    stderr);
	return EXIT_USAGE;
}

static int run(const struct options *o)
{
	if (o->version) {
		puts("vacancyd " VACANCYD_VERSION);
		return 0;
	}
	if (o->n_words == 0)
		return o->check ? check_config(o) : serve(o);
	if (strcmp(o->words[0], "migrate") == 0 && o->n_words == 1)
		return migrate(o);
	if (strcmp(o->words[0], "make-key") == 0 && o->n_words == 2)
		return make_key(o->words[1]);
	if (o->n_words == 4 && strcmp(o->words[0], "year") == 0 &&
	    strcmp(o->words[1], "new") == 0)
		return new_year(o, o->words[2], o->words[3]);
	return usage();
}

int main(int argc, const char **argv)
{
	struct options o = { 0 };
	int code;

	memory_settle();
	code = read_options(&o, argc, argv) ? run(&o) : usage();

	release_options(&o);
	return code;
}
