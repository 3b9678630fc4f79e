/*
 * Lists: ?limit=, ?sort= and ?cursor=, for every list of the API.
 *
 * A cursor is sealed: the sort keys of the last row that was looked at, which its reader may
 * not see, and a stamp of the order and the filters.  It opens for the same list read with the
 * same rights only.  Nothing is kept between two pages.
 */
#ifndef DAEMON_API_CURSOR_H
#define DAEMON_API_CURSOR_H

#include "daemon/api/ask.h"

struct vault;

#define CURSOR_KEYS_MAX 4

/* An order of a list, and its keys, a letter each, the last of them unique:
 * d a day or "infinity", n a whole number, t a text of at most 200 bytes. */
struct order {
	const char *name;
	const char *keys;
};

/* What a list's plan keeps; its state begins with it.  `after` are the arguments of the
 * ledger's function, in the order of the keys: NULL on the first page. */
struct listing {
	struct ask ask;
	const struct order *order;
	long limit;
	const char *after[CURSOR_KEYS_MAX];
	uint64_t stamp;
	const char *whole;      /* list_whole.h: what it is of; NULL: as lists are */
	struct list_file *file; /* list_file.h; NULL: it is answered a page */
};

/*
 * Reads the three, which the caller names in ask_parameters() among his own.  The first order
 * is the default.  A cursor of another order or filter is refused: 409 restart; one of another
 * list or caller like any that we never gave.  Called last, before ask_page.
 */
void list_read(struct flow *f, const struct order *orders, size_t n, struct listing *out);
/* The limit as an argument; then all keys of the order. */
void ask_page(struct flow *f, struct listing *l);

/*
 * A whole step, taken .again; `state` begins with a struct listing, which list_release gives
 * back.  The ledger's function answers
 * by api.page(body, keys of the last row or NULL); "next" is put into the body here.
 */
enum next answer_page(struct flow *f, void *state);

/* The cursor itself.  `about`: whose it is, and of which list. */
enum cursor_verdict { CURSOR_FINE, CURSOR_MALFORMED, CURSOR_STALE };
/* `keys`: each with chr(31) before it. */
const char *cursor_print(const struct vault *v, struct arena *a, const char *about,
    uint64_t stamp, const char *keys);
enum cursor_verdict cursor_read(const struct vault *v, struct arena *a, const char *about,
    const char *text, uint64_t stamp, const char *kinds, const char **keys);

#endif
