/*
 * A return that is good in everything, with one piece of it replaced.
 */
#ifndef TESTS_UNIT_RETURN_BENCH_H
#define TESTS_UNIT_RETURN_BENCH_H

#include "daemon/codec/return.h"
#include "tests/unit/codec_bench.h"

#define LINE_HEAD                                                                              \
	"\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"保安员\",\"duties\":\"巡逻\","
#define LINE_PLACE "\"place\":\"410105003001\","
#define LINE_PAY                                                                               \
	"\"pay_min_fen\":90000,\"pay_max_fen\":120000,\"pay_period\":\"month\",\"weekly_hours\":40"
#define LINE LINE_HEAD "\"posts\":3," LINE_PLACE LINE_PAY

static struct filed_return filed;

static inline enum read_result file(const char *body)
{
	faults = (struct faults){ 0 };
	return codec_read_return(&codec, body, strlen(body),
	    &(struct return_path){ "123456788", "410105", "2007Q2" }, "/tmp", &filed);
}

/* A return with one line of these members. */
static inline enum read_result file_line(const char *members)
{
	char *body =
	    arena_printf(arena, "{\"nil\":false,\"staff\":1,\"lines\":[{%s}]}", members);

	return file(body);
}

static inline void assert_line_refused(const char *members, const char *pointer,
    const char *rule)
{
	assert_int_equal(file_line(members), READ_INVALID);
	assert_only_fault(pointer, rule);
}

#endif
