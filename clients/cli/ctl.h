/*
 * vacancyctl: what its files share.
 *
 * A command is one row of the table in commands.c: its words, its request, which
 * options go where, and the table of its answer.  options.c reads what was said,
 * body.c makes bodies, http_call.c speaks HTTP, sheet_file.c takes sheets; show.c,
 * answer_members.c and show_problem.c speak to people; help.c prints the table itself.  Nothing
 * here knows more of the exchange than the API says.
 *
 * Exit codes: 0 done; 1 the exchange refused; 2 the command line is wrong;
 * 3 the exchange cannot be reached or answers 5xx, so asking again may help.
 */
#ifndef CLIENTS_CLI_CTL_H
#define CLIENTS_CLI_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <curl/curl.h>
#include <jansson.h>

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_AWAY = 3 };

/* An option: whether it takes a word, a number, nothing, or KEY=VALUE with commas.  Every
 * command takes the common ones; any other only where its row names it. */
enum kind { WORD, NUMBER, FLAG, PAIRS, LIST };
struct option {
	const char *name;
	int letter;
	enum kind kind;
	bool common;
	const char *arg; /* a FLAG's: what it stands for in a query; "true" when NULL */
	const char *en, *zh;
};
extern const struct option options[];
extern const size_t n_options;

enum { LEFT = 0, RIGHT = 1, CUT = 2, WRAP = 4, WHY = 8, WIDE = 16 };

/* One column: a header in two languages and the member, with dots for nested ones.  CUT may
 * be shortened on a narrow terminal, WRAP takes more lines, WHY only stands with --explain,
 * WIDE not on a terminal of 80 places. */
struct column {
	const char *en, *zh, *member;
	int how;
};

struct ctl;

struct command {
	const char *words; /* "seeker list" */
	const char *args;  /* "SEEKER FILE"; one in brackets may be left out */
	const char *en, *zh;
	const char *method, *path; /* {0} is the first argument; not under /v1 nor a page: on
				      the admin socket */
	const char *query, *body;  /* which options go there: see body.c */
	const char *sheet; /* the member that FILE is when it is a sheet; NULL: it is JSON */
	const char *list;  /* the answer's array, shown as a table */
	const char *notes; /* another, shown below it */
	const struct column *columns;
	size_t n_columns;
	int (*run)(struct ctl *c); /* instead of one request */
};
extern const struct command commands[];
extern const size_t n_commands;

struct ctl {
	const struct command *command;
	int argc; /* the words after the command's own */
	const char **argv;
	bool zh; /* the person reads Chinese */
};

/* Fills the options from file, environment and command line; words left over go to *words.
 * False: the reason went to stderr. */
bool options_read(struct ctl *c, int argc, const char **argv, int *n_words,
    const char ***words);
/* False: one was said that the command does not take; that went to stderr. */
bool options_fit(const struct ctl *c);
/* What was said for an option, or NULL; a flag that was set is what it stands for. */
const char *option(const char *name);
enum kind option_kind(const char *name);
bool command_takes(const struct command *k, const char *option);
/* A POST of the API is answered once for each key. */
bool command_is_admin(const struct command *k);
bool command_is_page(const struct command *k); /* its answer is text for people */
bool command_has_file(const struct command *k);
int command_least(const struct command *k); /* arguments */
int command_most(const struct command *k);

/* The item at *spec as its member, its option, its literal; false at the end (body.c). */
struct item {
	char member[48], option[48], literal[48], without[48];
	bool needed;
};
bool item_next(const char **spec, struct item *out);
/* The body that the row makes of options and arguments, or of the file; false: said why. */
bool body_make(const struct ctl *c, json_t **body);
/* What FILE says; NULL: said why (body_file.c). */
json_t *body_of_file(const struct ctl *c, const char *path);
/* The query string with its '?', to be freed; NULL: said why. */
char *query_make(const struct ctl *c);

struct request {
	const char *method, *path;
	const json_t *body;
	bool admin, idempotent;
	bool page;          /* its answer is text, not JSON */
	const char *accept; /* NULL: what there is */
	const char *key;    /* of idempotency; NULL: the option's, or one made anew */
};
struct answer {
	long status;
	char *text; /* as it came */
	size_t len;
	json_t *json; /* NULL when it is none */
};
/*
 * One request, repeated with the same Idempotency-Key when its outcome is not known and
 * that is safe.  EXIT_DONE: the answer is to be released; else the reason has been printed.
 */
int call(const struct ctl *c, const struct request *r, struct answer *out);
void answer_release(struct answer *a);
/* The address, and the headers every request has; to be freed by curl_slist_free_all. */
const char *call_base(void);
/* To that address, and to it alone; over TLS, if its certificate is good. */
void call_safely(CURL *curl);
struct curl_slist *call_headers(const struct ctl *c, bool admin, const char *content_type,
    const char *idempotency_key);
bool call_new_key(char out[40]);
/* How long to wait before the request is sent again: what Retry-After wants, in seconds, but
 * 10 at most; without it longer each time. */
long call_pause_ms(int tries, curl_off_t wanted);
/* The request as it would be sent, without secrets, on standard output. */
void call_show(const struct ctl *c, const struct request *r);
/* s percent-encoded as one segment of a path; to be freed. */
char *call_segment(const char *s);

/* Rows, one page after the other; finish prints what was kept for a table, and when all
 * went well says that there was nothing. */
struct shown;
struct shown *show_begin(const struct ctl *c);
void show_page(struct shown *s, const struct answer *a);
void show_finish(struct shown *s, bool whole);
/* Member and value, one a line; with --json as it came, with --csv as two columns. */
void show_answer(const struct ctl *c, const struct answer *a);
/* A list of objects as a table of its own, on a terminal or in a pipe. */
void show_rows(const struct ctl *c, const json_t *names, const char *name, const json_t *rows);
/* A member, "hukou.type", as the reader's language has it; cut when it does not fit. */
void name_print(char *out, size_t n, const struct ctl *c, const char *path);
/* One line of that CSV, after what begins one. */
void show_csv_begin(void);
void show_csv_member(const struct ctl *c, const char *name, const json_t *v);
/* A line on a terminal's standard error, over the one before; `words` NULL wipes it. */
void show_progress(const char *words, unsigned long done, unsigned long all);
/* A value as text for this reader, to be freed. */
char *show_text(const struct ctl *c, const json_t *v);
/* The same of a member, codes with their names: `names` are the answer's, "hukou.type" or
 * "type" the member. */
char *show_value(const struct ctl *c, const json_t *names, const char *member, const json_t *v);
/* A refusal, on standard error. */
void problem_show(const struct ctl *c, long status, const json_t *problem);
/* The faults of a body or of a line, one each, on standard error. */
void problem_errors(const struct ctl *c, const json_t *errors);
/* One message in the person's language. */
/* Why a record of a file was refused: its receipt. */
void problem_of_record(const struct ctl *c, const json_t *receipt);
void problem_say(const struct ctl *c, const char *en, const char *zh, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* The list of codes that an option of a command takes, or its argument KIND; NULL: none. */
const char *code_list_taken(const struct ctl *c, const struct command *k, const char *option);
/* The code of a list that a word of n bytes means: a code, a name, another spelling; or NULL.
 */
const char *code_meant(const char *list, const char *word, size_t n);
/* All of a list, with commas; in Chinese with their names. */
void code_list_put(FILE *out, const char *list, bool zh);
/* What a member's code of a short list is called in Chinese; NULL: it is none. */
const char *code_zh(const struct ctl *c, const char *member, const char *code);
/* The cases of bash for what options take. */
void code_values_put(void);

/* False: a sheet was asked for of what has none; that went to standard error. */
bool sheet_fits(const struct ctl *c);
/* Standard output into the file of --out; after that it stands there if it is whole.  False:
 * that went to standard error. */
bool out_begin(const struct ctl *c);
bool out_end(const struct ctl *c, bool is_whole);
/* What a GET answers as a sheet: CSV, or the XLSX of --xlsx (sheet_file.c). */
int sheet_run(const struct ctl *c, const char *path, bool is_csv);

int help_run(struct ctl *c);
int completion_run(struct ctl *c);
int manual_run(struct ctl *c);
/* A return on record as a receipt for paper (receipt.c). */
int receipt_run(struct ctl *c);
void help_usage(const struct ctl *c, FILE *to, const char *noun);
void help_command(const struct ctl *c, FILE *to, const struct command *k);
/* Sends a file of requests, one JSON object a line (batch.c). */
int batch_run(struct ctl *c);
/* Sends a file of many records: vacancy lines, or of the kind that --kind or the command's path
 * says (import.c). */
int import_run(struct ctl *c);
int template_run(struct ctl *c);
int import_show_run(struct ctl *c);
int import_receipts_run(struct ctl *c);

#endif
