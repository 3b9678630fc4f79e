/*
 * Reading authorisation.tsv: one row a role and action.
 *
 * It knows no route and judges nobody.  There is no way to write "everybody";
 * what has no row is refused.
 */
#include "daemon/catalog/permissions.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/tables/choices.h"
#include "daemon/tables/tsv.h"

struct permissions {
	char *text;
	size_t n;
	struct permission *list; /* by action */
};

static int by_action(const void *a, const void *b)
{
	const struct permission *x = a, *y = b;

	return strcmp(x->action, y->action);
}

static unsigned role_of(const char *name)
{
	int place = choice_find(LIST_ROLES, name);

	return place < 0 ? 0 : 1U << place;
}

static struct permission *row_of(struct permissions *p, const char *action)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->list[i].action, action) == 0)
			return &p->list[i];
	p->list[p->n] = (struct permission){ .action = action };
	return &p->list[p->n++];
}

/* role, action, actor, fields, note */
static bool take_row(struct permissions *p, struct tsv *t)
{
	unsigned role = role_of(t->field[0]);
	struct permission *row;

	if (!role)
		return tsv_refuse(t, "employer, agency, bureau or auditor", t->field[0]);
	if (!strchr(t->field[1], '.'))
		return tsv_refuse(t, "an action is resource.verb", t->field[1]);
	if (strcmp(t->field[2], "-") != 0 && strcmp(t->field[2], "officer") != 0)
		return tsv_refuse(t, "officer, or - for none", t->field[2]);
	row = row_of(p, t->field[1]);
	if (row->roles & role)
		return tsv_refuse(t, "this role has a row for this action", t->field[1]);
	row->roles |= role;
	if (t->field[2][0] == 'o')
		row->actors |= role;
	row->masked[role] = strcmp(t->field[3], "-") == 0 ? "" : t->field[3];
	return true;
}

struct permissions *permissions_read(const char *data_dir)
{
	struct permissions *p;
	struct tsv t;

	if (!tsv_open(&t, data_dir, "authorisation.tsv", "role\taction\tactor\tfields\tnote"))
		return NULL;
	p = must_alloc(sizeof(*p));
	p->text = t.text;
	p->list = must_alloc(t.lines * sizeof(*p->list));
	while (tsv_next(&t))
		if (!take_row(p, &t))
			break;
	if (t.is_broken) {
		permissions_free(p);
		return NULL;
	}
	qsort(p->list, p->n, sizeof(*p->list), by_action);
	return p;
}

void permissions_free(struct permissions *p)
{
	if (!p)
		return;
	free(p->list);
	free(p->text);
	free(p);
}

const struct permission *permission_of(const struct permissions *p, const char *action)
{
	struct permission key = { .action = action };

	return bsearch(&key, p->list, p->n, sizeof(key), by_action);
}

const struct permission *permissions_all(const struct permissions *p, size_t *n)
{
	*n = p->n;
	return p->list;
}
