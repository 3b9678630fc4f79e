/*
 * Whole records beside a list.
 *
 * A list shows what a reader looks for, an import takes all that is told: so after each page
 * the records of its ids are asked for, in one call, which judges rights again and writes down
 * whose files were looked at.  Households are numbered as they come, because the number of a
 * household is this exchange's own, and no file can bring it to another.
 */
#include "daemon/api/list_whole.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/form.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/person.h"
#include "daemon/tables/registers.h"

void list_takes_whole(struct flow *f, struct listing *l, const char *kind)
{
	static const char *const known[] = { "import" };
	struct faults *fs = ask_faults(f, &l->ask);
	const char *columns = query_word(f, fs, "columns", known, 1);
	enum sheet_kind sheet;

	if (!columns)
		return;
	if (wants_file(flow_request(f), &sheet))
		l->whole = kind;
	else
		query_fault(f, fs, "columns", "together", columns,
		    "Accept: " TYPE_CSV ", or " TYPE_XLSX);
}

/* "/v1/courses" is of "courses". */
static const char *kind_of(struct flow *f)
{
	return strrchr(flow_request(f)->path, '/') + 1;
}

static const char *id_of(struct flow *f)
{
	const struct registry *r = flow_request(f)->of_route;

	if (r)
		return r->id;
	return strcmp(kind_of(f), "seekers") == 0 ? "seeker" : "household";
}

bool ask_whole(struct flow *f, const struct listing *l, struct ask *ask, struct arena *memory)
{
	json_t *tree = json_loads(l->ask.reply.body, 0, NULL), *ids = json_array(), *item;
	bool has_any;
	char *text;
	size_t i;

	json_array_foreach(json_object_get(tree, "items"), i, item)
	    json_array_append(ids, json_object_get(item, id_of(f)));
	has_any = json_array_size(ids) > 0;
	text = json_dumps(ids, JSON_COMPACT);
	*ask = (struct ask){ 0 };
	ask_text(ask, l->whole);
	ask_text(ask, arena_strdup(memory, text));
	free(text);
	json_decref(ids);
	json_decref(tree);
	if (has_any)
		ask_ledger_beside(f, ask, LEDGER_READ_WHOLE, memory, flow_resume(f));
	return has_any;
}

static bool is_zh(struct flow *f)
{
	return flow_request(f)->lang == LANG_ZH;
}

/* The ledger's codes in the words of the API; the number is whole, as an import must have it.
 */
static json_t *as_filed(struct flow *f, struct arena *memory, json_t *file)
{
	const struct opened_person opened = {
		.name = json_string_value(json_object_get(file, "name")),
		.telephone = json_string_value(json_object_get(file, "telephone")),
		.address = json_string_value(json_object_get(file, "address")),
	};
	char *text = json_dumps(file, JSON_COMPACT);
	json_t *filed =
	    json_loads(codec_write_person(memory, flow_app(f)->catalog, text, &opened),
		JSON_ALLOW_NUL, NULL);

	free(text);
	json_object_set(filed, "citizen_number", json_object_get(file, "citizen_number"));
	return filed;
}

bool write_whole(struct flow *f, const struct ask *ask, struct arena *memory, struct writer *w,
    size_t *written)
{
	struct opening opening = { f, "person", memory };
	json_t *tree = codec_open_people(memory, ask->reply.body, unseal_found, &opening);
	bool are_people = strcmp(kind_of(f), "seekers") == 0, is_there;
	json_t *items = json_object_get(tree, "items"), *item;
	char home[24];
	size_t i;

	json_array_foreach(items, i, item)
	{
		json_t *record = are_people ? as_filed(f, memory, item) : json_incref(item);

		snprintf(home, sizeof(home), "%zu", ++*written);
		json_object_set_new(record, "home", json_string(home));
		form_write_record(w, kind_of(f), is_zh(f), record);
		json_decref(record);
	}
	is_there = items != NULL;
	json_decref(tree);
	return is_there;
}

void write_whole_headings(struct flow *f, struct arena *memory, struct writer *w)
{
	form_write_headings(memory, w, kind_of(f), is_zh(f), false);
}
