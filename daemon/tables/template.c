/*
 * Reading a template line by line, and putting the words of a register in.
 */
#include "daemon/tables/template.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "outside-figure" as OutsideFigure. */
static void put_schema_name(FILE *out, const char *name)
{
	for (bool is_first = true; name && *name; name++) {
		if (*name != '-')
			fputc(is_first ? toupper((unsigned char)*name) : *name, out);
		is_first = *name == '-';
	}
}

static void put_word(const struct template *t, FILE *out, const char *word,
    const struct registry *r)
{
	const struct {
		const char *word, *text;
	} words[] = { { "name", r->name }, { "id", r->id }, { "plural", r->plural },
		{ "en", r->en }, { "zh", r->zh }, { "ends", r->ends } };

	if (strcmp(word, "Ends") == 0) {
		put_schema_name(out, r->ends);
		return;
	}
	if (strcmp(word, "spaced") == 0) {
		for (const char *c = r->plural; c && *c; c++)
			fputc(*c == '-' ? ' ' : *c, out);
		return;
	}
	if (strcmp(word, "Name") == 0 || strcmp(word, "Names") == 0) {
		put_schema_name(out, word[4] ? r->plural : r->name);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0) {
			fputs(words[i].text ? words[i].text : "", out);
			return;
		}
	t->put_word(out, word, r);
}

/* The words of a line lie between its marks, every second piece. */
static void put_line(const struct template *t, FILE *out, char *line, const struct registry *r)
{
	char *piece;

	for (bool is_word = false; (piece = strsep(&line, "@")); is_word = !is_word) {
		if (is_word)
			put_word(t, out, piece, r);
		else
			fputs(piece, out);
	}
}

static bool put_register(const struct template *t, const char *path, const char *data_dir,
    FILE *out, const struct registry *r)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool fine = f != NULL;

	if (!f)
		perror(path);
	while (fine && getline(&line, &size, f) > 0) {
		if (*line != '%') {
			put_line(t, out, line, r);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		fine = t->put_lines(out, line + 1, data_dir, r);
	}
	free(line);
	if (f)
		fclose(f);
	return fine;
}

bool template_print(const struct template *t, const char *data_dir, FILE *out)
{
	static struct register_rows rows;
	bool fine = register_rows_read(&rows, data_dir);

	for (size_t i = 0; fine && i < rows.n; i++) {
		const struct registry *r = &rows.registers[i];
		const char *path = r->plural ? t->path : t->part_path;

		fine = !path || put_register(t, path, data_dir, out, r);
	}
	return fine;
}
