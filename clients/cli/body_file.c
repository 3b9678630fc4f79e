/*
 * A body that a person has in a file: JSON, or a sheet where the command takes one, which goes
 * out as a member of a body.
 *
 * What stands in either is for the exchange.
 */
#include "clients/cli/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define FILE_MAX (64 << 20) /* more than any body may have */

/* The bytes of a file, to be freed; NULL: said why. */
static char *read_file(const struct ctl *c, const char *path, size_t *len)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r"), *out;
	char *bytes = NULL, piece[65536];
	size_t n;

	if (!in) {
		problem_say(c, "%s: %s", "%s：%s", path, strerror(errno));
		return NULL;
	}
	out = open_memstream(&bytes, len);
	while (ftell(out) < FILE_MAX && (n = fread(piece, 1, sizeof(piece), in)))
		fwrite(piece, 1, n, out);
	fclose(out);
	if (ferror(in)) {
		problem_say(c, "%s: %s", "%s：%s", path, strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (in != stdin)
		fclose(in);
	return bytes;
}

/* Some programs begin every file with a mark. */
static const char *behind_mark(const char *bytes)
{
	return strncmp(bytes, "\xef\xbb\xbf", 3) == 0 ? bytes + 3 : bytes;
}

/* A sheet is named as one, or is not even the beginning of JSON. */
static bool is_sheet(const char *path, const char *bytes)
{
	static const char *const ends[] = { ".csv", ".xlsx", ".xls", ".et" };
	const char *dot = strrchr(path, '.'), *at = behind_mark(bytes);

	for (size_t i = 0; dot && i < sizeof(ends) / sizeof(*ends); i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return true;
	at += strspn(at, " \t\r\n");
	return *at && *at != '{' && *at != '[' && !(dot && strcasecmp(dot, ".json") == 0);
}

/* As one member, in base64. */
static json_t *wrapped(const char *member, const char *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(room);
	json_t *body;

	sodium_bin2base64(text, room, (const unsigned char *)bytes, len,
	    sodium_base64_VARIANT_ORIGINAL);
	body = json_pack("{s:s}", member, text);
	free(text);
	return body;
}

static json_t *read_json(const struct ctl *c, const char *path, const char *bytes, size_t len)
{
	const char *text = behind_mark(bytes);
	json_error_t error;
	json_t *body =
	    json_loadb(text, len - (size_t)(text - bytes), JSON_REJECT_DUPLICATES, &error);

	if (!body && is_sheet(path, bytes))
		problem_say(c,
		    "%s is a sheet, and `%s` takes JSON; `vacancyctl import` takes sheets",
		    "%s 是表格，而“%s”只接受 JSON；表格请用 vacancyctl import", path,
		    c->command->words);
	else if (!body)
		problem_say(c, "%s: line %d, column %d: %s", "%s：第 %d 行第 %d 列：%s", path,
		    error.line, error.column, error.text);
	return body;
}

json_t *body_of_file(const struct ctl *c, const char *path)
{
	const char *sheet = c->command->sheet;
	size_t len;
	char *bytes = read_file(c, path, &len);
	json_t *body = !bytes                           ? NULL
		       : sheet && is_sheet(path, bytes) ? wrapped(sheet, bytes, len)
							: read_json(c, path, bytes, len);

	free(bytes);
	return body;
}
