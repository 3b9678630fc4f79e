/*
 * A bench for the codec: the shipped catalogue, a day, and what was found wrong.
 */
#ifndef TESTS_UNIT_CODEC_BENCH_H
#define TESTS_UNIT_CODEC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/codec.h"

static struct catalog *catalog;
static struct arena *arena;
static struct faults faults;
static struct codec codec;

static inline int read_catalogue(void **state)
{
	(void)state;
	catalog = catalog_read(SOURCE_DIR "/config/data", 4101);
	return catalog ? 0 : -1;
}

static inline int free_catalogue(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

static inline int begin(void **state)
{
	(void)state;
	arena = arena_new();
	faults = (struct faults){ 0 };
	codec = (struct codec){ arena, catalog, &faults, day_of(2007, 7, 12) };
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static inline const struct fault *fault_of(const char *pointer)
{
	size_t n = faults.n < FAULTS_MAX ? faults.n : FAULTS_MAX;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(faults.at[i].pointer, pointer) == 0)
			return &faults.at[i];
	}
	return NULL;
}

static inline void assert_only_fault(const char *pointer, const char *rule)
{
	if (faults.n != 1 || strcmp(faults.at[0].pointer, pointer) != 0 ||
	    strcmp(faults.at[0].rule, rule) != 0) {
		for (size_t i = 0; i < faults.n && i < FAULTS_MAX; i++)
			print_error("%s %s found %s expected %s\n", faults.at[i].pointer,
			    faults.at[i].rule, faults.at[i].found, faults.at[i].expected);
		fail_msg("wanted only %s %s", pointer, rule);
	}
	assert_true(faults.at[0].en[0] && faults.at[0].zh[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
