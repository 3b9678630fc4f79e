/*
 * The options of vacancyctl: its own rows and those of the registers, as they meet in one
 * table.  What is said on a command line, the integration tests say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/cli/ctl.h"

/* What options.c stands on, and nothing here calls. */
void problem_say(const struct ctl *c, const char *en, const char *zh, ...)
{
	(void)c, (void)en, (void)zh;
	abort();
}

bool command_takes(const struct command *k, const char *option)
{
	(void)k, (void)option;
	abort();
}

/* The row above is the one that counts: a member that is a number cannot be said by a text. */
static void test_a_name_that_stands_twice_is_of_one_kind(void **state)
{
	size_t twice = 0;

	(void)state;
	for (size_t i = 0; i < n_options; i++)
		for (size_t k = i + 1; k < n_options; k++)
			if (strcmp(options[i].name, options[k].name) == 0) {
				twice++;
				if (options[i].kind != options[k].kind)
					fail_msg(
					    "--%s is of two kinds: give the member of config/data/registers.tsv another name",
					    options[i].name);
			}
	assert_true(twice > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_that_stands_twice_is_of_one_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
