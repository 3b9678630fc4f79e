/*
 * vacancyctl's commands: one row a command, and the one function that runs them.
 *
 * A row says the words, the request and the table of its answer.  `{0}` in a
 * path is the command's first argument.  Only `batch` is more than one request.
 */
#include "clients/cli/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

/* Which options go into the query. */
enum { Q_K = 1, Q_YEAR = 2, Q_AS_OF = 4, Q_UNIT = 8, Q_VERSION = 16, Q_VALIDATE = 32 };

struct command {
	const char *noun, *verb;
	int n_args;
	const char *args, *help;
	const char *method, *path;
	json_t *(*body)(const struct ctl *c);
	bool file;       /* the last argument is the file of the body */
	bool idempotent; /* send an Idempotency-Key */
	bool admin;      /* on the admin socket */
	unsigned query;
	const char *list; /* the answer's array, shown as a table */
	const struct column *columns;
	size_t n_columns;
};

#define TABLE(member, array)                                                                   \
	.list = (member), .columns = (array), .n_columns = sizeof(array) / sizeof((array)[0])

static const struct column vacancy_matches[] = {
	{ "#", "position", true },
	{ "VACANCY", "vacancy", true },
	{ "SCORE", "score", true },
	{ "TITLE", "title" },
	{ "EMPLOYER", "employer" },
	{ "PAY", "pay" },
	{ "PLACE", "place" },
	{ "WHY", "explanation.en" },
};
static const struct column seeker_matches[] = {
	{ "#", "position", true },
	{ "SEEKER", "seeker" },
	{ "RANK", "rank" },
	{ "PRIORITY", "priority" },
	{ "FIT", "fit" },
	{ "SCORE", "score", true },
	{ "BY SCORE", "by_score", true },
	{ "DISTRICT", "district" },
	{ "WHY", "explanation.en" },
};
static const struct column city_progress[] = {
	{ "TARGET", "target" },
	{ "UNIT", "unit" },
	{ "VALUE", "value", true },
	{ "ACHIEVED", "achieved", true },
	{ "EXPECTED", "expected", true },
	{ "GAP", "gap", true },
};
static const struct column seeker_progress[] = {
	{ "TARGET", "target" },
	{ "COUNTS", "counts" },
	{ "UNIT", "unit" },
	{ "PLACEMENT", "placement" },
	{ "RULE", "rule" },
	{ "WHY", "en" },
};
static const struct column keys[] = {
	{ "KEY", "kid" },
	{ "ROLE", "role" },
	{ "ORGANISATION", "org_code" },
	{ "SCOPE", "scope" },
	{ "EXPIRES", "expires_on" },
	{ "REVOKED", "revoked_at" },
};

static const struct command commands[] = {
	{ "return", "file", 4, "EMPLOYER DISTRICT QUARTER FILE",
	    "file or replace a quarter's return (--validate: only check it)", "PUT",
	    "/v1/returns/{0}/{1}/{2}", .file = true, .query = Q_VALIDATE },
	{ "return", "nil", 3, "EMPLOYER DISTRICT QUARTER",
	    "say that there is no vacancy (--staff)", "PUT", "/v1/returns/{0}/{1}/{2}",
	    .body = body_nil_return, .query = Q_VALIDATE },
	{ "return", "show", 3, "EMPLOYER DISTRICT QUARTER",
	    "read it (--version: an earlier one)", "GET", "/v1/returns/{0}/{1}/{2}",
	    .query = Q_VERSION },
	{ "employer", "put", 2, "EMPLOYER FILE", "enter an employer and its sites", "PUT",
	    "/v1/employers/{0}", .file = true },
	{ "employer", "show", 1, "EMPLOYER", "read an employer", "GET", "/v1/employers/{0}" },
	{ "vacancy", "show", 1, "VACANCY", "read a vacancy", "GET", "/v1/vacancies/{0}" },
	{ "seeker", "register", 1, "FILE", "register a job seeker", "POST", "/v1/seekers",
	    .file = true, .idempotent = true },
	{ "seeker", "show", 1, "SEEKER", "read a person's file (the look is kept)", "GET",
	    "/v1/seekers/{0}" },
	{ "household", "register", 1, "FILE", "determine a zero-employment household", "POST",
	    "/v1/households", .file = true, .idempotent = true },
	{ "household", "show", 1, "HOUSEHOLD", "read a household", "GET",
	    "/v1/households/{0}" },
	{ "posts", "approve", 1, "FILE", "approve public-welfare posts", "POST",
	    "/v1/public-welfare-posts", .file = true, .idempotent = true },
	{ "match", "seeker", 1, "SEEKER", "which vacancies fit her (-k, --explain)", "GET",
	    "/v1/seekers/{0}/matches", .query = Q_K, TABLE("items", vacancy_matches) },
	{ "match", "vacancy", 1, "VACANCY", "who fits it, priority first (-k, --explain)",
	    "GET", "/v1/vacancies/{0}/matches", .query = Q_K, TABLE("items", seeker_matches) },
	{ "place", "report", 0, "",
	    "report a placement (--seeker, --vacancy or --workplace and --kind, --start)",
	    "POST", "/v1/placements", .body = body_placement, .idempotent = true },
	{ "place", "confirm", 1, "PLACEMENT", "confirm it, as somebody else than who reported",
	    "POST", "/v1/placements/{0}/confirm", .idempotent = true },
	{ "place", "register", 1, "PLACEMENT", "register it at a --community: now it counts",
	    "POST", "/v1/placements/{0}/register", .body = body_registration,
	    .idempotent = true },
	{ "place", "void", 1, "PLACEMENT", "void it (--code V1|V2|V3, --reason, --evidence)",
	    "POST", "/v1/placements/{0}/void", .body = body_void, .idempotent = true },
	{ "place", "show", 1, "PLACEMENT", "read it", "GET", "/v1/placements/{0}" },
	{ "progress", "city", 0, "", "toward the year's targets (--year, --as-of, --unit)",
	    "GET", "/v1/progress", .query = Q_YEAR | Q_AS_OF | Q_UNIT,
	    TABLE("targets", city_progress) },
	{ "progress", "seeker", 1, "SEEKER", "what she counts toward, and why not the rest",
	    "GET", "/v1/seekers/{0}/progress", .query = Q_YEAR | Q_AS_OF,
	    TABLE("targets", seeker_progress) },
	{ "key", "create", 0, "", "make a key (--role, --org, --scope, --expires)", "POST",
	    "/keys", .body = body_key, .admin = true },
	{ "key", "list", 0, "", "list keys", "GET", "/keys", .admin = true,
	    TABLE("keys", keys) },
	{ "key", "revoke", 1, "KEY", "revoke a key", "POST", "/keys/{0}/revoke",
	    .admin = true },
	{ "board", "rebuild", 0, "", "fill a new board from the ledger", "POST",
	    "/board/rebuild", .admin = true },
	{ "board", "verify", 0, "", "board equals ledger, record by record", "POST",
	    "/board/verify", .admin = true },
	{ "batch", NULL, 1, "FILE", "send a file of requests, one a line (--concurrency)" },
};

static void usage(FILE *to)
{
	fputs("usage: vacancyctl [OPTIONS] COMMAND\n\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *k = &commands[i];
		char words[80];

		snprintf(words, sizeof(words), "%s%s%s %s", k->noun, k->verb ? " " : "",
		    k->verb ? k->verb : "", k->args);
		fprintf(to, "  %-44s %s\n", words, k->help);
	}
	fputs("\nvacancyctl --help lists the options; vacancyctl(1) is the manual.\n", to);
}

static const struct command *find(int n, const char **words, int *used)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *k = &commands[i];

		if (n < 1 || strcmp(words[0], k->noun) != 0)
			continue;
		*used = k->verb ? 2 : 1;
		if (!k->verb || (n > 1 && strcmp(words[1], k->verb) == 0))
			return k;
	}
	return NULL;
}

/* The pattern with its arguments filled in; false when it does not fit. */
static bool fill_path(const struct ctl *c, const char *pattern, char *out, size_t size)
{
	size_t at = 0;

	for (; *pattern; pattern++) {
		char one[2] = { *pattern }, *segment = NULL;
		const char *piece = one;

		if (*pattern == '{') {
			segment = ctl_segment(c->argv[pattern[1] - '0']);
			piece = segment;
			pattern += 2;
		}
		if (strlen(piece) >= size - at) {
			free(segment);
			return false;
		}
		at += (size_t)snprintf(out + at, size - at, "%s", piece);
		free(segment);
	}
	return true;
}

static void add_query(char *path, size_t size, const char *name, const char *value)
{
	size_t at = strlen(path);
	char *escaped;

	if (!value)
		return;
	escaped = ctl_segment(value);
	snprintf(path + at, size - at, "%c%s=%s", strchr(path, '?') ? '&' : '?', name, escaped);
	free(escaped);
}

static void add_number(char *path, size_t size, const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	add_query(path, size, name, value == UNSAID ? NULL : text);
}

static int run(struct ctl *c, const struct command *k)
{
	struct column shown[16];
	size_t n = 0;
	json_t *body = NULL, *answer;
	char path[1024];
	int code;

	if (k->file && !(body = ctl_file(c->argv[k->n_args - 1])))
		return EXIT_USAGE;
	if (k->body && !(body = k->body(c)))
		return EXIT_USAGE;
	if (!fill_path(c, k->path, path, sizeof(path) - 256)) {
		fputs("vacancyctl: an argument is too long\n", stderr);
		json_decref(body);
		return EXIT_USAGE;
	}
	add_number(path, sizeof(path), "k", k->query & Q_K ? c->opt.k : UNSAID);
	add_number(path, sizeof(path), "year", k->query & Q_YEAR ? c->opt.year : UNSAID);
	add_number(path, sizeof(path), "version",
	    k->query & Q_VERSION ? c->opt.version : UNSAID);
	add_query(path, sizeof(path), "as_of", k->query & Q_AS_OF ? c->opt.as_of : NULL);
	add_query(path, sizeof(path), "unit", k->query & Q_UNIT ? c->opt.unit : NULL);
	add_query(path, sizeof(path), "validate",
	    k->query & Q_VALIDATE && c->opt.validate ? "only" : NULL);
	answer = k->admin ? ctl_admin(c, k->method, path, body, &code)
			  : ctl_call(c, k->method, path, body, k->idempotent, &code);
	json_decref(body);
	if (!answer)
		return code;
	/* Why a match stands where it stands is long: shown when asked for. */
	for (size_t i = 0; i < k->n_columns; i++) {
		shown[n] = k->columns[i];
		if (strcmp(shown[n].member, "explanation.en") == 0) {
			if (!c->opt.explain)
				continue;
			if (ctl_is_chinese(c))
				shown[n].member = "explanation.zh";
		} else if (strcmp(shown[n].member, "en") == 0 && ctl_is_chinese(c)) {
			shown[n].member = "zh";
		}
		n++;
	}
	if (k->list)
		show_rows(c, answer, k->list, shown, n);
	else
		show_members(c, answer);
	/* `board verify` found something: scripts should notice. */
	if (json_integer_value(json_object_get(answer, "differences")) > 0)
		code = EXIT_REFUSED;
	json_decref(answer);
	return code;
}

int main(int argc, const char **argv)
{
	static struct ctl c;
	const struct command *k;
	const char **words;
	int n, used = 0, code;

	if (!options_read(&c.opt, argc, argv, &n, &words))
		return EXIT_USAGE;
	k = find(n, words, &used);
	if (!k && n)
		fprintf(stderr,
		    "vacancyctl: no such command: %s%s%s; without one it lists them\n",
		    words[0], n > 1 ? " " : "", n > 1 ? words[1] : "");
	else if (!k)
		usage(stderr);
	if (!k)
		return EXIT_USAGE;
	/* What a terminal of another encoding sends would be lost on the way. */
	for (int i = 1; i < argc; i++) {
		json_t *text = json_string(argv[i]);

		if (!text) {
			fprintf(stderr, "vacancyctl: argument %d is not UTF-8\n", i);
			return EXIT_USAGE;
		}
		json_decref(text);
	}
	c.argc = n - used;
	c.argv = words + used;
	if (c.argc != k->n_args) {
		fprintf(stderr, "usage: vacancyctl %s%s%s %s\n", k->noun, k->verb ? " " : "",
		    k->verb ? k->verb : "", k->args);
		return EXIT_USAGE;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	code = k->path ? run(&c, k) : batch_run(&c);
	curl_global_cleanup();
	return code;
}
