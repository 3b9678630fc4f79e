/*
 * The board and the mirror behind standard input, for test_board.py.
 *
 * It refuses to judge: it does one command a line and prints what came of it.
 * A change is written entity:id:version:record:label:xid, record and label in
 * hex.  Lines of a follower come whenever they come.
 */
#include "daemon/base/oom.h"
#include "daemon/board/board.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "tests/integration/driver_lines.h"

#include <event2/event.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHANGES = 2000, MAX_LINE = 8 << 20 };

struct driver {
	struct event_base *base;
	struct board *board;
	struct mirror *mirror;
	struct board_follower *follower;
	struct board_position at;
	int city;
	struct change changes[MAX_CHANGES];
	uint64_t xids[MAX_CHANGES];
	size_t n;
};

static void print_hex(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", p[i]);
}

static void print_position(const char *word, const struct board_position *p)
{
	printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", word, p->generation,
	    p->xid, p->id, p->seq);
}

static void print_change(const char *word, uint64_t seq, const struct change *c)
{
	printf("%s %" PRIu64 " %c %" PRIu64 " %" PRIu64 " ", word, seq, c->entity, c->id,
	    c->version);
	print_hex(c->record.data, c->record.len);
	printf(" ");
	print_hex((const uint8_t *)c->label, strlen(c->label));
	printf("\n");
}

static void on_moved(void *arg, enum status st)
{
	struct driver *d = arg;

	print_position(st == OK ? "ok" : status_name(st), &d->at);
}

static void on_load_each(void *arg, const struct change *changes, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++)
		print_change("item", 0, &changes[i]);
}

static void on_each(void *arg, uint64_t seq, const struct change *c)
{
	(void)arg;
	print_change("each", seq, c);
}

static void on_alive(void *arg, const struct board_position *at)
{
	(void)arg;
	(void)at;
}

static void on_lost(void *arg, const char *why)
{
	struct driver *d = arg;

	printf("lost %s\n", why);
	board_follower_free(d->follower);
	d->follower = NULL;
}

static uint64_t next_number(char **words)
{
	char *word = strsep(words, " ");

	return word ? strtoull(word, NULL, 10) : 0;
}

static size_t read_hex(char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

/* In place: the bytes are shorter than their hex, and the line outlives the call. */
static void read_changes(struct driver *d, char **words)
{
	char *word;

	d->n = 0;
	while ((word = strsep(words, " ")) && d->n < MAX_CHANGES) {
		struct change *c = &d->changes[d->n];
		char *part[6];

		for (int i = 0; i < 6; i++) {
			part[i] = strsep(&word, ":");
			if (!part[i])
				abort();
		}
		c->entity = part[0][0];
		c->id = strtoull(part[1], NULL, 10);
		c->version = strtoull(part[2], NULL, 10);
		c->record.len = read_hex(part[3], (uint8_t *)part[3]);
		c->record.data = (uint8_t *)part[3];
		part[4][read_hex(part[4], (uint8_t *)part[4])] = '\0';
		c->label = part[4];
		d->xids[d->n++] = strtoull(part[5], NULL, 10);
	}
}

static void read_position(struct driver *d, char **words)
{
	d->at.generation = next_number(words);
	d->at.xid = next_number(words);
	d->at.id = next_number(words);
	d->at.seq = next_number(words);
}

static void on_room(void *arg)
{
	(void)arg;
}

/* So few that there is always room. */
static void fill(struct driver *d, struct done done)
{
	struct board_filler *f = board_filler_new(d->board, d->city, &d->at, on_room, d);

	for (size_t i = 0; i < d->n; i++) {
		if (!board_filler_put(f, &d->changes[i]))
			abort();
	}
	board_filler_end(f, done);
}

static void do_board(struct driver *d, const char *word, char *words)
{
	const struct done done = { on_moved, d };
	uint64_t xid, id;

	if (strcmp(word, "position") == 0) {
		board_read_position(d->board, d->city, &d->at, done);
	} else if (strcmp(word, "apply") == 0) {
		read_position(d, &words);
		xid = next_number(&words);
		id = next_number(&words);
		read_changes(d, &words);
		board_apply(d->board, d->city, &d->at, d->changes, d->xids, d->n, xid, id,
		    done);
	} else if (strcmp(word, "begin") == 0) {
		xid = next_number(&words);
		id = next_number(&words);
		board_begin(d->board, d->city, xid, id, &d->at, done);
	} else if (strcmp(word, "fill") == 0) {
		read_position(d, &words);
		read_changes(d, &words);
		fill(d, done);
	} else if (strcmp(word, "switch") == 0) {
		read_position(d, &words);
		board_switch(d->board, d->city, &d->at, done);
	} else if (strcmp(word, "load") == 0) {
		board_load(d->board, d->city, true, on_load_each, d, &d->at, done);
	} else if (strcmp(word, "follow") == 0) {
		const struct follower_events events = { on_each, on_alive, on_lost, d };

		read_position(d, &words);
		board_follower_free(d->follower);
		d->follower = board_follow(d->board, d->city, d->at, &events);
		printf("ok\n");
	} else {
		printf("unknown\n");
	}
}

static void do_mirror(struct driver *d, const char *word, char *words)
{
	const struct mirror *m = d->mirror;

	if (strcmp(word, "mirror") == 0) {
		d->mirror =
		    mirror_new(d->base, d->board, d->city, words && *words ? words : NULL);
		printf("ok\n");
	} else if (strcmp(word, "state") == 0) {
		printf("state %d %d %" PRIu64 " %zu %zu %" PRId64 " %s\n", mirror_is_ready(m),
		    mirror_is_following(m), mirror_seq(m),
		    index_count_vacancies(mirror_index(m)),
		    index_count_seekers(mirror_index(m)), mirror_age_ms(m), mirror_why(m));
	} else if (strcmp(word, "own") == 0) {
		read_changes(d, &words);
		mirror_apply(d->mirror, d->changes, d->n, d->xids[0], 1);
		printf("ok\n");
	} else if (strcmp(word, "label") == 0) {
		struct vacancy_label l;

		if (mirror_label(m, next_number(&words), &l))
			printf("label %s/%s/%s\n", l.title, l.employer, l.pay);
		else
			printf("label none\n");
	} else {
		do_board(d, word, words);
	}
}

static void obey(void *arg, char *line)
{
	char *words = line;
	const char *word = strsep(&words, " ");

	do_mirror(arg, word, words);
}

int main(int argc, char **argv)
{
	static struct driver d;
	struct driver_lines *input;
	struct board_config config = { .call_timeout_ms = 1500 };

	if (argc != 4)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_open(LOG_LEVEL_DEBUG, "0");
	metrics_open(1, NULL);
	metrics_worker(0);
	config.address = argv[1];
	d.city = (int)strtol(argv[2], NULL, 10);
	config.stream_length = (unsigned)strtoul(argv[3], NULL, 10);
	d.base = event_base_new();
	d.board = board_new(d.base, &config);
	input = driver_lines_new(d.base, obey, &d);
	event_base_dispatch(d.base);

	board_follower_free(d.follower);
	mirror_free(d.mirror);
	board_free(d.board);
	driver_lines_free(input);
	event_base_free(d.base);
	return 0;
}
