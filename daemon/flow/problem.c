/*
 * Problems: how a refusal is written.
 *
 * It owns the shape of a problem+json body and nothing of its meaning: what the
 * kinds are stands in problem_kinds.c.  `title` and `detail` speak the caller's
 * language, `title_zh` and `detail_zh` always Chinese, so that a program may
 * show both and a log is readable.
 */
#include "daemon/flow/problem.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/flow/expected.h"

/* Copies what fits, and never cuts a character of UTF-8 in two. */
static void copy_cut(char *to, size_t size, const char *from)
{
	size_t n = from ? strlen(from) : 0;

	if (n >= size) {
		n = size - 1;
		while (n && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	if (n)
		memcpy(to, from, n);
	to[n] = '\0';
}

/* A list, or a sentence, that is too long ends before an item, or a word, with "…". */
static void copy_items(char *to, size_t size, const char *from)
{
	static const char left_out[] = " …";
	size_t n = from ? strlen(from) : 0;

	if (n < size) {
		copy_cut(to, size, from);
		return;
	}
	n = size - sizeof(left_out);
	while (n && from[n] != ' ')
		n--;
	if (!n) { /* one word */
		copy_cut(to, size, from);
		return;
	}
	snprintf(to, size, "%.*s%s", (int)n, from, left_out);
}

/* Fifteen digits in a row are a citizen number where nobody expects one; zeros before them, as
 * an id of ours has, count for nothing. */
static bool holds_citizen_number(const char *text)
{
	size_t run = 0;

	for (; *text && run < 15; text++)
		run = *text >= '0' && *text <= '9' ? run + (run || *text != '0') : 0;
	return run >= 15;
}

void fault_found(struct fault *to, const char *found)
{
	if (found && holds_citizen_number(found))
		found = NOT_SHOWN;
	copy_cut(to->found, sizeof(to->found), found);
}

void fault_add(struct faults *fs, const char *pointer, const char *rule, const char *found,
    const char *expected, const char *en, const char *zh)
{
	struct fault *to;

	if (fs->n++ >= FAULTS_MAX)
		return;
	to = &fs->at[fs->n - 1];
	copy_cut(to->pointer, sizeof(to->pointer), pointer);
	copy_cut(to->rule, sizeof(to->rule), rule);
	fault_found(to, found);
	to->column[0] = to->sheet[0] = '\0';
	to->line = 0;
	/* What was refused is no advice. */
	copy_items(to->expected, sizeof(to->expected),
	    found && expected && strcmp(found, expected) == 0 ? "" : expected);
	copy_cut(to->en, sizeof(to->en), en);
	copy_cut(to->zh, sizeof(to->zh), zh);
}

static void put(struct buf *b, const char *key, const char *text)
{
	buf_key(b, key);
	buf_json(b, text);
}

/* What the caller can do, after why: "The course has no seat left. Read it again ..." */
static void put_detail(struct buf *b, const char *key, const char *why, const char *between,
    const char *mend)
{
	struct buf text = { 0 };

	if (why) {
		buf_puts(&text, why);
		buf_puts(&text, between);
	}
	buf_puts(&text, mend);
	put(b, key, text.data);
	buf_free(&text);
}

static void put_expected(struct buf *b, const char *expected, enum lang lang)
{
	struct buf zh = { 0 };

	expected_put_zh(&zh, expected);
	put(b, "expected", lang == LANG_ZH ? zh.data : expected);
	put(b, "expected_zh", zh.data);
	buf_free(&zh);
}

static void put_fault(struct buf *b, const struct fault *one, enum lang lang)
{
	buf_comma(b);
	buf_putc(b, '{');
	put(b, "pointer", one->pointer);
	put(b, "rule", one->rule);
	if (one->line) {
		buf_key(b, "line");
		buf_putu(b, one->line);
	}
	if (one->sheet[0])
		put(b, "sheet", one->sheet);
	if (one->column[0])
		put(b, "column", one->column);
	if (one->found[0])
		put(b, "found", one->found);
	if (one->expected[0])
		put_expected(b, one->expected, lang);
	buf_key(b, "message");
	buf_putc(b, '{');
	put(b, "en", one->en);
	put(b, "zh", one->zh);
	buf_puts(b, "}}");
}

void faults_write(struct buf *b, const struct faults *fs, enum lang lang)
{
	size_t kept = fs->n < FAULTS_MAX ? fs->n : FAULTS_MAX;

	buf_key(b, "errors");
	buf_putc(b, '[');
	for (size_t i = 0; i < kept; i++)
		put_fault(b, &fs->at[i], lang);
	buf_putc(b, ']');
	if (fs->n > kept) {
		buf_key(b, "errors_left_out");
		buf_putu(b, fs->n - kept);
	}
}

/* Behind a string of JSON that begins at `in`, its quotes included. */
static const char *string_end(const char *in)
{
	for (in++; *in && *in != '"'; in++)
		in += *in == '\\' && in[1];
	return *in ? in + 1 : in;
}

/* What stands behind the name of a member, its text opened; NULL: no text does. */
static const char *text_of(const char *name_end)
{
	name_end += *name_end == ':';
	name_end += *name_end == ' ';
	return *name_end == '"' ? name_end + 1 : NULL;
}

void faults_say(struct buf *b, const char *json, enum lang lang)
{
	static const char key[] = "\"expected\"", also[] = "\"expected_zh\"";
	const char *found;

	while ((found = strstr(json, key))) {
		const char *from = text_of(found + strlen(key));
		const char *end = from ? string_end(from - 1) : found + strlen(key);
		const char *next = end + strspn(end, ", ");
		const char *said = strncmp(next, also, strlen(also)) == 0
				       ? text_of(next + strlen(also))
				       : NULL;
		struct buf en = { 0 }, zh = { 0 };

		if (!from || end - from < 2) {
			buf_put(b, json, (size_t)(end - json));
			json = end;
			continue;
		}
		buf_put(&en, from, (size_t)(end - 1 - from));
		expected_put_zh(&zh, en.data);
		buf_put(b, json, (size_t)(from - json));
		buf_printf(b, "%s\",%s:\"%s\"", lang == LANG_ZH ? zh.data : en.data, also,
		    zh.data);
		buf_free(&en);
		buf_free(&zh);
		json = said ? string_end(said - 1) : end;
	}
	buf_puts(b, json);
}

void problem_write(struct buf *b, const char *slug, enum lang lang, const char *request_id,
    const struct faults *fs, const char *members)
{
	const struct problem_kind *kind = problem_kind(slug);
	const struct wrong_state *why =
	    strcmp(kind->slug, "wrong-state") == 0 || strcmp(kind->slug, "own-report") == 0
		? wrong_state_in(members)
		: NULL;
	const char *rule = why ? why->rule : kind->rule;
	const char *zh = why ? why->zh : NULL, *en = why ? why->en : NULL;
	const char *mend_zh = why ? why->mend_zh : kind->mend_zh;
	const char *mend_en = why ? why->mend_en : kind->mend_en;

	buf_putc(b, '{');
	buf_key(b, "type");
	buf_puts(b, "\"/problems/");
	buf_puts(b, kind->slug);
	buf_putc(b, '"');
	put(b, "title", lang == LANG_ZH ? kind->title_zh : kind->title_en);
	put(b, "title_zh", kind->title_zh);
	buf_key(b, "status");
	buf_putd(b, kind->status);
	if (lang == LANG_ZH)
		put_detail(b, "detail", zh, "", mend_zh);
	else
		put_detail(b, "detail", en, " ", mend_en);
	put_detail(b, "detail_zh", zh, "", mend_zh);
	put(b, "instance", request_id);
	if (rule) {
		buf_key(b, "rule_page");
		buf_puts(b, "\"/");
		buf_puts(b, rule);
		buf_putc(b, '"');
	}
	if (fs && fs->n)
		faults_write(b, fs, lang);
	if (members && members[0]) {
		buf_comma(b);
		faults_say(b, members, lang);
	}
	buf_putc(b, '}');
}

/* 1 to 5 s, spread by the request's own random id, so that callers do not return together. */
static const char *retry_after(const char *request_id)
{
	static const char *const seconds[] = { "1", "2", "3", "4", "5" };
	size_t n = strlen(request_id);

	return seconds[n ? (unsigned char)request_id[n - 1] % 5 : 0];
}

static enum next refuse(struct flow *f, const char *slug, const struct faults *fs,
    const char *members, const char *wait)
{
	const struct problem_kind *kind = problem_kind(slug);
	const struct request *r = flow_request(f);
	struct buf b = { 0 };
	const char *body;
	size_t len;

	problem_write(&b, slug, r->lang, r->id, fs, members);
	len = b.len;
	body = buf_to_arena(flow_arena(f), &b);
	if (kind->status == 503 || kind->status == 504 || kind->status == 429)
		flow_header(f, "Retry-After", wait);
	if (kind->status == 401)
		flow_header(f, "WWW-Authenticate", "Bearer realm=\"vacancyd\"");
	return flow_reply_problem(f, kind, body, len);
}

enum next flow_refuse(struct flow *f, const char *slug, const struct faults *fs,
    const char *members)
{
	return refuse(f, slug, fs, members, retry_after(flow_request(f)->id));
}

enum next flow_refuse_until(struct flow *f, const char *slug, unsigned wait_s)
{
	char wait[12];

	snprintf(wait, sizeof(wait), "%u", wait_s);
	return refuse(f, slug, NULL, NULL, wait);
}

const char *problem_of_status(enum status st)
{
	switch (st) {
	case E_INVALID:
		return "validation-failed";
	case E_NOT_FOUND:
		return "not-found";
	case E_CONFLICT:
		return "wrong-state";
	case E_BUSY:
		return "busy";
	case E_UNAVAILABLE:
		return "ledger-away";
	case E_UNKNOWN:
		return "outcome-unknown";
	case E_TIMEOUT:
		return "ledger-slow";
	case OK:
	case E_INTERNAL:
		break;
	}
	return "internal";
}
