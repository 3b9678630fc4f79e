/*
 * The log: the shape of a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log/log.h"

static FILE *to;
static int kept;

static void begin(void)
{
	to = tmpfile();
	kept = dup(STDERR_FILENO);
	assert_non_null(to);
	dup2(fileno(to), STDERR_FILENO);
}

/* What was logged since begin(), without the time. */
static const char *logged(void)
{
	static char text[4096];
	size_t n;

	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(to);
	n = fread(text, 1, sizeof(text) - 1, to);
	text[n] = '\0';
	fclose(to);
	return strncmp(text, "time=", 5) == 0 ? strchr(text, ' ') + 1 : text;
}

static void an_event_is_one_line_of_pairs(void **state)
{
	(void)state;
	begin();
	log_open(LOG_LEVEL_INFO, "0");
	log_event(LOG_LEVEL_WARN, "board.lost", "why", "timeout", "port", "6379", NULL);
	assert_string_equal(logged(),
	    "level=warn worker=0 event=board.lost why=timeout port=6379\n");
}

static void a_value_is_quoted_when_it_needs_it(void **state)
{
	(void)state;
	begin();
	log_open(LOG_LEVEL_INFO, "0");
	log_event(LOG_LEVEL_INFO, "x", "a", "two words", "b", "", "c", "k=v", "d",
	    "line\nlevel=error", "e", "\"q\"", "f", NULL, NULL);
	assert_string_equal(logged(),
	    "level=info worker=0 event=x a=\"two words\" b=\"\" "
	    "c=\"k=v\" d=\"line\\nlevel=error\" e=\"\\\"q\\\"\" f=\"\"\n");
}

static void what_is_below_the_level_is_not_said(void **state)
{
	(void)state;
	begin();
	log_open(LOG_LEVEL_WARN, "0");
	log_event(LOG_LEVEL_INFO, "x", NULL);
	assert_string_equal(logged(), "");
}

static void a_long_value_is_cut_between_characters(void **state)
{
	char value[1 + 3 * 400 + 1] = "";
	const char *line;

	(void)state;
	/* Three bytes each, after one: byte 512 is inside a character. */
	for (size_t at = 1, i = 0; i < 400; i++, at += 3)
		snprintf(value + at, sizeof(value) - at, "郑");
	value[0] = 'a';
	begin();
	log_open(LOG_LEVEL_INFO, "0");
	log_event(LOG_LEVEL_INFO, "x", "v", value, NULL);
	line = logged();
	assert_true(strlen(line) < 600);
	assert_non_null(strstr(line, "郑...\n"));
}

static void the_journal_gets_priorities_and_no_time(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	begin();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_LEVEL_INFO, "1");
	log_event(LOG_LEVEL_ERROR, "x", NULL);
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(logged(), "<3>level=error worker=1 event=x\n");
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_ERROR;

	(void)state;
	assert_true(log_level_of("debug", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_false(log_level_of("loud", &level));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_one_line_of_pairs),
		cmocka_unit_test(a_value_is_quoted_when_it_needs_it),
		cmocka_unit_test(what_is_below_the_level_is_not_said),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(the_journal_gets_priorities_and_no_time),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
