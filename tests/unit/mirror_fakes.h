/*
 * The mirror against a board that answers when the test says so: another
 * object behind board.h, linked instead of the real one.
 */
#ifndef TESTS_UNIT_MIRROR_FAKES_H
#define TESTS_UNIT_MIRROR_FAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <event2/event.h>

#include "daemon/board/board.h"
#include "daemon/mirror/mirror.h"

struct board_follower {
	struct follower_events to;
	struct board_position from;
};

/* One call of each kind may wait for its answer. */
struct fake_board {
	board_each *each;
	void *each_arg;
	struct board_position *as_of, *position;
	struct done loaded, positioned;
	bool loading, positioning;
	struct board_follower *follower;
};
extern struct fake_board fake;

/* The fixture: a loop, and a mirror that has just asked for its load. */
struct world {
	struct event_base *base;
	struct mirror *m;
};
int set_up(void **state);
int tear_down(void **state);
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
void turn_until_it_loads(struct world *w);

/* A vacancy's record, format 1. */
struct record {
	uint8_t p[128];
	size_t n;
};
struct record vacancy_record(uint64_t id, uint64_t version, bool open);
/* One of a load. */
void give(board_each *each, void *arg, uint64_t id, uint64_t version, bool open,
    const char *label);

void loaded(enum status st, uint64_t seq);
void positioned(uint64_t seq);
void load_nothing_and_follow(uint64_t seq);
void load_again(struct world *w, const char *why);

void stream_change(uint64_t seq, uint64_t id, uint64_t version, bool open);
void heartbeat(uint64_t seq);
/* Of the transaction that the stream's entry `seq` is, or will be: see heartbeat. */
void own_write(struct mirror *m, uint64_t seq, uint64_t id, uint64_t version,
    const char *label);

size_t vacancies(const struct mirror *m);

#endif
