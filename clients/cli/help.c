/*
 * The table of commands, printed: as usage, as one command's help, as what bash
 * needs to complete it.
 */
#include "clients/cli/register_commands.h"

#include <string.h>

#include <libsmartcols.h>

#include "clients/cli/code_words.h" /* printed by the build */

static bool is_of(const struct command *k, const char *noun)
{
	size_t n = noun ? strlen(noun) : 0;

	return !noun ||
	       (strncmp(k->words, noun, n) == 0 && (!k->words[n] || k->words[n] == ' '));
}

/* Two columns; Chinese takes two places a character, which only libsmartcols counts. */
static struct libscols_table *two_columns(void)
{
	struct libscols_table *table = scols_new_table();

	scols_table_enable_noheadings(table, 1);
	scols_table_new_column(table, "", 1, 0);
	scols_table_new_column(table, "", 0, 0);
	scols_table_new_column(table, "", 0, SCOLS_FL_WRAP);
	return table;
}

static void add(struct libscols_table *table, const char *left, const char *right)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	scols_line_set_data(line, 0, " ");
	scols_line_set_data(line, 1, left);
	scols_line_set_data(line, 2, right);
}

static void print(struct libscols_table *table, FILE *to)
{
	scols_table_set_stream(table, to);
	if (scols_table_get_nlines(table))
		scols_print_table(table);
	scols_unref_table(table);
}

/* Of every command when there is none; a register's option that stands in the table twice is
 * one. */
static bool takes_option(const struct command *k, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(options[j].name, options[i].name) == 0)
			return false;
	return k ? command_takes(k, options[i].name) && !options[i].common : options[i].common;
}

/* A register has words of its own for what it takes. */
static const char *words_for(const struct ctl *c, const struct command *k,
    const struct option *o)
{
	const struct register_member *m = k ? register_member(k, o->name) : NULL;
	static char text[512];

	if (m && is_of(k, m->noun)) {
		snprintf(text, sizeof(text), "%s%s%s", c->zh ? m->zh : m->en,
		    !*m->codes ? ""
		    : c->zh    ? "："
			       : ": ",
		    m->codes);
		return text;
	}
	return c->zh ? o->zh : o->en;
}

static void add_options(const struct ctl *c, struct libscols_table *table,
    const struct command *k)
{
	for (size_t i = 0; i < n_options; i++) {
		const struct option *o = &options[i];
		char words[64], letter[8] = "";

		if (!takes_option(k, i))
			continue;
		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(words, sizeof(words), "%s--%s%s%s", letter, o->name,
		    o->kind == FLAG ? "" : " ", o->kind == FLAG ? "" : o->arg);
		add(table, words, words_for(c, k, o));
	}
}

void help_usage(const struct ctl *c, FILE *to, const char *noun)
{
	struct libscols_table *table = two_columns();

	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];
		char words[96];

		snprintf(words, sizeof(words), "%s %s", k->words, k->args);
		if (is_of(k, noun))
			add(table, words, c->zh ? k->zh : k->en);
	}
	fputs(c->zh ? "用法：vacancyctl [选项] 命令\n\n"
		    : "usage: vacancyctl [OPTIONS] COMMAND\n\n",
	    to);
	print(table, to);
	if (!noun) {
		table = two_columns();
		add_options(c, table, NULL);
		fputs(c->zh ? "\n各命令通用的选项：\n\n" : "\nOptions of every command:\n\n",
		    to);
		print(table, to);
	}
	fputs(
	    c->zh
		? "\nvacancyctl help 命令：说明该命令的选项；手册见 vacancyctl(1)。\n"
		: "\nvacancyctl help COMMAND says what it takes; vacancyctl(1) is the manual.\n",
	    to);
}

void help_command(const struct ctl *c, FILE *to, const struct command *k)
{
	struct libscols_table *table = two_columns();

	fprintf(to, "%s vacancyctl %s%s%s", c->zh ? "用法：" : "usage:", k->words,
	    *k->args ? " " : "", k->args);
	for (const char *specs[] = { k->query, k->body }, **s = specs; s < specs + 2; s++)
		for (struct item item; item_next(s, &item);)
			if (item.needed)
				for (size_t i = 0; i < n_options; i++)
					if (takes_option(k, i) &&
					    strcmp(options[i].name, item.option) == 0)
						fprintf(to, " --%s %s", item.option,
						    options[i].arg);
	fprintf(to, c->zh ? " [选项]\n%s\n" : " [OPTIONS]\n%s\n", c->zh ? k->zh : k->en);
	add_options(c, table, k);
	if (scols_table_get_nlines(table))
		fputc('\n', to);
	print(table, to);
}

int help_run(struct ctl *c)
{
	char words[96] = "";
	bool found = false;

	for (int i = 0; i < c->argc; i++)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
		    i ? " " : "", c->argv[i]);
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].words, words) == 0) {
			help_command(c, stdout, &commands[i]);
			return EXIT_DONE;
		}
		found = found || is_of(&commands[i], words);
	}
	if (*words && !found) {
		problem_say(c, "no such command: %s", "没有这个命令：%s", words);
		return EXIT_USAGE;
	}
	help_usage(c, stdout, *words ? words : NULL);
	return EXIT_DONE;
}

static void put_options(const struct command *k)
{
	for (size_t i = 0; i < n_options; i++)
		if (takes_option(k, i))
			printf(" --%s", options[i].name);
}

static bool seen_before(size_t i, size_t n)
{
	for (size_t j = 0; j < i; j++)
		if (strncmp(commands[j].words, commands[i].words, n) == 0 &&
		    strchr(" ", commands[j].words[n]))
			return true;
	return false;
}

/* The code words that an option takes: of every command, or of those that begin so,
 * between quotes of bash. */
static const struct {
	const char *command, *option, *codes;
} values[] = {
	{ "", "kind", CODES_PLACEMENT_KINDS },
	{ "", "form", CODES_FORMS },
	{ "", "shift", CODES_SHIFTS },
	{ "", "reserved", CODES_YES_NO },
	{ "", "rank", CODES_RANKS },
	{ "", "role", CODES_ROLES },
	{ "", "how", CODES_CONSENT_WAYS },
	{ "", "passing-reason", CODES_PASSING_REASONS },
	{ "", "sandbox", CODES_SANDBOX_ANSWERS },
	{ "", "signal", CODES_TAKING_BACK_SIGNALS },
	{ "", "decision", CODES_DECISIONS },
	{ "", "code", CODES_VOID_REASONS },
	{ "", "education-max", CODES_EDUCATION },
	{ "obligations list", "state", CODES_OBLIGATION_STATES ", nil" },
	{ "vacancy search", "state", CODES_VACANCY_STATES ", all" },
	{ "seeker list", "state", CODES_SEEKER_STATES },
	{ "household list", "state", CODES_HOUSEHOLD_STATES },
	{ "referral list", "state", CODES_REFERRAL_STATES },
	{ "return close", "reason", CODES_CLOSING_REASONS },
	{ "seeker withdraw", "reason", CODES_LEAVING_REASONS },
	{ "fact end'*' unemployment", "reason", CODES_LEAVING_REASONS },
	{ "fact end", "reason", CODES_RECOVERY_REASONS },
	{ "household end", "reason", CODES_HOUSEHOLD_END_REASONS },
	{ "referral refuse", "reason", CODES_REFUSING_REASONS },
	{ "referral decline", "reason", CODES_DECLINING_REASONS },
	{ "referral fail", "reason", CODES_FAILING_REASONS },
	{ "referral withdraw", "reason", CODES_WITHDRAWING_REASONS },
	{ "place withdraw", "reason", CODES_TAKING_BACK_REASONS },
	{ "place end", "reason", CODES_JOB_END_REASONS },
};

static void put_values(void)
{
	puts("\tcase \"${said# help} ${COMP_WORDS[COMP_CWORD-1]}\" in");
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		fputs("\t", stdout);
		if (*values[i].command)
			printf("' %s'", values[i].command);
		printf("*' --%s') values='%s' ;;\n", values[i].option, values[i].codes);
	}
	puts("\tesac");
}

/* A case for each noun: its verbs; one for each command: its options. */
int completion_run(struct ctl *c)
{
	(void)c;
	puts("# bash completion of vacancyctl; made by `vacancyctl completion`.\n"
	     "_vacancyctl() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} said='' verbs='' options='' values='' w\n"
	     "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	     "\t\t[[ $w == -* ]] || said+=\" $w\"\n"
	     "\tdone");
	fputs("\tlocal common='", stdout);
	put_options(NULL);
	puts("'\n\tcase ${said# help} in");
	for (size_t i = 0; i < n_commands; i++) {
		const char *words = commands[i].words;

		if (!strchr(words, ' '))
			continue;
		printf("\t' %s'*) options='", words);
		put_options(&commands[i]);
		puts("' ;;");
	}
	for (size_t i = 0; i < n_commands; i++) {
		const char *words = commands[i].words;
		size_t n = strcspn(words, " ");

		if (seen_before(i, n))
			continue;
		printf("\t' %.*s'*) verbs='", (int)n, words);
		for (size_t j = i; j < n_commands; j++)
			if (strncmp(commands[j].words, words, n) == 0 &&
			    commands[j].words[n] == ' ')
				printf("%s ", commands[j].words + n + 1);
		fputs("' options='", stdout);
		put_options(&commands[i]);
		puts("' ;;");
	}
	fputs("\t'') verbs='", stdout);
	for (size_t i = 0; i < n_commands; i++) {
		size_t n = strcspn(commands[i].words, " ");

		if (!seen_before(i, n))
			printf("%.*s ", (int)n, commands[i].words);
	}
	puts("' ;;\n"
	     "\tesac");
	put_values();
	puts("\tif [[ $values ]]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"${values//,/}\" -- \"$word\")\n"
	     "\telif [[ $word == -* ]]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$common $options\" -- \"$word\")\n"
	     "\telse\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$verbs\" -- \"$word\"\n"
	     "\t\t\tcompgen -f -- \"$word\")\n"
	     "\tfi\n"
	     "}\n"
	     "complete -o filenames -F _vacancyctl vacancyctl");
	return EXIT_DONE;
}
