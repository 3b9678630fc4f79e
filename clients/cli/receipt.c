/*
 * The receipt of a quarter's return, to be printed, stamped and put into a file.
 *
 * It lays out what the exchange answers of a return on record, number and days
 * included, and adds the places that a pen fills in.  It decides nothing: whether the
 * return was on time is the exchange's word.
 */
#include "clients/cli/ctl.h"

#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

static const struct {
	const char *en, *zh, *member;
	int flags;
} columns[] = {
	{ "REF", "编号", "ref", 0 },
	{ "TITLE", "岗位名称", "title", SCOLS_FL_WRAP },
	{ "OCCUPATION", "职业", "occupation", SCOLS_FL_WRAP },
	{ "PLACE", "工作地点", "place", SCOLS_FL_WRAP },
	{ "POSTS", "招聘人数", "posts", SCOLS_FL_RIGHT },
	{ "PAY, YUAN", "薪酬（元）", NULL, SCOLS_FL_RIGHT },
	{ "", "计薪", "pay_period", 0 },
	{ "UNTIL", "有效期至", "valid_until", 0 },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Fen as yuan, the fen only where there are some. */
static void put_yuan(FILE *out, const json_t *fen)
{
	long long n = json_integer_value(fen);

	fprintf(out, n % 100 ? "%lld.%02lld" : "%lld", n / 100, n % 100);
}

static char *pay_of(const json_t *line)
{
	const json_t *min = json_object_get(line, "pay_min_fen");
	const json_t *max = json_object_get(line, "pay_max_fen");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (json_is_integer(min))
		put_yuan(out, min);
	if (json_is_integer(min) && json_is_integer(max))
		fputs("–", out);
	if (json_is_integer(max))
		put_yuan(out, max);
	else if (json_is_integer(min))
		fputs("+", out);
	fclose(out);
	return text;
}

static long long put_lines(const struct ctl *c, const json_t *answer)
{
	struct libscols_table *table = scols_new_table();
	const json_t *lines = json_object_get(answer, "lines"), *row;
	long long posts = 0;
	size_t i;

	for (size_t k = 0; k < COLUMNS; k++)
		scols_table_new_column(table, c->zh ? columns[k].zh : columns[k].en, 0,
		    columns[k].flags);
	json_array_foreach((json_t *)lines, i, row)
	{
		struct libscols_line *line = scols_table_new_line(table, NULL);

		posts += json_integer_value(json_object_get(row, "posts"));
		for (size_t k = 0; k < COLUMNS; k++) {
			const char *member = columns[k].member;
			char *text = member
					 ? show_value(c, json_object_get(answer, "code_names"),
					       member, json_object_get(row, member))
					 : pay_of(row);

			scols_line_set_data(line, k, text);
			free(text);
		}
	}
	if (i)
		scols_print_table(table);
	scols_unref_table(table);
	return posts;
}

static void put(const struct ctl *c, const json_t *answer, const char *en, const char *zh,
    const char *member)
{
	char *text = show_value(c, json_object_get(answer, "code_names"), member,
	    json_object_get(answer, member));

	printf("%s%s%s\n", c->zh ? zh : en, c->zh ? "：" : ": ", text);
	free(text);
}

static void put_receipt(const struct ctl *c, const json_t *answer)
{
	size_t lines = json_array_size(json_object_get(answer, "lines"));
	long long posts;

	puts(c->zh ? "空岗报告回执\n" : "Receipt of a vacancy return\n");
	put(c, answer, "Receipt", "回执编号", "receipt");
	put(c, answer, "Employer", "单位名称", "employer_name");
	put(c, answer, "Code", "单位代码", "employer");
	put(c, answer, "District", "区县", "district");
	put(c, answer, "Quarter", "季度", "quarter");
	put(c, answer, "Version", "版本", "version");
	put(c, answer, "Received", "收到时间", "received_at");
	put(c, answer, "Due", "应报日期", "due");
	put(c, answer, "State", "按期与否", "state");
	put(c, answer, "Staff", "季末在岗人数", "staff");
	putchar('\n');
	posts = put_lines(c, answer);
	if (!lines)
		puts(c->zh ? "零报告：本季度无空岗。"
			   : "Nil: there is no vacancy this quarter.");
	else
		printf(c->zh ? "\n共 %zu 行，招聘 %lld 人。\n" : "\n%zu lines, %lld posts.\n",
		    lines, posts);
	puts(
	    c->zh
		? "\n单位（盖章）：____________________    填表人：______________    "
		  "联系电话：________________\n"
		  "\n受理机构（盖章）：________________    经办人：______________    日期：____________________"
		: "\nEmployer (seal): ________________    Filled in by: ____________    "
		  "Telephone: ______________\n"
		  "\nOffice (seal): __________________    Officer: _________________    Day: ____________________");
}

int receipt_run(struct ctl *c)
{
	char *segments[3], *query = query_make(c), path[512];
	const struct request r = { .method = "GET", .path = path };
	struct answer a;
	int code;

	for (int i = 0; i < 3; i++)
		segments[i] = call_segment(c->argv[i]);
	snprintf(path, sizeof(path), "/v1/returns/%s/%s/%s%s", segments[0], segments[1],
	    segments[2], query);
	for (int i = 0; i < 3; i++)
		free(segments[i]);
	free(query);
	if (option("dry-run")) {
		call_show(c, &r);
		return EXIT_DONE;
	}
	code = call(c, &r, &a);
	if (code != EXIT_DONE)
		return code;
	if (option("json") || option("csv"))
		show_answer(c, &a);
	else
		put_receipt(c, a.json);
	answer_release(&a);
	return code;
}
