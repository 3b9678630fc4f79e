/*
 * vacancyctl: what its files share.
 *
 * A command is one row of the table in main.c: its words, its request, and how
 * its answer is shown.  call.c speaks HTTP and prints refusals for a person;
 * show.c prints a table or, with --json, the answer as it came.  Nothing here
 * knows more of the exchange than the API says.
 *
 * Exit codes: 0 done; 1 the exchange refused; 2 the command line is wrong;
 * 3 the exchange cannot be reached or answers 5xx, so asking again may help.
 */
#ifndef CLIENTS_CLI_CTL_H
#define CLIENTS_CLI_CTL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_AWAY = 3 };

/* A number that was not on the command line: 0 and -1 are for the exchange to refuse. */
#define UNSAID INT_MIN

/* Every option of every command: one table (options.c), one struct. */
struct options {
	char *url, *key, *admin, *lang;
	int json, explain, quiet, validate;
	int k, year, staff, concurrency, version;
	char *if_match, *idempotency_key, *actor, *as_of, *unit;
	char *seeker, *vacancy, *kind, *employer, *workplace, *start, *community, *on;
	char *code, *reason, *evidence;
	char *role, *org, *name, *scope, *expires;
};

struct ctl {
	struct options opt;
	int argc; /* the words after the command's own */
	const char **argv;
};

/* Fills `o` from the environment and the command line; words left over go to *argv.
 * False: the reason went to stderr. */
bool options_read(struct options *o, int argc, const char **argv, int *n_words,
    const char ***words);
/*
 * One request.  `body` is borrowed and may be NULL.  Returns the answer's JSON (to be
 * decref'ed) or NULL when it was refused or the exchange is away: then *code is the exit
 * code and the reason has been printed.  `idempotent` sends an Idempotency-Key: the
 * caller's, or one of this run's own.
 */
json_t *ctl_call(struct ctl *c, const char *method, const char *path, const json_t *body,
    bool idempotent, int *code);
/* The same, on the admin socket. */
json_t *ctl_admin(struct ctl *c, const char *method, const char *path, const json_t *body,
    int *code);
/* Whether the person reads Chinese: --lang, else $LANG. */
bool ctl_is_chinese(const struct ctl *c);
/* A JSON file, "-" for standard input; NULL: the reason went to stderr. */
json_t *ctl_file(const char *path);
/* s percent-encoded as one segment of a path; to be freed. */
char *ctl_segment(const char *s);

/* One column: a header and the member, with dots for nested ones ("explanation.en"). */
struct column {
	const char *header, *member;
	bool right;
};
/* With --json the whole answer; else the rows of `list` (NULL: the answer itself). */
void show_rows(const struct ctl *c, const json_t *answer, const char *list,
    const struct column *columns, size_t n);
/* Member and value, one a line. */
void show_members(const struct ctl *c, const json_t *answer);
void show_problem(const struct ctl *c, long status, const json_t *problem);

/* The bodies that are made of options instead of a file (body.c); to be decref'ed. */
json_t *body_nil_return(const struct ctl *c);
json_t *body_placement(const struct ctl *c);
json_t *body_registration(const struct ctl *c);
json_t *body_void(const struct ctl *c);
json_t *body_key(const struct ctl *c);

/* Sends a file of requests, one JSON object a line (batch.c). */
int batch_run(struct ctl *c);

#endif
