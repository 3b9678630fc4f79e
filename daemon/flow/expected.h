/*
 * What would be right, in Chinese.
 *
 * Whoever refuses says it once, in English with the values in it ("1 to 120 characters").
 * config/data/expected.tsv has each such text with {1}, {2} for the values, and the same in
 * Chinese; codes and whatever else has no row stay as they are.
 */
#ifndef DAEMON_FLOW_EXPECTED_H
#define DAEMON_FLOW_EXPECTED_H

struct buf;

/* Appended. */
void expected_put_zh(struct buf *b, const char *en);

#endif
