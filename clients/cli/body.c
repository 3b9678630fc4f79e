/*
 * What a command sends: its body and its query, made of options and arguments.
 *
 * The rows say how, in a small language.  `start_on` is the member of that name and
 * the option --start-on; `k=limit` of another; `closed.reason` is within an object; `!`
 * cannot be left out; `kind|unit` has a default; `nil:true` is JSON; `x:@1` the
 * second argument; `y:true~until` stands only without --until; `explain?` is an
 * option that is not sent.  Beside a file that may be a sheet, options stand in the place of
 * what the file says.  Whether a value is right is for the exchange.
 */
#include "clients/cli/ctl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void copy(char to[48], const char *from, size_t n)
{
	snprintf(to, 48, "%.*s", (int)n, from);
}

bool item_next(const char **spec, struct item *out)
{
	static const char marks[] = "=:!|~? ";
	const char *p = *spec ? *spec : "", *name;

	*out = (struct item){ 0 };
	p += strspn(p, " ");
	if (!*p)
		return false;
	copy(out->member, p, strcspn(p, marks));
	name = strchr(out->member, '.');
	snprintf(out->option, sizeof(out->option), "%s", name ? name + 1 : out->member);
	for (char *c = out->option; (c = strchr(c, '_'));)
		*c = '-';
	p += strcspn(p, marks);
	while (*p && *p != ' ') {
		char mark = *p++;
		size_t n = strcspn(p, mark == ':' ? "~ " : marks);

		if (mark == '=')
			copy(out->option, p, n);
		else if (mark == ':' || mark == '|')
			copy(out->literal, p, n);
		else if (mark == '~')
			copy(out->without, p, n);
		if (mark == ':')
			out->option[0] = '\0';
		if (mark == '?')
			out->member[0] = '\0';
		out->needed = out->needed || mark == '!';
		p += n;
	}
	*spec = p;
	return true;
}

bool command_is_page(const struct command *k)
{
	return k->path && strncmp(k->path, "/rules", 6) == 0;
}

bool command_is_admin(const struct command *k)
{
	return k->path && strncmp(k->path, "/v1/", 4) != 0 && !command_is_page(k);
}

bool command_has_file(const struct command *k)
{
	size_t n = strlen(k->args);

	return !k->run && ((n >= 4 && strcmp(k->args + n - 4, "FILE") == 0) ||
			      (n >= 6 && strcmp(k->args + n - 6, "[FILE]") == 0));
}

static int count(const char *args, bool all)
{
	int n = 0;

	for (const char *p = args; *p; p += strspn(p, " ")) {
		n += all || *p != '[';
		p += strcspn(p, " ");
	}
	return n;
}

int command_least(const struct command *k)
{
	return count(k->args, false);
}

int command_most(const struct command *k)
{
	return count(k->args, true);
}

bool command_takes(const struct command *k, const char *name)
{
	const char *specs[] = { k->query, k->body };
	bool puts = k->method && strcmp(k->method, "PUT") == 0;
	struct item item;

	for (size_t i = 0; i < 2; i++)
		while (item_next(&specs[i], &item))
			if (strcmp(item.option, name) == 0 ||
			    (strcmp(item.member, "cursor") == 0 && strcmp(name, "all") == 0))
				return true;
	if (strcmp(name, "if-match") == 0)
		return puts || (k->method && strcmp(k->method, "PATCH") == 0);
	return puts && strcmp(name, "if-none-match") == 0;
}

/* "a=x,b=y" as [{"seeker":"a","reason":"x"},...], or of a sample with other names. */
static json_t *pairs(const char *said, const char *option)
{
	bool is_sample = strcmp(option, "wrong") == 0;
	const char *of = is_sample ? "record" : "seeker", *why = is_sample ? "note" : "reason";
	json_t *all = json_array();

	for (const char *p = said; *p; p += strspn(p, ",")) {
		size_t n = strcspn(p, ","), m = strcspn(p, "=,");
		size_t rest = m < n ? n - m - 1 : 0;

		json_array_append_new(all,
		    json_pack("{s:s%, s:s%}", of, p, m, why, p + n - rest, rest));
		p += n;
	}
	return all;
}

/* "a,b" as ["a","b"]. */
static json_t *list(const char *said)
{
	json_t *all = json_array();

	for (const char *p = said; *p; p += strspn(p, ",")) {
		json_array_append_new(all, json_stringn(p, strcspn(p, ",")));
		p += strcspn(p, ",");
	}
	return all;
}

/* What was said for an option, in the words that people have for codes; to be freed. */
static char *said_for(const struct ctl *c, const char *name)
{
	const char *said = option(name), *list = code_list_taken(c, c->command, name);
	char *text = NULL;
	size_t size;
	FILE *out = list ? open_memstream(&text, &size) : NULL;

	if (!list)
		return strdup(said);
	for (const char *p = said; *p;) {
		size_t n = strcspn(p, ",");
		const char *code = code_meant(list, p, n);

		code ? fputs(code, out) : fprintf(out, "%.*s", (int)n, p);
		p += n;
		if (*p)
			fputc(*p++, out);
	}
	fclose(out);
	return text;
}

static json_t *word_for(const struct ctl *c, const char *name)
{
	char *text = said_for(c, name);
	json_t *value = json_string(text);

	free(text);
	return value;
}

static json_t *value_of(const struct ctl *c, const struct item *item)
{
	const char *said = *item->option ? option(item->option) : NULL;

	if (*item->without && option(item->without))
		return NULL;
	if (*item->option && !said)
		return *item->literal ? json_string(item->literal) : NULL;
	if (!*item->option && item->literal[0] == '@')
		return json_string(c->argv[item->literal[1] - '0']);
	if (!*item->option)
		return json_loads(item->literal, JSON_DECODE_ANY, NULL);
	switch (option_kind(item->option)) {
	case NUMBER:
		return json_integer(strtol(said, NULL, 10));
	case FLAG:
		return json_true();
	case PAIRS:
		return pairs(said, item->option);
	case LIST:
		return list(said);
	case WORD:
		break;
	}
	return word_for(c, item->option);
}

static void put(json_t *body, const char *member, json_t *value)
{
	const char *dot = strchr(member, '.');
	char outer[48];
	json_t *in;

	if (!dot) {
		json_object_set_new(body, member, value);
		return;
	}
	copy(outer, member, (size_t)(dot - member));
	in = json_object_get(body, outer);
	if (!in) {
		in = json_object();
		json_object_set_new(body, outer, in);
	}
	json_object_set_new(in, dot + 1, value);
}

static bool needs(const struct ctl *c, const struct item *item)
{
	if (!item->needed || option(item->option))
		return false;
	problem_say(c, "`%s` needs --%s", "“%s”必须给出 --%s", c->command->words, item->option);
	return true;
}

/* A number asked for at the terminal: on a command line it could be read by others. */
static json_t *asked(const struct ctl *c, const char *member)
{
	char line[128] = "";

	if (isatty(STDIN_FILENO))
		fputs(c->zh ? "公民身份号码：" : "citizen number: ", stderr);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return json_pack("{s:s}", member, line);
}

/* What the row says that options are; false: one that is needed was not said. */
static bool put_options(const struct ctl *c, json_t *body)
{
	const char *spec = c->command->body;
	struct item item;

	while (item_next(&spec, &item)) {
		json_t *value = needs(c, &item) ? NULL : value_of(c, &item);

		if (value)
			put(body, item.member, value);
		else if (item.needed)
			return false;
	}
	return true;
}

static bool from_file(const struct ctl *c, const char *path, json_t **body)
{
	*body = body_of_file(c, path);
	return *body && (!c->command->sheet || put_options(c, *body));
}

bool body_make(const struct ctl *c, json_t **body)
{
	const struct command *k = c->command;
	const char *spec = k->body;
	struct item item;

	*body = NULL;
	if (command_has_file(k)) {
		const char *first = spec;

		if (c->argc == command_most(k))
			return from_file(c, c->argv[c->argc - 1], body);
		if (item_next(&first, &item) && !*item.option) {
			*body = asked(c, item.member);
			return *body != NULL;
		}
	}
	if (!spec)
		return true;
	*body = json_object();
	if (put_options(c, *body))
		return true;
	json_decref(*body);
	*body = NULL;
	return false;
}

char *query_make(const struct ctl *c)
{
	const char *spec = c->command->query;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct item item;
	char mark = '?';

	while (item_next(&spec, &item)) {
		const char *said = option(item.option);
		char *escaped, *meant;

		if (!*item.member)
			continue;
		if (!said && strcmp(item.member, "limit") == 0 && option("all"))
			said = "100";
		/* A return that is only tried goes as far as the exchange's check. */
		if (strcmp(item.member, "validate") == 0 && option("dry-run"))
			said = "only";
		if (!said)
			continue;
		meant = said == option(item.option) ? said_for(c, item.option) : strdup(said);
		escaped = call_segment(meant);
		fprintf(out, "%c%s=%s", mark, item.member, escaped);
		free(escaped);
		free(meant);
		mark = '&';
	}
	fclose(out);
	return text;
}
