/*
 * What a driver reads and says: lines of standard input, each a command, and lines of JSON.
 */
#ifndef TESTS_INTEGRATION_DRIVER_LINES_H
#define TESTS_INTEGRATION_DRIVER_LINES_H

#include <stddef.h>

struct buf;
struct event_base;
struct driver_lines;

/* A line without its end, which may be written to until this returns. */
typedef void driver_line(void *arg, char *line);

/* Each line, from the loop; the end of the input ends the loop. */
struct driver_lines *driver_lines_new(struct event_base *base, driver_line *each, void *arg);
void driver_lines_free(struct driver_lines *l);

/* Takes a line apart into n words, the last with its blanks; a word that is not there is "". */
void driver_words(char *line, char **words, size_t n);

/* {"tag": ..., "result": ..., to which more may be put; what is said empties it. */
void driver_begin(struct buf *b, const char *tag, const char *result);
void driver_say(struct buf *b);

#endif
