/*
 * PostgreSQL as a side of match-engine: the functions of peers/, prepared, on
 * one connection, answers in binary.
 */
#ifndef TESTS_BENCH_POSTGRES_PEER_H
#define TESTS_BENCH_POSTGRES_PEER_H

#include "tests/bench/side.h"

struct postgres_peer;
/* With the staged functions, the faster; ends the process, with the reason, when it cannot
 * be reached. */
struct postgres_peer *postgres_peer_open(const char *conninfo, const struct terms *t);
/* With one statement a question. */
struct postgres_peer *postgres_plain_open(const char *conninfo, const struct terms *t);
void postgres_peer_close(struct postgres_peer *p);
struct side postgres_side(struct postgres_peer *p);

#endif
