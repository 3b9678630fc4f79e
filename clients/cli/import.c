/*
 * Sending a file of many records (libcurl), and keeping its receipts.
 *
 * The file goes out as the exchange takes it, so what has been sent is what has
 * been worked on, and that is the progress.  The import's name is made from
 * what is in the file, so the same file is the same import, from whatever
 * machine it is sent again with the same key.
 */
#include "clients/cli/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <sodium.h>

#define TAIL_MAX ((size_t)1 << 20) /* of the answer: its last line, or a problem */

struct sending {
	const struct ctl *ctl;
	const char *name;
	CURL *curl;
	FILE *in, *receipts;
	char *line; /* of the answer, the one that has not ended, or the last */
	size_t len;
	bool ended;
	bool for_person; /* the receipts go to a terminal */
	unsigned long refused;
	int percent;
	bool has_totals; /* the answer came to its end */
};

/* Of the whole file, and of what it is: the same bytes as another kind are another import.
 * Under the key that it is sent with: a file of one line is easily guessed, and the name is
 * kept. */
static bool name_of(FILE *in, const char *kind, const char *format, char out[256])
{
	const char *key = option("key") ? option("key") : "";
	size_t n = strlen(key);
	unsigned char bytes[65536], digest[16];
	char hex[2 * sizeof(digest) + 1];
	crypto_generichash_state h;

	if (sodium_init() < 0)
		return false;
	n = n < crypto_generichash_KEYBYTES_MAX ? n : crypto_generichash_KEYBYTES_MAX;
	crypto_generichash_init(&h, (const unsigned char *)key, n, sizeof(digest));
	crypto_generichash_update(&h, (const unsigned char *)kind, strlen(kind) + 1);
	crypto_generichash_update(&h, (const unsigned char *)format, strlen(format) + 1);
	while ((n = fread(bytes, 1, sizeof(bytes), in)))
		crypto_generichash_update(&h, bytes, n);
	crypto_generichash_final(&h, digest, sizeof(digest));
	snprintf(out, 256, "file-%s", sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest)));
	return !ferror(in) && fseek(in, 0, SEEK_SET) == 0;
}

static size_t read_file(char *to, size_t size, size_t n, void *arg)
{
	const struct sending *s = arg;
	size_t got = fread(to, size, n, s->in);

	return ferror(s->in) ? CURL_READFUNC_ABORT : got;
}

/* Why nothing became of the line: which later statement stands, of what quarter, of what day.
 */
static void say_newer(const struct ctl *c, const json_t *newer)
{
	const char *name, *comma = c->zh ? "：" : ": ";
	json_t *value;
	char shown[256];

	if (!newer)
		return;
	name_print(shown, sizeof(shown), c, "newer_stands");
	printf("%s%s", c->zh ? "，" : ", ", shown);
	json_object_foreach((json_t *)newer, name, value)
	{
		char *text = show_value(c, NULL, name, value);

		name_print(shown, sizeof(shown), c, name);
		printf("%s%s%s%s", comma, strcmp(name, "what") == 0 ? "" : shown,
		    strcmp(name, "what") == 0 ? "" : " ", text);
		comma = c->zh ? "、" : ", ";
		free(text);
	}
}

/* One receipt for a person: what became of the line, what it is about, and what is wrong. */
static void say_line(const struct ctl *c, const json_t *receipt)
{
	const char *name, *comma = c->zh ? "：" : ": ";
	json_t *value;
	char shown[256];

	printf(c->zh ? "第 %lld 行" : "line %lld",
	    (long long)json_integer_value(json_object_get(receipt, "line")));
	for (int rest = 0; rest < 2; rest++)
		json_object_foreach((json_t *)receipt, name, value)
		{
			bool is_result = strcmp(name, "result") == 0;
			char *text;

			if (strcmp(name, "line") == 0 || json_is_object(value) ||
			    json_is_array(value) || is_result == (rest == 1))
				continue;
			name_print(shown, sizeof(shown), c, name);
			text = show_value(c, NULL, name, value);
			printf("%s%s%s%s", comma, rest ? shown : "", rest ? " " : "", text);
			comma = c->zh ? "，" : ", ";
			free(text);
		}
	say_newer(c, json_object_get(receipt, "newer_stands"));
	putchar('\n');
	fflush(stdout);
	problem_errors(c, json_object_get(receipt, "errors"));
}

/* A receipt that is whole; the last line, the totals, is shown at the end instead. */
static void put_line(struct sending *s)
{
	json_t *receipt;

	if (strstr(s->line, "\"result\":\"refused\""))
		s->refused++;
	if (strncmp(s->line, "{\"line\":", 8) != 0)
		return;
	receipt = s->for_person ? json_loads(s->line, 0, NULL) : NULL;
	show_progress(NULL, 0, 0);
	if (receipt)
		say_line(s->ctl, receipt);
	else
		fprintf(s->receipts, "%s\n", s->line);
	json_decref(receipt);
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct sending *s = arg;

	(void)size;
	for (size_t i = 0; i < n; i++) {
		if (s->ended) {
			s->len = 0;
			s->ended = false;
		}
		if (p[i] == '\n') {
			s->line[s->len] = '\0';
			s->ended = true;
			put_line(s);
		} else if (s->len < TAIL_MAX - 1) {
			s->line[s->len++] = p[i];
		}
	}
	s->line[s->len] = '\0';
	return n;
}

static int progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t all,
    curl_off_t sent)
{
	struct sending *s = arg;
	int percent = all > 0 ? (int)(sent * 100 / all) : 0;

	(void)down_all;
	(void)down;
	if (percent != s->percent && all > 0)
		show_progress("", (unsigned long)sent, (unsigned long)all);
	s->percent = percent;
	return 0;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcasecmp(name + n - m, end) == 0;
}

static void name_type(const struct ctl *c, char out[80])
{
	const char *charset = option("charset");

	/* Its bytes tell what they are; whoever says so all the same is held to it. */
	if (ends_with(c->argv[0], ".csv"))
		snprintf(out, 80, "text/csv%s%s", charset ? "; charset=" : "",
		    charset ? charset : "");
	else if (ends_with(c->argv[0], ".xlsx"))
		snprintf(out, 80,
		    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
	else
		snprintf(out, 80, "application/x-ndjson");
}

/* How far an earlier run came, for --resume. */
static void show_earlier(const struct ctl *c, const char *name)
{
	char *segment = call_segment(name);
	char path[600];
	const struct request r = { .method = "GET", .path = path };
	struct answer a;

	snprintf(path, sizeof(path), "/v1/imports/%s", segment);
	free(segment);
	if (call(c, &r, &a) != EXIT_DONE)
		return;
	fprintf(stderr,
	    c->zh ? "%s：%s，已到第 %lld 行；已生效的保持不变\n"
		  : "%s: %s at line %lld; what stands stays as it is\n",
	    name, json_string_value(json_object_get(a.json, "state")),
	    (long long)json_integer_value(json_object_get(a.json, "lines")));
	answer_release(&a);
}

static int conclude(struct sending *s, CURLcode rc)
{
	struct answer last = { .text = s->line, .json = json_loads(s->line, 0, NULL) };
	int code = EXIT_DONE;
	long status = 0;

	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK && status < 400) {
		problem_say(s->ctl, "%s; send it again with --resume",
		    "%s；请加 --resume 重新发送", curl_easy_strerror(rc));
		code = EXIT_AWAY;
	} else if (status >= 400 || !last.json) {
		problem_show(s->ctl, status, last.json);
		code = status >= 500 || !last.json ? EXIT_AWAY : EXIT_REFUSED;
	} else {
		const char *state = json_string_value(json_object_get(last.json, "state"));
		bool is_whole = state && strcmp(state, "complete") == 0;

		s->has_totals = state;
		show_answer(s->ctl, &last);
		if (s->refused)
			problem_say(s->ctl, "%lu lines were refused; each receipt says why%s%s",
			    "有 %lu 行被拒绝，原因见回执%s%s", s->refused,
			    option("receipts") ? ": " : "",
			    option("receipts") ? option("receipts") : "");
		if (s->refused && !option("validate"))
			problem_say(s->ctl,
			    "to mend them in a sheet and send it: vacancyctl import show %s --xlsx --out refused.xlsx",
			    "取回被拒绝的各行，改正后重新导入：vacancyctl import show %s --xlsx --out refused.xlsx",
			    s->name);
		if (!is_whole)
			problem_say(s->ctl, "the import was stopped before the end of the file",
			    "导入在文件结尾之前已停止");
		code = s->refused || !is_whole ? EXIT_REFUSED : EXIT_DONE;
	}
	json_decref(last.json);
	return code;
}

/* As it is said, or by the command: "course import" is of courses. */
static const char *kind_of(const struct ctl *c)
{
	const char *own = strstr(c->command->path, "?kind=");

	return own ? own + strlen("?kind=") : option("kind");
}

/* "/v1/imports?kind=seekers&validate=only" */
static void name_path(const struct ctl *c, char *to, size_t n)
{
	const char *kind = kind_of(c);
	char *word = kind ? call_segment(kind) : NULL;

	snprintf(to, n, "/v1/imports%s%s%s", word ? "?kind=" : "", word ? word : "",
	    !option("validate") ? ""
	    : word              ? "&validate=only"
				: "?validate=only");
	free(word);
}

static int send_file(struct sending *s, const char *name, curl_off_t size)
{
	struct curl_slist *headers;
	char to[1024], path[400], type[80];
	CURLcode rc;

	s->line = calloc(1, TAIL_MAX);
	s->curl = curl_easy_init();
	name_path(s->ctl, path, sizeof(path));
	snprintf(to, sizeof(to), "%s%s", call_base(), path);
	name_type(s->ctl, type);
	headers = call_headers(s->ctl, false, type, name);
	curl_easy_setopt(s->curl, CURLOPT_URL, to);
	curl_easy_setopt(s->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, size);
	curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, read_file);
	curl_easy_setopt(s->curl, CURLOPT_READDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_CONNECTTIMEOUT, 5L);
	call_safely(s->curl);
	if (option("timeout"))
		curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, strtol(option("timeout"), NULL, 10));
	curl_easy_setopt(s->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(s->curl, CURLOPT_XFERINFODATA, s);
	rc = curl_easy_perform(s->curl);
	show_progress(NULL, 0, 0);
	curl_slist_free_all(headers);
	return (int)rc;
}

static void show_dry(const struct ctl *c, const char *name, long long size)
{
	char path[400], type[80];
	const struct request r = { .method = "POST", .path = path };

	name_path(c, path, sizeof(path));
	call_show(c, &r);
	name_type(c, type);
	printf("Content-Type: %s\nIdempotency-Key: %s\nContent-Length: %lld\n", type, name,
	    size);
}

/* As long as it is refused for now; what was taken is passed over when it comes again. */
static CURLcode send_until(struct sending *s, const char *name, curl_off_t size)
{
	int tries = option("retries") ? (int)strtol(option("retries"), NULL, 10) : 5;
	CURLcode rc = (CURLcode)send_file(s, name, size);

	for (int i = 0; i < tries; i++) {
		curl_off_t wanted = 0;
		long status = 0, ms;

		curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &wanted);
		if (status != 429 && status != 503)
			break;
		ms = call_pause_ms(i, wanted);
		if (!option("quiet"))
			problem_say(s->ctl, "refused for now (%ld), sent again in %ld s",
			    "暂不受理（%ld），%ld 秒后重新发送", status, (ms + 999) / 1000);
		nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
		rewind(s->in);
		curl_easy_cleanup(s->curl);
		free(s->line);
		s->len = 0;
		s->ended = false;
		s->percent = -1;
		rc = (CURLcode)send_file(s, name, size);
	}
	return rc;
}

/* The import itself, or what is below it: that is no JSON, but lines of it. */
static int get_import(const struct ctl *c, const char *what, struct answer *a)
{
	char *name = call_segment(c->argv[0]);
	char path[1024];
	const struct request r = { .method = "GET", .path = path, .page = *what };

	snprintf(path, sizeof(path), "/v1/imports/%s%s", name, what);
	free(name);
	return call(c, &r, a);
}

int import_receipts_run(struct ctl *c)
{
	struct answer a;
	int code = get_import(c, "/receipts", &a);

	if (code != EXIT_DONE)
		return code;
	fwrite(a.text, 1, a.len, stdout);
	answer_release(&a);
	return EXIT_DONE;
}

static void show_refused(const struct ctl *c, char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *receipt = json_loads(line, 0, NULL);
		const char *result = json_string_value(json_object_get(receipt, "result"));

		if (result && strcmp(result, "refused") == 0)
			problem_of_record(c, receipt);
		json_decref(receipt);
	}
}

/* What was refused of it, as a sheet to mend and send again. */
static int show_refused_rows(const struct ctl *c)
{
	char *name = call_segment(c->argv[0]);
	char path[1024];

	snprintf(path, sizeof(path), "/v1/imports/%s/receipts", name);
	free(name);
	return sheet_run(c, path, option("csv"));
}

/* How far it came, and why what was refused was. */
int import_show_run(struct ctl *c)
{
	bool has_refused;
	struct answer a;
	int code;

	if (option("xlsx") || option("csv"))
		return show_refused_rows(c);
	code = get_import(c, "", &a);

	if (code != EXIT_DONE)
		return code;
	show_answer(c, &a);
	has_refused = json_integer_value(json_object_get(a.json, "refused")) > 0;
	answer_release(&a);
	if (!has_refused || option("json") || get_import(c, "/receipts", &a) != EXIT_DONE)
		return EXIT_DONE;
	show_refused(c, a.text);
	answer_release(&a);
	return EXIT_DONE;
}

/* Beside the file of an earlier run, which stands until this one's has come whole; what is no
 * file, as /dev/null, is written itself. */
static FILE *open_receipts(const char *path, char *part, size_t n)
{
	struct stat st;
	bool is_other = stat(path, &st) == 0 && !S_ISREG(st.st_mode);

	snprintf(part, n, "%s%s", path, is_other ? "" : ".part");
	return fopen(part, "w");
}

static bool close_receipts(const struct sending *s, const char *path, const char *part)
{
	bool is_written = !ferror(s->receipts);

	is_written &= fclose(s->receipts) == 0;
	if (is_written && s->has_totals && strcmp(part, path) != 0)
		is_written = rename(part, path) == 0;
	return is_written;
}

int import_run(struct ctl *c)
{
	const char *receipts = option("receipts"), *key = option("idempotency-key"),
		   *kind = kind_of(c);
	struct sending s = { .ctl = c, .in = fopen(c->argv[0], "r"), .percent = -1 };
	char name[256], part[4200];
	struct stat file;
	int code;

	if (!s.in || fstat(fileno(s.in), &file) != 0 || !S_ISREG(file.st_mode) ||
	    !name_of(s.in, kind ? kind : "returns",
		ends_with(c->argv[0], ".csv")    ? "csv"
		: ends_with(c->argv[0], ".xlsx") ? "xlsx"
						 : "ndjson",
		name)) {
		problem_say(c, "%s: %s", "%s：%s", c->argv[0],
		    errno   ? strerror(errno)
		    : c->zh ? "不是长度已知的文件"
			    : "not a file whose length is known");
		if (s.in)
			fclose(s.in);
		return EXIT_USAGE;
	}
	if (key)
		snprintf(name, sizeof(name), "%s", key);
	s.name = name;
	if (option("dry-run")) {
		show_dry(c, name, (long long)file.st_size);
		fclose(s.in);
		return EXIT_DONE;
	}
	s.receipts = receipts ? open_receipts(receipts, part, sizeof(part)) : stdout;
	if (!s.receipts) {
		problem_say(c, "%s: %s", "%s：%s", receipts, strerror(errno));
		fclose(s.in);
		return EXIT_USAGE;
	}
	s.for_person = s.receipts == stdout && !option("json") && isatty(STDOUT_FILENO);
	if (option("resume"))
		show_earlier(c, name);
	code = conclude(&s, send_until(&s, name, (curl_off_t)file.st_size));
	curl_easy_cleanup(s.curl);
	free(s.line);
	fclose(s.in);
	if (receipts && !close_receipts(&s, receipts, part)) {
		problem_say(c, "%s: %s", "%s：%s", receipts, strerror(errno));
		code = EXIT_USAGE;
	}
	return code;
}

int template_run(struct ctl *c)
{
	const char *division = option("division");
	char *segment = call_segment(c->argv[0]);
	char path[700];

	snprintf(path, sizeof(path), "/v1/templates/%s%s%s", segment,
	    division ? "?division=" : "", division ? division : "");
	free(segment);
	return sheet_run(c, path, option("csv"));
}
