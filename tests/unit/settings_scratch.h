/*
 * A settings file of its own for each test, and what reading one says on standard error.
 */
#ifndef TESTS_UNIT_SETTINGS_SCRATCH_H
#define TESTS_UNIT_SETTINGS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
	char path[32];
	char said[4096]; /* what the last reading wrote to standard error */
};

static inline int make_scratch(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));
	int fd;

	snprintf(s->path, sizeof(s->path), "/tmp/config_test.XXXXXX");
	fd = mkstemp(s->path);
	close(fd);
	*state = s;
	return fd < 0;
}

static inline int drop_scratch(void **state)
{
	struct scratch *s = *state;

	unlink(s->path);
	free(s);
	return 0;
}

static inline void write_text(const struct scratch *s, const char *text)
{
	FILE *f = fopen(s->path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline char *read_whole(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* Runs one of the two readers with standard error in s->said. */
static inline bool listen_to(struct scratch *s, bool (*reads)(const char *path, void *out),
    void *out, const char *path)
{
	FILE *to = tmpfile();
	int kept = dup(STDERR_FILENO);
	bool good;
	size_t n;

	assert_non_null(to);
	fflush(stderr);
	dup2(fileno(to), STDERR_FILENO);
	good = reads(path, out);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(to);
	n = fread(s->said, 1, sizeof(s->said) - 1, to);
	s->said[n] = '\0';
	fclose(to);
	return good;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, drop_scratch)

#endif
