/*
 * Reads tests/cases/http/probes.tsv: raw requests and what must come of them.
 * Its escapes are described there.
 */
#ifndef TESTS_UNIT_PROBES_H
#define TESTS_UNIT_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"

struct probe {
	char name[48];
	int status;
	bool keeps; /* the connection goes on */
	struct buf bytes;
};

static inline void probe_unescape(struct buf *to, const char *from, size_t n)
{
	const char *stop = from + n;

	while (from < stop) {
		if (strncmp(from, "<<", 2) == 0 && strchr("0123456789", from[2])) {
			char *text;
			unsigned long times = strtoul(from + 2, &text, 10);
			const char *end = strstr(text, ">>");

			while (times--)
				probe_unescape(to, text + 1, (size_t)(end - text - 1));
			from = end + 2;
		} else if (*from != '\\') {
			buf_putc(to, *from++);
		} else if (from[1] == 'x') {
			const char hex[3] = { from[2], from[3], '\0' };

			buf_putc(to, (char)strtoul(hex, NULL, 16));
			from += 4;
		} else {
			const char *which = strchr("r\rn\nt\t\\\\", from[1]);

			buf_putc(to, which[1]);
			from += 2;
		}
	}
}

/* Calls `each` for every probe; returns how many there were. */
static inline size_t probes_each(void (*each)(const struct probe *p))
{
	FILE *f = fopen(SOURCE_DIR "/tests/cases/http/probes.tsv", "r");
	char *line = NULL;
	size_t room = 0, n = 0;
	ssize_t len;

	if (!f)
		return 0;
	while ((len = getline(&line, &room, f)) > 0) {
		struct probe p = { 0 };
		char *status, *connection, *bytes;

		line[len - 1] = '\0';
		if (line[0] == '#')
			continue;
		status = strchr(line, '\t');
		connection = strchr(status + 1, '\t');
		bytes = strchr(connection + 1, '\t') + 1;
		snprintf(p.name, sizeof(p.name), "%.*s", (int)(status - line), line);
		p.status = (int)strtol(status, NULL, 10);
		p.keeps = strncmp(connection + 1, "keep\t", 5) == 0;
		probe_unescape(&p.bytes, bytes, strlen(bytes));
		each(&p);
		buf_free(&p.bytes);
		n++;
	}
	free(line);
	fclose(f);
	return n;
}

#endif
