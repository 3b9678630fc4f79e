/*
 * One HTTP request at a time, over TCP or the admin's unix socket (libcurl).
 *
 * It knows methods, headers and outcomes, no resource.  When it is not known
 * whether a request was carried out, it asks again with the same
 * Idempotency-Key, a few times; what cannot be repeated safely is not.  What the rate of the
 * key refused (429) was not carried out, and is asked again when Retry-After says.
 */
#include "clients/cli/ctl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ANSWER_MAX ((size_t)64 << 20)
#define TRIES      3
#define WAIT_MAX   10 /* seconds, whatever Retry-After says */

const char *call_base(void)
{
	const char *url = option("url");

	return url ? url : "http://127.0.0.1:8080";
}

void call_safely(CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (option("cacert"))
		curl_easy_setopt(curl, CURLOPT_CAINFO, option("cacert"));
}

static const char *socket_path(void)
{
	const char *path = option("admin");

	return path ? path : "/run/vacancyd/admin.sock";
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct answer *a = arg;
	char *grown;

	(void)size;
	if (a->len + n > ANSWER_MAX || !(grown = realloc(a->text, a->len + n + 1)))
		return 0;
	a->text = grown;
	memcpy(a->text + a->len, p, n);
	a->len += n;
	a->text[a->len] = '\0';
	return n;
}

void answer_release(struct answer *a)
{
	json_decref(a->json);
	free(a->text);
	a->json = NULL;
	a->text = NULL;
	a->len = 0;
	a->status = 0;
}

/* A key of its own for every run.  One made from the request would give a refusal again
 * after its cause is gone, or a placement that was voided since; that the same thing is
 * not done twice is held by the exchange's natural keys. */
bool call_new_key(char out[40])
{
	unsigned char random[16];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	memcpy(out, "ctl-", 5);
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 4 + 2 * i, 3, "%02x", random[i]);
	return true;
}

static struct curl_slist *header(struct curl_slist *list, const char *name, const char *value)
{
	char line[640];

	if (!value)
		return list;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	return curl_slist_append(list, line);
}

/* An ETag is quoted; people write the number. */
static const char *quoted(const char *given, char out[64])
{
	bool plain = given && *given && strspn(given, "0123456789") == strlen(given);

	if (!plain)
		return given;
	snprintf(out, 64, "\"%s\"", given);
	return out;
}

struct curl_slist *call_headers(const struct ctl *c, bool admin, const char *content_type,
    const char *idempotency_key)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	char version[64], bearer[560];

	list = header(list, "Accept-Language", c->zh ? "zh-CN" : "en");
	list = header(list, "Content-Type", content_type);
	list = header(list, "Idempotency-Key", idempotency_key);
	list = header(list, "If-Match", quoted(option("if-match"), version));
	list = header(list, "If-None-Match", option("if-none-match"));
	if (admin)
		return list;
	list = header(list, "Vacancyd-Actor", option("actor"));
	list = header(list, "Vacancyd-For", option("for"));
	snprintf(bearer, sizeof(bearer), "Bearer %s", option("key") ? option("key") : "");
	return header(list, "Authorization", option("key") ? bearer : NULL);
}

/* "vd_<id>_<secret>" without its end. */
static void put_hidden(const char *line)
{
	const char *secret = strncmp(line, "Authorization:", 14) == 0 ||
				     strncmp(line, "Vacancyd-Actor:", 15) == 0
				 ? strchr(line, '_')
				 : NULL;

	if (!secret && strncmp(line, "Authorization:", 14) != 0) {
		puts(line);
		return;
	}
	secret = secret ? strchr(secret + 1, '_') : NULL;
	printf("%.*s_...\n", secret ? (int)(secret - line) : (int)strcspn(line, ":") + 1, line);
}

void call_show(const struct ctl *c, const struct request *r)
{
	const char *key = r->key ? r->key : option("idempotency-key");
	struct curl_slist *all;

	if (!key)
		key = c->zh ? "（每次新生成）" : "(made anew)";
	all = call_headers(c, r->admin, r->body ? "application/json" : NULL,
	    r->idempotent ? key : NULL);
	printf("%s %s%s\n", r->method, r->admin ? socket_path() : call_base(), r->path);
	for (const struct curl_slist *h = all; h; h = h->next)
		if (strcmp(h->data, "Expect:") != 0)
			put_hidden(h->data);
	curl_slist_free_all(all);
	if (r->body) {
		putchar('\n');
		json_dumpf(r->body, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
		putchar('\n');
	}
}

static CURLcode once(CURL *curl, struct answer *out, curl_off_t *wait)
{
	CURLcode rc;

	answer_release(out);
	*wait = 0;
	rc = curl_easy_perform(curl);
	if (rc == CURLE_OK) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
		curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, wait);
	}
	if (rc == CURLE_OK && out->text)
		out->json = json_loadb(out->text, out->len, JSON_DECODE_ANY, NULL);
	return rc;
}

/* Nobody listens there, or another than we trust: nothing was done, and a person knows better
 * when to ask again. */
static bool is_away(CURLcode rc)
{
	return rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST ||
	       rc == CURLE_URL_MALFORMAT || rc == CURLE_UNSUPPORTED_PROTOCOL ||
	       rc == CURLE_SSL_CONNECT_ERROR || rc == CURLE_PEER_FAILED_VERIFICATION ||
	       rc == CURLE_SSL_CACERT_BADFILE;
}

static bool is_unknown(CURLcode rc, long status)
{
	return rc != CURLE_OK ? !is_away(rc) : status >= 502 && status <= 504;
}

static bool may_repeat(const struct request *r)
{
	return strcmp(r->method, "GET") == 0 || r->idempotent ||
	       (strcmp(r->method, "PUT") == 0 && !option("if-match") &&
		   !option("if-none-match"));
}

long call_pause_ms(int tries, curl_off_t wanted)
{
	long ms = 250L << (tries < 5 ? tries : 5);

	return wanted > 0 ? 1000L * (wanted < WAIT_MAX ? (long)wanted : WAIT_MAX) : ms;
}

static void pause_before(int tries, curl_off_t wanted)
{
	long ms = call_pause_ms(tries, wanted);

	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static bool shall_repeat(const struct request *r, CURLcode rc, long status)
{
	return (rc == CURLE_OK && status == 429) || (may_repeat(r) && is_unknown(rc, status));
}

static void prepare(CURL *curl, const struct request *r, const char *url, const char *sent,
    struct curl_slist *headers, struct answer *out)
{
	long timeout = option("timeout") ? strtol(option("timeout"), NULL, 10)
		       : r->admin        ? 600
					 : 60;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, r->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout);
	call_safely(curl);
	if (r->admin)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path());
	if (sent || strcmp(r->method, "POST") == 0)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent ? sent : "");
}

static int conclude(const struct ctl *c, const struct request *r, CURLcode rc,
    const struct answer *a, const char *key)
{
	if (rc != CURLE_OK)
		problem_say(c, "%s: %s", "%s：%s", r->admin ? socket_path() : call_base(),
		    curl_easy_strerror(rc));
	else if (a->status >= 400 || !(a->json || r->page))
		problem_show(c, a->status, a->json);
	else
		return EXIT_DONE;
	if (strcmp(r->method, "GET") != 0 && is_unknown(rc, a->status))
		key ? problem_say(c,
			  "it is not known whether it was done; --idempotency-key %s asks "
			  "again without doing it twice",
			  "是否已办理不得而知；加 --idempotency-key %s 再次执行不会重复办理",
			  key)
		    : problem_say(c,
			  "it is not known whether it was done: look before asking again",
			  "是否已办理不得而知：请先查看再办理");
	return rc != CURLE_OK || a->status >= 500 || a->status < 400 ? EXIT_AWAY : EXIT_REFUSED;
}

int call(const struct ctl *c, const struct request *r, struct answer *out)
{
	CURL *curl = curl_easy_init();
	int again = option("retries") ? (int)strtol(option("retries"), NULL, 10) : TRIES;
	const char *key = r->key ? r->key : r->idempotent ? option("idempotency-key") : NULL;
	char *sent = r->body ? json_dumps(r->body, JSON_COMPACT) : NULL;
	size_t size = strlen(call_base()) + strlen(r->path) + 32;
	char *url = malloc(size), own[40];
	struct curl_slist *headers;
	curl_off_t wait = 0;
	CURLcode rc;
	int code;

	*out = (struct answer){ 0 };
	if (r->idempotent && !key && call_new_key(own))
		key = own;
	snprintf(url, size, "%s%s", r->admin ? "http://localhost" : call_base(), r->path);
	headers = header(call_headers(c, r->admin, sent ? "application/json" : NULL, key),
	    "Accept", r->accept);
	prepare(curl, r, url, sent, headers, out);
	rc = once(curl, out, &wait);
	for (int i = 0; i < again && shall_repeat(r, rc, out->status); i++) {
		if (!option("quiet"))
			problem_say(c,
			    out->status == 429
				? "too many requests, waiting as Retry-After says (%d of %d)"
				: "no answer yet, asking again (%d of %d)",
			    out->status == 429
				? "请求过于频繁，按 Retry-After 等待后重试（%d/%d）"
				: "尚无结果，正在重试（%d/%d）",
			    i + 1, again);
		pause_before(i, wait);
		rc = once(curl, out, &wait);
	}
	code = conclude(c, r, rc, out, key);
	if (code != EXIT_DONE)
		answer_release(out);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	free(sent);
	free(url);
	return code;
}

char *call_segment(const char *s)
{
	char *escaped = curl_easy_escape(NULL, s, 0);
	char *copied = strdup(escaped ? escaped : "");

	curl_free(escaped);
	return copied;
}
