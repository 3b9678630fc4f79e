/*
 * Sending a file of requests, many at a time (libcurl multi).
 *
 * Each line is one JSON object: method, path, body, idempotency_key, and
 * optionally `name`, by which a later line refers to this one's answer
 * ({"$ref":"s123"} becomes the id it was given), and `expect`, the status that
 * a refusal on purpose should have.  The file is a stream: a line is read when
 * there is room for it, and a reference to a request still under way waits for
 * it.  What is refused for now (429, 503) is sent again when Retry-After says so, and while
 * a key's rate is used up nothing else goes out.  It knows no resource but the member that
 * holds an answer's id.
 */
#include "clients/cli/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <uthash.h>

#define LINE_MAX_BYTES ((size_t)1 << 20)
#define SLOTS_MAX      64
#define SHOWN_MAX      20
#define TRIES_MAX      7 /* after the first */

struct named {
	char *name, *id; /* id is NULL while the request is under way */
	UT_hash_handle hh;
};

struct slot {
	CURL *curl;
	struct curl_slist *headers;
	json_t *line;
	char *body;
	char *got;
	size_t got_len;
	unsigned long number; /* of the line */
	int tries;
	int64_t again_ms; /* when it is sent again; 0: it is under way */
	bool busy, has_waited;
};

struct batch {
	struct ctl *ctl;
	CURLM *multi;
	struct slot slots[SLOTS_MAX];
	int n_slots;
	struct named *names;
	int64_t pause_ms; /* until then nothing new is sent */
	unsigned long sent, ok, expected, failed, waited;
};

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct slot *s = arg;
	char *grown;

	(void)size;
	if (s->got_len + n > LINE_MAX_BYTES || !(grown = realloc(s->got, s->got_len + n + 1)))
		return 0;
	s->got = grown;
	memcpy(grown + s->got_len, p, n);
	s->got_len += n;
	grown[s->got_len] = '\0';
	return n;
}

/* Replaces every {"$ref":name} below v; false while one of them is not known yet. */
static bool resolve(struct batch *b, json_t *v)
{
	const char *key;
	json_t *child;
	size_t i;
	void *next;

	if (json_is_object(v)) {
		json_object_foreach_safe(v, next, key, child)
		{
			const char *ref = json_string_value(json_object_get(child, "$ref"));
			struct named *n = NULL;

			if (!ref) {
				if (!resolve(b, child))
					return false;
				continue;
			}
			HASH_FIND_STR(b->names, ref, n);
			if (!n || !n->id)
				return false;
			json_object_set_new(v, key, json_string(n->id));
		}
	}
	json_array_foreach(v, i, child) if (!resolve(b, child)) return false;
	return true;
}

static void remember(struct batch *b, const json_t *line, const char *id)
{
	const char *name = json_string_value(json_object_get(line, "name"));
	struct named *n = NULL;

	if (!name)
		return;
	HASH_FIND_STR(b->names, name, n);
	if (!n) {
		n = calloc(1, sizeof(*n));
		n->name = strdup(name);
		HASH_ADD_KEYPTR(hh, b->names, n->name, strlen(n->name), n);
	}
	if (id && !n->id)
		n->id = strdup(id);
}

/* The id in an answer: the member named after what was made. */
static const char *answer_id(const json_t *answer)
{
	static const char *const members[] = { "referral", "placement", "household", "seeker",
		"approval", "employer" };
	const char *id = NULL;

	for (size_t i = 0; !id && i < sizeof(members) / sizeof(members[0]); i++)
		id = json_string_value(json_object_get(answer, members[i]));
	return id;
}

static long number_or(const char *name, long otherwise)
{
	return option(name) ? strtol(option(name), NULL, 10) : otherwise;
}

static void start(struct batch *b, struct slot *s)
{
	const char *method = json_string_value(json_object_get(s->line, "method"));
	const char *path = json_string_value(json_object_get(s->line, "path"));
	char url[1024];

	snprintf(url, sizeof(url), "%s%s", call_base(), path ? path : "/");
	s->headers = call_headers(b->ctl, false, "application/json",
	    json_string_value(json_object_get(s->line, "idempotency_key")));
	s->got_len = 0;
	s->tries++;
	/* The line before this one may have had a body, which is gone. */
	curl_easy_reset(s->curl);
	curl_easy_setopt(s->curl, CURLOPT_URL, url);
	curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, method ? method : "GET");
	curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(s->curl, CURLOPT_PRIVATE, s);
	call_safely(s->curl);
	curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, number_or("timeout", 60));
	if (s->body || (method && strcmp(method, "POST") == 0))
		curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, s->body ? s->body : "");
	curl_multi_add_handle(b->multi, s->curl);
}

static void end(struct slot *s)
{
	json_decref(s->line);
	free(s->body);
	s->line = NULL;
	s->body = NULL;
	s->busy = s->has_waited = false;
	s->tries = 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The same request with the same key is safe to repeat. */
static void send_later(struct batch *b, struct slot *s, long status)
{
	curl_off_t wanted = 0;

	curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &wanted);
	s->again_ms = now_ms() + call_pause_ms(s->tries - 1, wanted);
	if (status == 429 && s->again_ms > b->pause_ms)
		b->pause_ms = s->again_ms;
	if (!s->has_waited && (status == 429 || status == 503))
		b->waited++;
	s->has_waited = s->has_waited || status == 429 || status == 503;
}

static void finish(struct batch *b, struct slot *s, CURLcode rc)
{
	json_t *answer;
	const json_t *expect = json_object_get(s->line, "expect");
	long status = 0;

	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(b->multi, s->curl);
	curl_slist_free_all(s->headers);
	s->headers = NULL;
	if ((rc != CURLE_OK || status >= 500 || status == 429) &&
	    !(expect && json_integer_value(expect) == status) &&
	    s->tries <= number_or("retries", TRIES_MAX)) {
		send_later(b, s, status);
		return;
	}
	answer = s->got_len ? json_loadb(s->got, s->got_len, 0, NULL) : NULL;
	if (rc == CURLE_OK && expect && json_integer_value(expect) == status)
		b->expected++;
	else if (rc == CURLE_OK && status < 300 && !expect)
		b->ok++;
	else if (b->failed++ < SHOWN_MAX) {
		fprintf(stderr, b->ctl->zh ? "第 %lu 行：" : "line %lu: ", s->number);
		if (rc != CURLE_OK)
			fprintf(stderr, "%s\n", curl_easy_strerror(rc));
		else
			problem_show(b->ctl, status, answer);
	}
	remember(b, s->line, answer_id(answer));
	json_decref(answer);
	end(s);
}

/* How long there is nothing to do but what curl tells, in ms. */
static int idle_ms(const struct batch *b)
{
	int64_t now = now_ms(), next = now + 1000;

	if (b->pause_ms > now && b->pause_ms < next)
		next = b->pause_ms;
	for (int i = 0; i < b->n_slots; i++)
		if (b->slots[i].again_ms && b->slots[i].again_ms < next)
			next = b->slots[i].again_ms;
	return next > now ? (int)(next - now) : 0;
}

/* Lets curl work; waits for something to happen when `wait`. */
static void turn(struct batch *b, bool wait)
{
	const CURLMsg *m;
	struct slot *s;
	int running, left;

	for (int i = 0; i < b->n_slots; i++) {
		s = &b->slots[i];
		if (s->again_ms && s->again_ms <= now_ms()) {
			s->again_ms = 0;
			start(b, s);
		}
	}
	curl_multi_perform(b->multi, &running);
	while ((m = curl_multi_info_read(b->multi, &left))) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
		finish(b, s, m->data.result);
	}
	if (wait)
		curl_multi_poll(b->multi, NULL, 0, idle_ms(b), NULL);
}

static struct slot *free_slot(struct batch *b, int *busy)
{
	struct slot *found = NULL;

	*busy = 0;
	for (int i = 0; i < b->n_slots; i++) {
		if (b->slots[i].busy)
			++*busy;
		else if (!found)
			found = &b->slots[i];
	}
	return found;
}

static void refuse_line(struct batch *b, unsigned long number, const char *why)
{
	if (b->failed++ < SHOWN_MAX)
		fprintf(stderr, b->ctl->zh ? "第 %lu 行：%s\n" : "line %lu: %s\n", number, why);
}

/* References stay as they are: what they stand for is known only by sending. */
static void show_line(const struct batch *b, const json_t *line)
{
	const char *method = json_string_value(json_object_get(line, "method"));
	const struct request r = { .method = method ? method : "GET",
		.path = json_string_value(json_object_get(line, "path")),
		.body = json_object_get(line, "body"),
		.key = json_string_value(json_object_get(line, "idempotency_key")),
		.idempotent = json_object_get(line, "idempotency_key") != NULL };

	call_show(b->ctl, &r);
	putchar('\n');
}

static void send_line(struct batch *b, const char *text, size_t n, unsigned long number)
{
	json_error_t error;
	json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	struct slot *s;
	int busy;

	b->sent++;
	if (!line || !json_is_string(json_object_get(line, "path"))) {
		refuse_line(b, number, line ? "no member `path`" : error.text);
		json_decref(line);
		return;
	}
	if (option("dry-run")) {
		b->ok++;
		show_line(b, line);
		json_decref(line);
		return;
	}
	while (!free_slot(b, &busy) || now_ms() < b->pause_ms)
		turn(b, true);
	while (!resolve(b, json_object_get(line, "body"))) {
		free_slot(b, &busy);
		if (!busy) {
			refuse_line(b, number, "refers to a request that had no answer");
			json_decref(line);
			return;
		}
		turn(b, true);
	}
	s = free_slot(b, &busy);
	remember(b, line, NULL);
	s->line = line;
	s->body = json_object_get(line, "body")
		      ? json_dumps(json_object_get(line, "body"), JSON_COMPACT)
		      : NULL;
	s->number = number;
	s->busy = true;
	start(b, s);
	turn(b, false);
}

/* How much of a file that has a length has been read, else how many lines. */
static void progress(const struct batch *b, FILE *in, long size)
{
	char words[64];

	snprintf(words, sizeof(words),
	    b->ctl->zh ? "已发送 %lu，失败 %lu" : "%lu sent, %lu failed", b->sent, b->failed);
	if (size > 0)
		show_progress(words, (unsigned long)ftell(in), (unsigned long)size);
	else
		show_progress(words, b->sent, 0);
}

static void send_all(struct batch *b, FILE *in)
{
	unsigned long number = 0;
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;
	long size = -1;
	int busy;

	if (fseek(in, 0, SEEK_END) == 0) {
		size = ftell(in);
		rewind(in);
	}
	while ((len = getline(&text, &cap, in)) > 0) {
		number++;
		if (strspn(text, " \t\r\n") == (size_t)len)
			continue;
		if ((size_t)len > LINE_MAX_BYTES)
			refuse_line(b, number, "longer than 1 MiB");
		else
			send_line(b, text, (size_t)len, number);
		if (number % 10 == 0)
			progress(b, in, size);
	}
	if (ferror(in))
		refuse_line(b, number + 1, strerror(errno));
	for (free_slot(b, &busy); busy; free_slot(b, &busy))
		turn(b, true);
	show_progress(NULL, 0, 0);
	free(text);
}

static int send_file(struct ctl *c, FILE *in)
{
	struct batch b = { .ctl = c, .n_slots = (int)number_or("concurrency", 8) };
	struct named *n, *next;

	b.multi = curl_multi_init();
	for (int i = 0; i < b.n_slots; i++)
		b.slots[i].curl = curl_easy_init();
	send_all(&b, in);
	if (b.waited && !option("quiet"))
		problem_say(c, "%lu waited, as Retry-After said, and were sent again",
		    "%lu 条按 Retry-After 等待后重新发送", b.waited);
	printf("sent=%lu ok=%lu expected=%lu failed=%lu\n", option("dry-run") ? 0 : b.sent,
	    b.ok, b.expected, b.failed);

	for (int i = 0; i < b.n_slots; i++) {
		curl_easy_cleanup(b.slots[i].curl);
		free(b.slots[i].got);
	}
	curl_multi_cleanup(b.multi);
	n = b.names;
	HASH_CLEAR(hh, b.names);
	for (; n; n = next) {
		next = n->hh.next;
		free(n->name);
		free(n->id);
		free(n);
	}
	return b.failed ? EXIT_REFUSED : EXIT_DONE;
}

int batch_run(struct ctl *c)
{
	FILE *in = strcmp(c->argv[0], "-") == 0 ? stdin : fopen(c->argv[0], "r");
	int code;

	if (!in) {
		problem_say(c, "%s: %s", "%s：%s", c->argv[0], strerror(errno));
		return EXIT_USAGE;
	}
	code = send_file(c, in);
	if (in != stdin)
		fclose(in);
	return code;
}
