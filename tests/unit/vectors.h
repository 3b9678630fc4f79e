/*
 * Reads the files of tests/cases/vectors: tab-separated lines under a header.
 */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/codes.h"

enum { VECTOR_FIELDS = 6 };

struct vector {
	char line[512];
	const char *field[VECTOR_FIELDS]; /* "" where there is none */
};

/* Calls each for every line but the header; returns how many there were. */
static inline size_t each_vector(const char *name,
    void (*each)(const struct vector *v, void *arg), void *arg)
{
	char path[512];
	struct vector v;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/cases/vectors/%s", SOURCE_DIR, name);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(v.line, sizeof(v.line), f));
	while (fgets(v.line, sizeof(v.line), f)) {
		char *rest = v.line;

		v.line[strcspn(v.line, "\r\n")] = '\0';
		for (int i = 0; i < VECTOR_FIELDS; i++)
			v.field[i] = rest ? strsep(&rest, "\t") : "";
		each(&v, arg);
		n++;
	}
	fclose(f);
	return n;
}

/* As the vectors write it. */
static inline const char *code_fault_name(enum code_fault f)
{
	switch (f) {
	case CODE_OK:
		return "ok";
	case CODE_FORMAT:
		return "format";
	case CODE_AREA:
		return "area";
	case CODE_DATE:
		return "date";
	case CODE_FUTURE:
		return "future";
	case CODE_CHECK:
		return "check";
	case CODE_SECTION:
		return "section";
	case CODE_OTHER_EDITION:
		return "other-edition";
	case CODE_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

#endif
