/*
 * The table of commands as sections of a page of mdoc(7), in the reader's language.
 *
 * The Chinese page of the manual has them from here; the English one says more, and a
 * test compares both with the table.
 */
#include "clients/cli/ctl.h"

#include <string.h>

/* An argument of mdoc: a word that reads as a macro, or a sign, is guarded. */
static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	putchar('\n');
}

static void put_option(const struct option *o, bool needed)
{
	printf(needed ? " Fl -%s" : " Oo Fl -%s", o->name);
	if (o->kind != FLAG)
		printf(" Ar %s", o->arg);
	fputs(needed ? "" : " Oc", stdout);
}

/* Those that a register's row repeats are one. */
static bool is_first(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(options[j].name, options[i].name) == 0)
			return false;
	return true;
}

static bool is_needed(const struct command *k, const char *name)
{
	const char *specs[] = { k->query, k->body };
	struct item item;

	for (size_t i = 0; i < 2; i++)
		while (item_next(&specs[i], &item))
			if (item.needed && strcmp(item.option, name) == 0)
				return true;
	return false;
}

/* Of every list and of every amendment: said once, in the page's own words. */
static bool is_usual(const char *name)
{
	static const char *const usual[] = { "all", "limit", "cursor", "if-match",
		"if-none-match" };

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (strcmp(usual[i], name) == 0)
			return true;
	return false;
}

static void put_command(const struct ctl *c, const struct command *k)
{
	const char *args = k->args;

	printf(".It Cm %s", k->words);
	while (*args) {
		size_t n = strcspn(args, " ");

		printf(*args == '[' ? " Op Ar %.*s" : " Ar %.*s",
		    (int)(*args == '[' ? n - 2 : n), *args == '[' ? args + 1 : args);
		args += n + strspn(args + n, " ");
	}
	for (int needed = 1; needed >= 0; needed--)
		for (size_t i = 0; i < n_options; i++)
			if (is_first(i) && !options[i].common && !is_usual(options[i].name) &&
			    command_takes(k, options[i].name) &&
			    is_needed(k, options[i].name) == (needed == 1))
				put_option(&options[i], needed == 1);
	putchar('\n');
	put_text(c->zh ? k->zh : k->en);
}

int manual_run(struct ctl *c)
{
	printf(".Sh %s\n.Bl -tag -width Ds\n", c->zh ? "命令" : "COMMANDS");
	for (size_t i = 0; i < n_commands; i++)
		put_command(c, &commands[i]);
	printf(".El\n.Sh %s\n.Bl -tag -width Ds\n", c->zh ? "选项" : "OPTIONS");
	for (size_t i = 0; i < n_options; i++) {
		const struct option *o = &options[i];

		if (!is_first(i))
			continue;
		fputs(".It ", stdout);
		if (o->letter)
			printf("Fl %c , ", o->letter);
		printf("Fl -%s", o->name);
		if (o->kind != FLAG)
			printf(" Ar %s", o->arg);
		putchar('\n');
		put_text(c->zh ? o->zh : o->en);
	}
	fputs(".El\n", stdout);
	return EXIT_DONE;
}
