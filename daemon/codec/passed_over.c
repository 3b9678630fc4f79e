/*
 * Which rows are passed over: by what the first filled cell says, by cells that say what stands
 * above them, and by the words of an example.
 */
#include "daemon/codec/passed_over.h"

#include <string.h>

#include "daemon/base/count.h"
#include "daemon/codec/columns.h"
#include "daemon/sheet/fold.h"
#include "daemon/sheet/sheet.h"

#define WORD_BYTES 64

const char *passed_over_example(bool is_zh)
{
	return is_zh ? "示例（请删除本行）" : "EXAMPLE (delete this row)";
}

/* Folded and without blanks; what is longer is cut. */
static void bare(struct arena *a, const char *text, char out[static WORD_BYTES])
{
	size_t n = 0;

	for (const char *at = fold(a, text); *at && n + 1 < WORD_BYTES; at++)
		if (*at != ' ' && *at != '\n')
			out[n++] = *at;
	out[n] = '\0';
}

bool passed_over_is_example(struct arena *a, const char *cell)
{
	const char *text = fold(a, cell);

	for (int zh = 0; zh < 2; zh++) {
		const char *mark = fold(a, passed_over_example(zh));
		size_t n = strlen(text), m = strlen(mark);

		if (n >= m && fold_same_but_case(text + n - m, mark))
			return true;
	}
	return false;
}

static bool has_example(struct arena *a, const struct sheet_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->cells[i].kind == CELL_TEXT &&
		    passed_over_is_example(a, row->cells[i].text))
			return true;
	return false;
}

/* A page begins with them again. */
static bool are_headings(struct arena *a, const struct columns *columns,
    const struct sheet_row *row)
{
	size_t same = 0;

	for (size_t i = 0; i < row->n && i < columns->n; i++)
		same +=
		    row->cells[i].kind == CELL_TEXT && columns->at[i].row &&
		    strcmp(fold(a, row->cells[i].text), fold(a, columns->at[i].heading)) == 0;
	return same >= 2;
}

/* 合计, 合 计：; 填表人：张三. */
static bool says_first(struct arena *a, const struct sheet_row *row, enum passed_over *what)
{
	static const char *const sums[] = { "合计", "总计", "小计", "共计" };
	static const char *const footers[] = { "填表人", "填报人", "制表人", "制表", "经办人",
		"审核人", "审核", "复核", "复核人", "负责人", "单位负责人", "填表日期",
		"填报日期", "制表日期", "填表单位", "填报单位", "联系电话", "注", "说明" };
	char word[WORD_BYTES] = "";
	size_t i = 0, n;

	while (i < row->n && row->cells[i].kind == CELL_EMPTY)
		i++;
	if (i == row->n || row->cells[i].kind != CELL_TEXT)
		return false;
	bare(a, row->cells[i].text, word);
	n = strcspn(word, ":");
	for (size_t k = 0; k < COUNT(sums); k++)
		if (strlen(sums[k]) == n && memcmp(word, sums[k], n) == 0 &&
		    (!word[n] || !word[n + 1])) {
			*what = PASSED_SUMS;
			return true;
		}
	for (size_t k = 0; word[n] && k < COUNT(footers); k++)
		if (strlen(footers[k]) == n && memcmp(word, footers[k], n) == 0) {
			*what = PASSED_FOOTER;
			return true;
		}
	return false;
}

bool passed_over(struct arena *scratch, const struct columns *columns,
    const struct sheet_row *row, enum passed_over *what)
{
	if (has_example(scratch, row))
		*what = PASSED_EXAMPLE;
	else if (are_headings(scratch, columns, row))
		*what = PASSED_HEADINGS;
	else
		return says_first(scratch, row, what);
	return true;
}
