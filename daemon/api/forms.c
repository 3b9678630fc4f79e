/*
 * GET /v1/templates/{kind}: the empty form of what an import takes, as XLSX or, when that is
 * accepted first, CSV; and the lines of a return as such a form, filled in.
 *
 * They are as long as one return, so they are made in one go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/form.h"
#include "daemon/sheet/writer.h"

/* The writer is given back here. */
static enum next answer_file(struct flow *f, struct writer *w, enum sheet_kind kind)
{
	bool is_whole = writer_end(w);
	size_t len;
	int fd = writer_take(w, &len);

	writer_free(w);
	if (!is_whole) {
		close(fd);
		return flow_refuse(f, "busy", NULL, NULL);
	}
	return flow_reply_file(f, 200,
	    kind == SHEET_XLSX ? TYPE_XLSX : TYPE_CSV "; charset=utf-8", fd, len);
}

enum next answer_lines_file(struct flow *f, enum sheet_kind kind, const char *body)
{
	struct writer *w = writer_new(kind, flow_app(f)->imports.dir, "returns");
	bool has_lines;

	if (!w)
		return flow_refuse(f, "busy", NULL, NULL);
	has_lines = form_write_lines(flow_arena(f), w, flow_request(f)->lang == LANG_ZH, body);
	if (has_lines)
		return answer_file(f, w, kind);
	writer_free(w);
	return flow_refuse(f, "internal", NULL, NULL);
}

/* A community to show: of the division that was asked for, else of the city. */
static const char *some_community(struct flow *f, const char *division)
{
	const struct app *app = flow_app(f);
	struct offers found = { .wrong = "" };
	place_t above = 0;
	char text[OFFERS_TEXT];

	if (division)
		above = strtoull(division, NULL, 10);
	else
		above = (place_t)app->city;
	while (above && above < 100000000000)
		above *= 10;
	catalog_inside(app->catalog, above, 12, &found);
	offers_print(&found, text);
	return arena_strndup(flow_arena(f), text, strcspn(text, ","));
}

static enum next make_template(struct flow *f, void *state)
{
	static const char *const known[] = { "division" };
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum sheet_kind kind = SHEET_XLSX;
	struct form_example example;
	struct writer *w;
	struct codec codec;
	const char *division;
	char today[11];
	int year, quarter;

	ask_parameters(f, ask, known, 1);
	division = query_division(f, ask_faults(f, ask), "division");
	if (!form_is_known(r->params[0]))
		input_fault(ask_faults(f, ask), "path/kind", "choice", r->params[0],
		    form_kinds(flow_arena(f)));
	if (!ask_codec(f, ask, &codec) || ask_check(f, ask) == STEP_DONE)
		return ask_check(f, ask);
	(void)wants_file(r, &kind);
	w = writer_new(kind, flow_app(f)->imports.dir, r->params[0]);
	if (!w)
		return flow_refuse(f, "busy", NULL, NULL);
	/* The quarter that is filed now is the one that has ended. */
	day_print(codec.today, today);
	year = (int)strtol(today, NULL, 10);
	quarter = (int)(strtol(today + 5, NULL, 10) - 1) / 3;
	year -= quarter == 0;
	quarter = quarter ? quarter : 4;
	example.quarter = arena_printf(flow_arena(f), "%dQ%d", year, quarter);
	example.today = codec.today;
	example.since = day_of(year, 3 * quarter - 2, 1);
	example.community = some_community(f, division);
	form_write_template(flow_arena(f), w, r->params[0], r->lang == LANG_ZH, &example);
	return answer_file(f, w, kind);
}

const struct plan get_template = {
	.name = "GET template",
	.state_size = sizeof(struct ask),
	.steps = { { "make", make_template } },
};
