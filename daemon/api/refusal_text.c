/*
 * A receipt's refusal in the reader's language; what stood in a cell is said only when it is
 * not sealed, as everywhere.
 */
#include "daemon/api/refusal_text.h"

#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/flow/problem.h"

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "";
}

static void put_place(struct buf *out, const json_t *receipt, bool is_zh)
{
	const char *sheet = text(receipt, "sheet");
	long long line = json_integer_value(json_object_get(receipt, "line"));

	buf_printf(out, is_zh ? "%s%s%s第%lld行：" : "%s%s%sline %lld: ",
	    *sheet ? (is_zh ? "“" : "\"") : "", sheet, *sheet ? (is_zh ? "”" : "\", ") : "",
	    line);
}

/* 招聘人数：数值超出允许范围。应为：1 至 10000 的整数；原为：0。 */
static void put_error(struct buf *out, const json_t *error, bool is_zh)
{
	const char *column = text(error, "column"), *found = text(error, "found");
	const char *expected = text(error, is_zh ? "expected_zh" : "expected");

	if (!*column)
		column = text(error, "pointer");
	buf_printf(out, "%s%s", column, !*column ? "" : is_zh ? "：" : ": ");
	buf_puts(out, text(json_object_get(error, "message"), is_zh ? "zh" : "en"));
	if (strcmp(found, NOT_SHOWN) == 0)
		found = "";
	if (*expected)
		buf_printf(out, is_zh ? "应为：%s" : " Right would be: %s", expected);
	if (*found)
		buf_printf(out, is_zh ? "%s原为：%s" : "%s found: %s",
		    !*expected ? ""
		    : is_zh    ? "；"
			       : ";",
		    found);
	if (*expected || *found)
		buf_puts(out, is_zh ? "。" : ".");
}

void refusal_put(struct buf *out, const json_t *receipt, bool is_zh)
{
	const json_t *problem = json_object_get(receipt, "problem");
	const json_t *errors = json_object_get(receipt, "errors"), *error;
	size_t i;

	put_place(out, receipt, is_zh);
	if (problem) {
		buf_puts(out, text(problem, is_zh ? "title_zh" : "title"));
		buf_puts(out, is_zh ? "。" : ". ");
		buf_puts(out, text(problem, is_zh ? "detail_zh" : "detail"));
		errors = json_object_get(problem, "errors");
	}
	json_array_foreach(errors, i, error)
	{
		buf_puts(out, i || problem ? " " : "");
		put_error(out, error, is_zh);
	}
}
