/*
 * The registers' members, as they were printed from config/data/registers.tsv.
 */
#include "clients/cli/register_commands.h"

#include <string.h>

#include "clients/cli/code_words.h" /* printed by the build */

static const struct register_member members[] = {
#include "clients/cli/register_members.inc"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_of(const struct command *k, const char *noun)
{
	size_t n = strlen(noun);

	return strncmp(k->words, noun, n) == 0 && k->words[n] == ' ';
}

/* An option has hyphens where its member has underscores. */
static bool is_named(const char *member, const char *name)
{
	while (*member && (*member == *name || (*member == '_' && *name == '-'))) {
		member++;
		name++;
	}
	return !*member && !*name;
}

const struct register_member *register_member(const struct command *k, const char *name)
{
	const struct register_member *any = NULL;

	for (size_t i = 0; i < COUNT(members); i++) {
		if (!is_named(members[i].name, name))
			continue;
		if (is_of(k, members[i].noun))
			return &members[i];
		any = any ? any : &members[i];
	}
	return any;
}

json_t *register_ordered(const struct command *k, const json_t *answer)
{
	json_t *ordered;

	if (!json_is_object(answer))
		return json_incref((json_t *)answer);
	ordered = json_object();
	for (size_t i = 0; i < COUNT(members); i++)
		if (k && is_of(k, members[i].noun) && json_object_get(answer, members[i].name))
			json_object_set(ordered, members[i].name,
			    json_object_get(answer, members[i].name));
	json_object_update_missing(ordered, (json_t *)answer);
	return ordered;
}
