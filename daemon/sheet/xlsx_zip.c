/*
 * A workbook's zip file, by libzip: how many entries, how much, how well packed, each once.
 *
 * The number of entries is looked up before libzip makes something of each of them, in every
 * place at the file's end that says it.
 */
#include "daemon/sheet/xlsx_zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"

/* A comment of 64 KiB, the end record, its locator and the record of large files. */
#define TAIL       ((size_t)65536 + 22 + 20 + 56)
#define RATIO_FROM ((uint64_t)8 << 20) /* small files may be packed as well as they like */
#define SMALL_MAX  ((uint64_t)4 << 20)

struct xlsx_zip {
	zip_t *zip;
	const struct sheet_limits *limits;
	uint64_t inflated;
};

struct xlsx_entry {
	struct xlsx_zip *zip;
	zip_file_t *file;
	uint64_t packed, inflated;
	bool is_again;
	bool is_small;
};

static void broken(struct sheet_fault *why, const char *found)
{
	sheet_fault_set(why, "sheet-broken", found, ".xlsx");
}

static void too_much(struct sheet_fault *why, const char *what, uint64_t most)
{
	char limit[96];

	snprintf(limit, sizeof(limit), "<= %llu %s", (unsigned long long)most, what);
	sheet_fault_set(why, "sheet-size", what, limit);
}

static uint64_t little(const unsigned char *at, size_t n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | at[n];
	return value;
}

/* What the record of large files says that lies there, which may be anywhere. */
static uint64_t entries_at(int fd, uint64_t at)
{
	unsigned char record[56];

	if (at > INT64_MAX ||
	    pread(fd, record, sizeof(record), (off_t)at) != (ssize_t)sizeof(record) ||
	    memcmp(record, "PK\6\6", 4) != 0)
		return 0;
	return little(record + 32, 8);
}

/* The largest number of entries that the file's end speaks of. */
static uint64_t entries_said(int fd)
{
	unsigned char *tail = must_alloc(TAIL);
	uint64_t most = 0;
	struct stat st;
	off_t from;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		st.st_size = 0;
	from = st.st_size > (off_t)TAIL ? st.st_size - (off_t)TAIL : 0;
	n = pread(fd, tail, TAIL, from);
	for (ssize_t at = 0; at + 22 <= n; at++) {
		uint64_t said = 0;

		if (memcmp(tail + at, "PK\5\6", 4) == 0)
			said = little(tail + at + 10, 2);
		else if (memcmp(tail + at, "PK\6\6", 4) == 0 && at + 40 <= n)
			said = little(tail + at + 32, 8);
		else if (memcmp(tail + at, "PK\6\7", 4) == 0)
			said = entries_at(fd, little(tail + at + 8, 8));
		if (said > most && said != 0xffff)
			most = said;
	}
	free(tail);
	return most;
}

struct xlsx_zip *xlsx_zip_open(int fd, const struct sheet_limits *limits,
    struct sheet_fault *why)
{
	struct xlsx_zip *z;
	int copy, code = 0;
	zip_t *zip;

	if (entries_said(fd) > limits->entries) {
		too_much(why, "entries", limits->entries);
		return NULL;
	}
	copy = dup(fd);
	zip = copy < 0 ? NULL : zip_fdopen(copy, 0, &code);
	if (!zip) {
		zip_error_t error;

		if (copy >= 0)
			close(copy);
		zip_error_init_with_code(&error, code);
		broken(why, zip_error_strerror(&error));
		zip_error_fini(&error);
		return NULL;
	}
	z = must_alloc(sizeof(*z));
	z->zip = zip;
	z->limits = limits;
	if (zip_get_num_entries(zip, 0) > (zip_int64_t)limits->entries) {
		too_much(why, "entries", limits->entries);
		xlsx_zip_close(z);
		return NULL;
	}
	return z;
}

void xlsx_zip_close(struct xlsx_zip *z)
{
	if (!z)
		return;
	zip_discard(z->zip);
	free(z);
}

/* -1: there is none; -2: more than one. */
static zip_int64_t find(const struct xlsx_zip *z, const char *path)
{
	zip_int64_t n = zip_get_num_entries(z->zip, 0), found = -1;

	for (zip_int64_t i = 0; i < n; i++) {
		const char *name = zip_get_name(z->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

		if (!name || strcasecmp(name, path) != 0)
			continue;
		if (found >= 0)
			return -2;
		found = i;
	}
	return found;
}

struct xlsx_entry *xlsx_entry_open(struct xlsx_zip *z, const char *path, bool is_again,
    struct sheet_fault *why)
{
	zip_int64_t at = find(z, path);
	struct xlsx_entry *e;
	zip_file_t *file;
	zip_stat_t st;

	*why = (struct sheet_fault){ 0 };
	if (at == -1)
		return NULL;
	if (at == -2) {
		broken(why, path);
		return NULL;
	}
	if (zip_stat_index(z->zip, (zip_uint64_t)at, 0, &st) != 0 ||
	    !(st.valid & ZIP_STAT_COMP_SIZE) || !(st.valid & ZIP_STAT_COMP_METHOD)) {
		broken(why, zip_strerror(z->zip));
		return NULL;
	}
	if (st.encryption_method != ZIP_EM_NONE) {
		sheet_fault_set(why, "sheet-kind", path, ".xlsx");
		return NULL;
	}
	/* Of a spreadsheet; what else libzip may unpack asks for as much memory as it likes. */
	if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE) {
		broken(why, "compression");
		return NULL;
	}
	file = zip_fopen_index(z->zip, (zip_uint64_t)at, 0);
	if (!file) {
		broken(why, zip_strerror(z->zip));
		return NULL;
	}
	e = must_alloc(sizeof(*e));
	*e = (struct xlsx_entry){ z, file, st.comp_size, 0, is_again, false };
	return e;
}

void xlsx_entry_is_small(struct xlsx_entry *e)
{
	e->is_small = true;
}

void xlsx_entry_close(struct xlsx_entry *e)
{
	if (!e)
		return;
	zip_fclose(e->file);
	free(e);
}

int xlsx_entry_read(struct xlsx_entry *e, char *out, size_t n, struct sheet_fault *why)
{
	const struct sheet_limits *limits = e->zip->limits;
	zip_int64_t got = zip_fread(e->file, out, n);

	if (got < 0) {
		broken(why, zip_error_strerror(zip_file_get_error(e->file)));
		return -1;
	}
	e->inflated += (uint64_t)got;
	if (!e->is_again)
		e->zip->inflated += (uint64_t)got;
	if (e->is_small && e->inflated > SMALL_MAX) {
		too_much(why, "inflated bytes", SMALL_MAX);
		return -1;
	}
	if (e->zip->inflated > limits->inflated_bytes) {
		too_much(why, "inflated bytes", limits->inflated_bytes);
		return -1;
	}
	if (e->inflated > RATIO_FROM && e->inflated / limits->ratio > e->packed) {
		too_much(why, "x inflated", limits->ratio);
		return -1;
	}
	return (int)got;
}
