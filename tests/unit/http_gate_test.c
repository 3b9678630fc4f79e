/*
 * The gate: where a head ends, and what is no head at all.
 */
#include "tests/unit/http_judge.h"
#include "tests/unit/probes.h"

static void probe_is_judged(const struct probe *p)
{
	size_t scanned = 0, end = 0, n = p->bytes.len;
	const char *bytes = p->bytes.data;
	const char *slug;

	if (n > 2 && memcmp(bytes, "\r\n", 2) == 0) {
		bytes += 2;
		n -= 2;
	}
	slug = judge(bytes, n);
	if ((*slug ? problem_kind(slug)->status : 200) != p->status)
		fail_msg("%s: %s, not %d", p->name, slug, p->status);
	/* After a refusal of the path or key the connection may stay, if the body is there. */
	if (p->keeps && !got.keeps)
		fail_msg("%s: closes", p->name);

	/* Byte by byte the verdict on where the head ends is the same. */
	for (size_t i = 1; i <= n; i++) {
		enum gate g = gate_find_end(bytes, i, &scanned, &end);

		if (g == GATE_MORE)
			continue;
		scanned = 0;
		assert_int_equal(g, gate_find_end(bytes, n, &scanned, &end));
		return;
	}
}

static void every_probe_gets_its_status(void **state)
{
	(void)state;
	assert_in_range(probes_each(probe_is_judged), 140, 1000);
}

static void every_verdict_has_its_reason(void **state)
{
	(void)state;
	for (int g = GATE_PLAIN; g < GATE_VERDICTS; g++) {
		const struct gate_reason *why = gate_reason((enum gate)g);

		assert_non_null(why->slug);
		assert_string_equal(problem_kind(why->slug)->slug, why->slug);
		assert_true(why->en[0] && why->zh[0] && why->where[0] && why->rule[0]);
	}
}

static void a_head_of_8192_bytes_passes_and_one_more_does_not(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\nX: ");
	while (b.len < HEAD_MAX_BYTES - 4)
		buf_putc(&b, 'x');
	buf_puts(&b, "\r\n\r\n");
	assert_int_equal(b.len, HEAD_MAX_BYTES);
	assert_string_equal(judge(b.data, b.len), "");
	b.data[b.len - 4] = 'x';
	b.data[b.len - 3] = '\r';
	b.data[b.len - 2] = '\n';
	b.data[b.len - 1] = '\r';
	buf_putc(&b, '\n');
	assert_string_equal(judge(b.data, b.len), "head-too-large");
	buf_free(&b);
}

static void an_empty_header_takes_nothing_from_the_next(void **state)
{
	(void)state;
	assert_string_equal(judge_text("GET /openapi.yaml HTTP/1.1\r\nHost: a\r\nX-One:\r\n"
				       "X-Two: \t \r\nIf-None-Match: *\r\nX-Three: \r\n\r\n"),
	    "");
	assert_string_equal(head_find(&got.head, "X-One"), "");
	assert_string_equal(head_find(&got.head, "X-Two"), "");
	assert_string_equal(head_find(&got.head, "If-None-Match"), "*");
	assert_string_equal(head_find(&got.head, "X-Three"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_probe_gets_its_status),
		TEST(every_verdict_has_its_reason),
		TEST(a_head_of_8192_bytes_passes_and_one_more_does_not),
		TEST(an_empty_header_takes_nothing_from_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
