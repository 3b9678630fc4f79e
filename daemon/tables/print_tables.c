/*
 * print_tables: prints what derives from the tables of config/data.
 *
 *   print_tables show NAME DATA_DIR          on standard output
 *   print_tables write NAME DATA_DIR FILE    between its marks in FILE
 *   print_tables check NAME DATA_DIR FILE    fails when FILE says something else
 *
 * The build runs it, so it needs nothing but C.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/tables/print.h"

static const struct {
	const char *name;
	printer *print;
} things[] = {
	{ "problem-rows", print_problem_rows },
	{ "wrong-state-rows", print_wrong_state_rows },
	{ "fault-rows", print_fault_rows },
	{ "fault-codes", print_fault_codes },
	{ "expected-rows", print_expected_rows },
	{ "member-rows", print_member_rows },
	{ "member-lists", print_member_lists },
	{ "column-rows", print_column_rows },
	{ "choice-codes", print_choice_codes },
	{ "choice-tables", print_choice_tables },
	{ "register-tables", print_register_tables },
	{ "register-routes", print_register_routes },
	{ "register-paths", print_register_paths },
	{ "register-schemas", print_register_schemas },
	{ "register-members", print_register_members },
	{ "register-options", print_register_options },
	{ "register-lists", print_register_lists },
	{ "register-columns", print_register_columns },
	{ "register-commands", print_register_commands },
	{ "register-manual", print_register_manual },
	{ "choice-words", print_choice_words },
	{ "choice-rows", print_choice_rows },
	{ "choice-schemas", print_choice_schemas },
	{ "choice-manual", print_choice_manual },
};

static printer *find(const char *name)
{
	for (size_t i = 0; i < sizeof(things) / sizeof(*things); i++)
		if (strcmp(things[i].name, name) == 0)
			return things[i].print;
	fprintf(stderr, "print_tables: there is no \"%s\"\n", name);
	return NULL;
}

static char *print_text(printer *print, const char *data_dir)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool fine = out && print(data_dir, out);

	if (out && fclose(out) == 0 && fine)
		return text;
	free(text);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 3 ? argv[1] : "";
	bool is_show = strcmp(verb, "show") == 0, is_write = strcmp(verb, "write") == 0;
	printer *print;
	char *text;
	bool fine;

	if (argc != (is_show ? 4 : 5) ||
	    (!is_show && !is_write && strcmp(verb, "check") != 0)) {
		fputs("usage: print_tables show NAME DATA_DIR\n"
		      "       print_tables write|check NAME DATA_DIR FILE\n",
		    stderr);
		return EXIT_FAILURE;
	}
	print = find(argv[2]);
	text = print ? print_text(print, argv[3]) : NULL;
	if (!text)
		return EXIT_FAILURE;
	fine = is_show    ? fputs(text, stdout) >= 0 && fflush(stdout) == 0
	       : is_write ? printed_write(argv[4], argv[2], text)
			  : printed_check(argv[4], argv[2], text);
	free(text);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
