/*
 * GET /v1/codes and /v1/codes/{list}: the code lists, from the catalogue in
 * memory.
 *
 * A list is answered whole: a client takes it once and asks with its ETag
 * afterwards.  ?parent= is one step down the tree; ?q= what begins with these
 * characters, is named or written so, and when there is none, what is nearest:
 * a code by its characters, a name by its parts.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/parameters.h"
#include "daemon/api/public_texts.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/columns.h"
#include "daemon/flow/problem.h"

#define PROBLEMS  "problems"
#define HEADINGS  "headings"
#define ASKED_MAX 100
#define NEAR_MIN  250 /* of 1000: two characters of a title of seven */
#define NEAR_MAX  8

struct writing {
	struct buf b;
	const char *parent; /* NULL: of any */
	const char *q;
	const struct offers *codes; /* only these; NULL: whatever is asked for */
	bool is_nearest;            /* what is written was not asked for, but is near */
	size_t n;
	struct near {
		int nearness;
		struct code code;
	} near[NEAR_MAX]; /* the nearest by name, the nearest first */
	size_t n_near;
};

/* Letters of ASCII are alike in both cases. */
static bool contains(const char *text, const char *part)
{
	return text && strcasestr(text, part);
}

static bool is_among(const struct offers *codes, const char *code)
{
	for (size_t i = 0; i < codes->n; i++)
		if (strcmp(codes->text[i], code) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct writing *w, const struct code *c)
{
	if (w->parent && strcmp(w->parent, c->parent) != 0)
		return false;
	if (w->codes)
		return is_among(w->codes, c->text);
	if (w->is_nearest)
		return true;
	return !w->q || strncasecmp(c->text, w->q, strlen(w->q)) == 0 ||
	       contains(c->zh, w->q) || contains(c->en, w->q) || contains(c->spellings, w->q);
}

static void put_text(struct buf *b, const char *key, const char *text)
{
	buf_key(b, key);
	buf_json(b, text && text[0] ? text : NULL);
}

static void put_definition(struct buf *b, const struct code *c)
{
	buf_key(b, "definition");
	buf_putc(b, '{');
	put_text(b, "zh", c->definition_zh);
	put_text(b, "en", c->definition_en);
	buf_putc(b, '}');
}

/* What else people write for it. */
static void put_spellings(struct buf *b, const struct code *c)
{
	char *rest = strdupa(c->spellings), *word;

	buf_puts(b, ",\"spellings\":[");
	while ((word = strsep(&rest, "|")) && *word) {
		buf_comma(b);
		buf_json(b, word);
	}
	buf_putc(b, ']');
}

static void write_code(void *arg, const struct code *c)
{
	struct writing *w = arg;

	if (!is_wanted(w, c))
		return;
	w->n++;
	buf_comma(&w->b);
	buf_putc(&w->b, '{');
	put_text(&w->b, "code", c->text);
	put_text(&w->b, "zh", c->zh);
	put_text(&w->b, "en", c->en);
	put_text(&w->b, "parent", c->parent);
	buf_key(&w->b, "level");
	buf_putd(&w->b, c->level);
	if (c->definition_zh)
		put_definition(&w->b, c);
	if (c->definition_zh || (c->spellings && *c->spellings))
		put_spellings(&w->b, c);
	buf_putc(&w->b, '}');
}

static void keep_near(void *arg, const struct code *c)
{
	struct writing *w = arg;
	struct near one = { catalog_nearness(c, w->q), *c };
	size_t at = w->n_near;

	if (one.nearness < NEAR_MIN || (w->parent && strcmp(w->parent, c->parent) != 0))
		return;
	while (at && w->near[at - 1].nearness < one.nearness)
		at--;
	if (at == NEAR_MAX)
		return;
	w->n_near += w->n_near < NEAR_MAX;
	memmove(&w->near[at + 1], &w->near[at], (w->n_near - 1 - at) * sizeof(one));
	w->near[at] = one;
}

/* Somebody wrote a code wrong, or a title of their own. */
static void write_nearest(struct writing *w, const struct catalog *c, const char *list)
{
	struct offers codes = { .wrong = w->q };

	catalog_nearest(c, list, &codes);
	w->codes = &codes;
	(void)catalog_list(c, list, write_code, w);
	w->codes = NULL;
	w->is_nearest = true;
	if (!w->n)
		(void)catalog_list(c, list, keep_near, w);
	for (size_t i = 0; i < w->n_near; i++)
		write_code(w, &w->near[i].code);
}

/* The slugs of refusals; a slug may be longer than any code. */
static void write_problems(struct writing *w)
{
	size_t n;
	const struct problem_kind *kinds = problem_kinds(&n);

	for (size_t i = 0; i < n; i++) {
		if (w->parent || (w->q && strncasecmp(kinds[i].slug, w->q, strlen(w->q)) != 0 &&
				     !contains(kinds[i].title_zh, w->q) &&
				     !contains(kinds[i].title_en, w->q)))
			continue;
		w->n++;
		buf_comma(&w->b);
		buf_putc(&w->b, '{');
		put_text(&w->b, "code", kinds[i].slug);
		put_text(&w->b, "zh", kinds[i].title_zh);
		put_text(&w->b, "en", kinds[i].title_en);
		put_text(&w->b, "parent", NULL);
		buf_key(&w->b, "level");
		buf_putd(&w->b, 1);
		buf_key(&w->b, "status");
		buf_putd(&w->b, kinds[i].status);
		buf_putc(&w->b, '}');
	}
}

/* With a tag of what it says, so that a client that has it is told so. */
static enum next reply_tagged(struct flow *f, struct buf *b)
{
	const char *json = arena_strndup(flow_arena(f), b->data, b->len);

	buf_free(b);
	return answer_public(f, "application/json", json);
}

static void count_code(void *arg, const struct code *c)
{
	(void)c;
	++*(size_t *)arg;
}

static void write_list(struct buf *b, const char *name, size_t n)
{
	buf_comma(b);
	buf_putc(b, '{');
	put_text(b, "list", name);
	buf_key(b, "count");
	buf_putu(b, n);
	buf_putc(b, '}');
}

static enum next list_lists(struct flow *f, void *state)
{
	const struct catalog *c = flow_app(f)->catalog;
	struct faults *fs = faults_new(f);
	struct buf b = { 0 };
	const char *name;
	size_t problems, headings = 0;

	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	buf_puts(&b, "{\"items\":[");
	for (size_t i = 0; (name = catalog_list_name(i)); i++) {
		size_t n = 0;

		(void)catalog_list(c, name, count_code, &n);
		write_list(&b, name, n);
	}
	(void)problem_kinds(&problems);
	write_list(&b, PROBLEMS, problems);
	columns_list(count_code, &headings);
	write_list(&b, HEADINGS, headings);
	buf_puts(&b, "]}");
	return reply_tagged(f, &b);
}

const struct plan list_codes = {
	.name = "GET codes",
	.state_size = 1,
	.steps = { { "list", list_lists } },
};

/* Whether a code is of the list, or stands above one that is. */
struct sought {
	const char *code;
	bool is_found;
};

struct parents {
	const struct catalog *catalog;
	const char *list;
};

static void seek_code(void *arg, const struct code *c)
{
	struct sought *s = arg;

	if (strcmp(c->text, s->code) == 0 || strcmp(c->parent, s->code) == 0)
		s->is_found = true;
}

static bool is_of_list(const void *arg, const char *code)
{
	const struct parents *p = arg;
	struct sought s = { .code = code };

	return catalog_list(p->catalog, p->list, seek_code, &s) && s.is_found;
}

static void check_parent(struct flow *f, struct faults *fs, const char *list,
    const char *parent)
{
	struct parents p = { flow_app(f)->catalog, list };
	struct offers o = { .wrong = parent, .is_taken = is_of_list, .arg = &p };
	struct sought s = { .code = parent };
	char near[OFFERS_TEXT];

	if (!parent || !catalog_list(p.catalog, list, seek_code, &s) || s.is_found)
		return;
	catalog_nearest(p.catalog, list, &o);
	offers_print(&o, near);
	query_fault(f, fs, "parent", "unknown-code", parent,
	    o.n ? near : "a code of this list");
}

static enum next show_list(struct flow *f, void *state)
{
	static const char *const known[] = { "q", "parent" };
	const struct catalog *c = flow_app(f)->catalog;
	const struct request *r = flow_request(f);
	const char *list = r->params[0];
	struct writing w = { .parent = request_query(r, "parent"), .q = request_query(r, "q") };
	struct faults *fs = faults_new(f);
	bool is_problems = strcmp(list, PROBLEMS) == 0,
	     is_headings = strcmp(list, HEADINGS) == 0;

	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	query_only(f, fs, known, 2);
	if (w.q && (!w.q[0] || strlen(w.q) > ASKED_MAX))
		query_fault(f, fs, "q", "length", "", "1 to 100 bytes");
	check_parent(f, fs, list, w.parent);
	if (fs->n)
		return refuse_input(f, fs);
	buf_puts(&w.b, "{\"list\":");
	buf_json(&w.b, list);
	buf_puts(&w.b, ",\"items\":[");
	if (is_problems) {
		write_problems(&w);
	} else if (is_headings) {
		columns_list(write_code, &w);
	} else if (!catalog_list(c, list, write_code, &w)) {
		buf_free(&w.b);
		return refuse_missing(f, 0);
	}
	if (!w.n && w.q && !is_problems && !is_headings)
		write_nearest(&w, c, list);
	buf_puts(&w.b, "],\"nearest\":");
	buf_puts(&w.b, w.is_nearest && w.n ? "true}" : "false}");
	return reply_tagged(f, &w.b);
}

const struct plan get_codes = {
	.name = "GET code list",
	.state_size = 1,
	.steps = { { "show", show_list } },
};
