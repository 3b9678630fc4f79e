/*
 * What the members of an answer are called in Chinese, from config/data/members.tsv.
 *
 * One name each, wherever it stands, but where a command's own word goes before (import-lines:
 * the lines of a file, not of a return); a path is named part by part.  A member that
 * is not here goes by its own name: a test compares with the API's description.
 */
#include "clients/cli/register_commands.h"

#include <stdlib.h>
#include <string.h>

/* By name. */
static const struct name {
	const char *name, *zh;
} names[] = {
#include "member_rows.inc"
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->name, ((const struct name *)b)->name);
}

static const struct name *find(const char *name)
{
	const struct name wanted = { name, NULL };

	return bsearch(&wanted, names, sizeof(names) / sizeof(*names), sizeof(*names), by_name);
}

static const char *name_of(const struct ctl *c, const char *part)
{
	const struct register_member *m = c->command ? register_member(c->command, part) : NULL;
	const char *words = c->command ? c->command->words : "";
	const struct name *found;
	char own[128];

	snprintf(own, sizeof(own), "%.*s-%s", (int)strcspn(words, " "), words, part);
	found = find(own);
	if (!found)
		found = find(part);
	/* A register's own word for it first. */
	if (m && (!found || strncmp(c->command->words, m->noun, strlen(m->noun)) == 0))
		return m->zh;
	return found ? found->zh : part;
}

void name_print(char *out, size_t n, const struct ctl *c, const char *path)
{
	char parts[256], *rest = NULL;
	size_t at = 0;

	if (!c->zh) {
		snprintf(out, n, "%s", path);
		return;
	}
	snprintf(parts, sizeof(parts), "%s", path);
	*out = '\0';
	for (char *part = strtok_r(parts, ".", &rest); part && at < n;
	     part = strtok_r(NULL, ".", &rest))
		at +=
		    (size_t)snprintf(out + at, n - at, "%s%s", at ? "." : "", name_of(c, part));
}
