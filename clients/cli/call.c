/*
 * One HTTP request at a time, over TCP or the admin's unix socket (libcurl).
 *
 * It knows methods, headers and problems, no resource.
 */
#include "clients/cli/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <curl/curl.h>

#define ANSWER_MAX ((size_t)64 << 20)

struct text {
	char *data;
	size_t len;
};

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct text *t = arg;
	char *grown;

	(void)size;
	if (t->len + n > ANSWER_MAX)
		return 0;
	grown = realloc(t->data, t->len + n + 1);
	if (!grown)
		return 0;
	t->data = grown;
	memcpy(t->data + t->len, p, n);
	t->len += n;
	t->data[t->len] = '\0';
	return n;
}

/* A key of its own for every run.  One made from the request would give a refusal again
 * after its cause is gone, or a placement that was voided since; that the same thing is
 * not done twice is held by the exchange's natural keys. */
static bool make_key(char out[40])
{
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	memcpy(out, "ctl-", 5);
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 4 + 2 * i, 3, "%02x", random[i]);
	return true;
}

/* An ETag is quoted; people write the number. */
static void quote_version(const char *given, char *out, size_t size)
{
	bool plain = *given && strspn(given, "0123456789") == strlen(given);

	snprintf(out, size, plain ? "\"%s\"" : "%s", given);
}

static struct curl_slist *header(struct curl_slist *list, const char *name, const char *value)
{
	char line[512];

	if (!value)
		return list;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	return curl_slist_append(list, line);
}

bool ctl_is_chinese(const struct ctl *c)
{
	const char *lang = c->opt.lang ? c->opt.lang : getenv("LANG");

	return lang && strncmp(lang, "zh", 2) == 0;
}

static json_t *request(struct ctl *c, const char *unix_socket, const char *base,
    const char *method, const char *path, const json_t *body, bool idempotent, int *code)
{
	CURL *curl = curl_easy_init();
	struct text got = { 0 };
	struct curl_slist *headers = NULL;
	char *sent = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char url[2048], own[40], bearer[160], version[64];
	json_t *answer = NULL;
	json_error_t error;
	long status = 0;
	CURLcode rc;

	snprintf(url, sizeof(url), "%s%s", base, path);
	headers = header(headers, "Accept-Language", ctl_is_chinese(c) ? "zh-CN" : "en");
	headers = header(headers, "Vacancyd-Actor", c->opt.actor);
	if (c->opt.if_match) {
		quote_version(c->opt.if_match, version, sizeof(version));
		headers = header(headers, "If-Match", version);
	}
	if (sent)
		headers = header(headers, "Content-Type", "application/json");
	headers = curl_slist_append(headers, "Expect:");
	if (!unix_socket && c->opt.key) {
		snprintf(bearer, sizeof(bearer), "Bearer %s", c->opt.key);
		headers = header(headers, "Authorization", bearer);
	}
	if (idempotent) {
		headers = header(headers, "Idempotency-Key",
		    c->opt.idempotency_key ? c->opt.idempotency_key
		    : make_key(own)        ? own
					   : NULL);
	}
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, unix_socket ? 600L : 60L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	if (unix_socket)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, unix_socket);
	if (sent || strcmp(method, "POST") == 0)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent ? sent : "");
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_OK && got.data)
		answer = json_loadb(got.data, got.len, JSON_DECODE_ANY, &error);

	*code = EXIT_DONE;
	if (rc != CURLE_OK) {
		fprintf(stderr, "vacancyctl: %s: %s\n", unix_socket ? unix_socket : base,
		    curl_easy_strerror(rc));
		*code = EXIT_AWAY;
	} else if (status >= 400 || !answer) {
		show_problem(c, status, answer);
		json_decref(answer);
		answer = NULL;
		*code = status >= 500 || status < 400 ? EXIT_AWAY : EXIT_REFUSED;
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	free(sent);
	free(got.data);
	return answer;
}

json_t *ctl_call(struct ctl *c, const char *method, const char *path, const json_t *body,
    bool idempotent, int *code)
{
	const char *base = c->opt.url ? c->opt.url : "http://127.0.0.1:8080";

	return request(c, NULL, base, method, path, body, idempotent, code);
}

json_t *ctl_admin(struct ctl *c, const char *method, const char *path, const json_t *body,
    int *code)
{
	const char *socket = c->opt.admin ? c->opt.admin : "/run/vacancyd/admin.sock";

	return request(c, socket, "http://localhost", method, path, body, false, code);
}

json_t *ctl_file(const char *path)
{
	json_error_t error;
	json_t *body;

	if (strcmp(path, "-") == 0)
		body = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
	else
		body = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!body)
		fprintf(stderr, "vacancyctl: %s: line %d, column %d: %s\n", path, error.line,
		    error.column, error.text);
	return body;
}

char *ctl_segment(const char *s)
{
	char *escaped = curl_easy_escape(NULL, s, 0);
	char *copy = strdup(escaped ? escaped : "");

	curl_free(escaped);
	return copy;
}
