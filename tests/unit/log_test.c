/*
 * The log: the shape of a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
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

/* A pipe as standard error: nobody reads it but read_lines(). */
static int reader;

static void begin_pipe(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	kept = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	reader = ends[0];
	assert_int_equal(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	log_never_wait();
	log_open(LOG_LEVEL_INFO, "0");
	(void)log_take_lost();
}

static void end_pipe(void)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(reader);
}

/* Whatever there is; how many lines, and of those how many of `event`, whose words follow. */
static size_t read_lines(const char *event, size_t *n_of_event, char words[static 64])
{
	static char text[1 << 20];
	size_t len = 0, n = 0;
	ssize_t got;

	do {
		while ((got = read(reader, text + len, sizeof(text) - 1 - len)) > 0)
			len += (size_t)got;
		log_flush();
		got = read(reader, text + len, sizeof(text) - 1 - len);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	text[len] = '\0';
	*n_of_event = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), n++) {
		const char *at = strstr(line, event);

		assert_non_null(strstr(line, "level=")); /* none is torn */
		if (!at)
			continue;
		++*n_of_event;
		snprintf(words, 64, "%s", at + strlen(event));
	}
	return n;
}

static void nobody_waits_for_the_reader_and_the_lost_are_counted(void **state)
{
	const size_t said = 5000;
	size_t n, n_lost_lines;
	char words[64] = "", expected[64];
	uint64_t lost;

	(void)state;
	begin_pipe();
	for (size_t i = 0; i < said; i++)
		log_event(LOG_LEVEL_WARN, "x", "why", "the reader sleeps", NULL);
	lost = log_take_lost();
	assert_true(lost > 0 && lost < said);
	assert_int_equal(log_take_lost(), 0);
	n = read_lines("event=log.lost ", &n_lost_lines, words);
	/* Every line came or was counted, and the log says so once. */
	assert_int_equal(n - 1 + lost, said);
	assert_int_equal(n_lost_lines, 1);
	snprintf(expected, sizeof(expected), "lines=%llu", (unsigned long long)lost);
	assert_string_equal(words, expected);

	log_event(LOG_LEVEL_WARN, "y", NULL);
	assert_int_equal(read_lines("event=y", &n, words), 1);
	assert_int_equal(n, 1);
	end_pipe();
}

static void what_waits_at_a_fork_is_the_parents(void **state)
{
	size_t n, n_of;
	char words[64];

	(void)state;
	begin_pipe();
	for (size_t i = 0; i < 1000; i++)
		log_event(LOG_LEVEL_WARN, "x", "why", "the reader sleeps", NULL);
	assert_int_equal(log_take_lost(), 0);
	log_forked();
	n = read_lines("event=x ", &n_of, words);
	assert_true(n > 0 && n < 1000);
	end_pipe();
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
		cmocka_unit_test(nobody_waits_for_the_reader_and_the_lost_are_counted),
		cmocka_unit_test(what_waits_at_a_fork_is_the_parents),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
