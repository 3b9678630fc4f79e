/*
 * Reading the folders of SQL.
 *
 * It knows file names and no SQL.  Two files of tables with one number, or one
 * without a number, are refused: which one ran would be anybody's guess.
 */
#include "daemon/ledger/levels.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"

bool file_read_whole(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "re");
	char chunk[65536];
	size_t n;
	bool fine;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(out, chunk, n);
	fine = !ferror(f);
	if (!fine)
		fprintf(stderr, "%s: cannot be read\n", path);
	fclose(f);
	if (fine && !out->data)
		buf_puts(out, "");
	return fine;
}

/* 3 for "0003_vacancies.sql"; 0 for anything that is not such a name. */
static int number_of(const char *file)
{
	size_t digits = strspn(file, "0123456789");

	if (digits != 4 || file[digits] != '_')
		return 0;
	return (int)strtol(file, NULL, 10);
}

static bool ends_in_sql(const char *file)
{
	size_t n = strlen(file);

	return n > 4 && strcmp(file + n - 4, ".sql") == 0;
}

static bool add(struct levels *l, const char *dir, const char *file, bool is_numbered)
{
	struct buf path = { 0 };
	struct level *level;
	bool fine;

	if (is_numbered && !number_of(file)) {
		fprintf(stderr, "%s/%s: not a name like 0001_name.sql\n", dir, file);
		return false;
	}
	l->list = must_realloc(l->list, (l->n + 1) * sizeof(*l->list));
	level = &l->list[l->n++];
	*level = (struct level){ .number = is_numbered ? number_of(file) : 0,
		.name = must_strdup(file) };
	level->name[strlen(file) - 4] = '\0';
	buf_printf(&path, "%s/%s", dir, file);
	fine = file_read_whole(path.data, &level->text);
	buf_free(&path);
	return fine;
}

static int by_name(const void *a, const void *b)
{
	const struct level *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static bool check_numbers(const struct levels *l, const char *dir)
{
	if (!l->n)
		fprintf(stderr, "%s: no files of tables there\n", dir);
	for (size_t i = 1; i < l->n; i++)
		if (l->list[i].number == l->list[i - 1].number) {
			fprintf(stderr, "%s: %s and %s have one number\n", dir,
			    l->list[i - 1].name, l->list[i].name);
			return false;
		}
	return l->n;
}

bool levels_read(struct levels *l, const char *schema_dir, const char *folder, bool is_numbered)
{
	struct buf dir = { 0 };
	DIR *d;
	bool fine;

	*l = (struct levels){ 0 };
	buf_printf(&dir, "%s/%s", schema_dir, folder);
	d = opendir(dir.data);
	fine = d != NULL;
	if (!fine)
		fprintf(stderr, "%s: %s\n", dir.data, strerror(errno));
	for (struct dirent *e; fine && (e = readdir(d));)
		if (ends_in_sql(e->d_name))
			fine = add(l, dir.data, e->d_name, is_numbered);
	if (d)
		closedir(d);
	if (l->n)
		qsort(l->list, l->n, sizeof(*l->list), by_name);
	fine = fine && (!is_numbered || check_numbers(l, dir.data));
	buf_free(&dir);
	return fine;
}

void levels_release(struct levels *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->list[i].name);
		buf_free(&l->list[i].text);
	}
	free(l->list);
	*l = (struct levels){ 0 };
}
