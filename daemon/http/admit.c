/*
 * Admission: route, key, role, and what the headers promise about the body.
 *
 * It refuses to know sockets and resources.  In this order:
 * whatever is wrong with the path is said to everybody, whatever is wrong with
 * the body only to holders of a key.
 */
#include "daemon/http/admit.h"

#include <string.h>
#include <strings.h>

#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/base/scope.h"
#include "daemon/http/cors.h"
#include "daemon/http/headers.h"
#include "daemon/http/route_match.h"
#include "daemon/metrics/metrics.h"

static bool refuse(struct refusal *why, const char *slug)
{
	*why = (struct refusal){ .slug = slug };
	return false;
}

static bool refuse_for(struct refusal *why, const char *slug, const char *where,
    const char *rule, const char *expected, const char *en, const char *zh)
{
	*why = (struct refusal){
		.slug = slug,
		.where = where,
		.rule = rule,
		.expected = expected,
		.en = en,
		.zh = zh,
	};
	return false;
}

static const char *allowed(struct arena *a, unsigned methods)
{
	char *list = arena_alloc(a, 64);

	for (int m = METHOD_GET; m <= METHOD_DELETE; m++) {
		if (!(methods & 1U << m))
			continue;
		stpcpy(stpcpy(list + strlen(list), *list ? ", " : ""),
		    m == METHOD_GET ? "GET, HEAD" : method_name((enum method)m));
	}
	return list;
}

/* False: a method that no route has. */
static bool read_method(const char *name, enum method *out)
{
	static const struct {
		const char *name;
		enum method method;
	} known[] = {
		{ "GET", METHOD_GET },
		{ "HEAD", METHOD_GET },
		{ "PUT", METHOD_PUT },
		{ "POST", METHOD_POST },
		{ "PATCH", METHOD_PATCH },
		{ "DELETE", METHOD_DELETE },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i].name, name) == 0) {
			*out = known[i].method;
			return true;
		}
	}
	return false;
}

static bool find_route(const struct route *routes, size_t n_routes, const struct head *head,
    struct arena *a, struct admission *out, struct refusal *why)
{
	struct request *r = out->request;
	const struct target_fault *fault;
	struct target t;
	unsigned methods;

	fault = target_read(a, head->target, &t);
	if (fault)
		return refuse_for(why, "malformed-path", fault->where, fault->rule, NULL,
		    fault->en, fault->zh);
	r->path = t.path;
	r->n_query = t.n_query;
	memcpy(r->query, t.query, sizeof(t.query));
	if (read_method(head->method_name, &r->method))
		out->route = routes_find(routes, n_routes, &t, r->method, r->params);
	if (out->route) {
		r->pattern = out->route->pattern;
		r->of_route = out->route->arg;
		return true;
	}
	methods = routes_methods(routes, n_routes, &t);
	if (!methods)
		return refuse(why, "not-found");
	if (out->origin && cors_is_preflight(head)) {
		out->route = &cors_preflight;
		r->of_route = allowed(a, methods);
		return true;
	}
	refuse(why, "method-not-allowed");
	why->allow = allowed(a, methods);
	return false;
}

static const char *print_actor(struct arena *a, const struct principal *officer,
    const char *behalf)
{
	const char *hash = hex_text(a, officer->secret_hash, sizeof(officer->secret_hash));

	return arena_printf(a, "%s.%s%s%s", officer->kid, hash, behalf ? "." : "",
	    behalf ? behalf : "");
}

/* The person behind the key `who`.  Whether she may stand in for somebody, the ledger knows. */
static bool find_actor(const struct http_config *c, const struct head *head, struct arena *a,
    struct principal *who, struct admission *out, struct refusal *why)
{
	const char *value = head_find(head, "Vacancyd-Actor");
	const char *behalf = head_find(head, "Vacancyd-For");
	const struct principal *officer = NULL;
	struct bearer said;

	if (!value || !*value) /* an empty one names nobody */
		return out->route->actors & (unsigned)who->role ? refuse(why, "actor-required")
		       : behalf                                 ? refuse(why, "actor-refused")
								: true;
	if (header_actor(value, &said) && c->find_officer)
		officer = c->find_officer(c->arg, said.id, said.secret);
	explicit_bzero(&said, sizeof(said));
	if (!officer || officer->role != who->role ||
	    strcmp(officer->organisation, who->organisation) != 0 ||
	    (behalf && !header_officer(behalf)))
		return refuse(why, "actor-refused");
	out->request->actor = print_actor(a, officer, behalf);
	/* What somebody else's scope adds, only the ledger can tell; what is answered from
	 * memory stays within her own. */
	scope_narrow(who->scope, officer->scope);
	return true;
}

static bool identify(const struct http_config *c, const struct head *head, struct arena *a,
    struct admission *out, struct refusal *why)
{
	const char *value = head_find(head, "Authorization");
	const struct principal *found;
	struct principal *who;
	struct bearer key;

	if (!out->route->roles)
		return true;
	if (!value)
		return refuse(why, "key-missing");
	if (!header_bearer(value, &key) || !c->find_principal) {
		metric_add(M_KEYS_MALFORMED, 1);
		return refuse(why, "key-refused");
	}
	if (c->knows_keys && !c->knows_keys(c->arg))
		return refuse(why, "keys-unknown");
	found = c->find_principal(c->arg, key.id, key.secret);
	explicit_bzero(&key, sizeof(key));
	if (!found)
		return refuse(why, "key-refused");
	/* The key cache may change while the request waits: keep our own. */
	who = arena_memdup(a, found, sizeof(*found));
	out->request->who = who;
	if (!(out->route->roles & (unsigned)who->role)) {
		metric_add(M_KEYS_OF_ROLE, 1);
		return refuse(why, "role-refused");
	}
	out->request->masked =
	    out->route->masked ? out->route->masked[(unsigned)who->role] : NULL;
	return find_actor(c, head, a, who, out, why);
}

static bool read_headers(const struct head *head, struct arena *a, struct admission *out,
    struct refusal *why)
{
	struct request *r = out->request;
	const char *trace = head_find(head, "traceparent");

	r->idempotency_key = head_find(head, "Idempotency-Key");
	r->if_match = head_find(head, "If-Match");
	r->if_none_match = head_find(head, "If-None-Match");
	r->accept = head_find(head, "Accept");
	r->position = head_find(head, "Consistency-Token");
	if (trace && header_is_traceparent(trace))
		r->traceparent = trace;

	if (!r->idempotency_key && out->route->needs_idempotency_key)
		return refuse(why, "idempotency-key-missing");
	if (r->idempotency_key && !header_is_token(r->idempotency_key))
		return refuse(why, "idempotency-key-malformed");
	if (r->if_match && !header_is_if_match(r->if_match))
		return refuse_for(why, "malformed-request", "header/If-Match", "entity-tag",
		    "\"3\"", "If-Match is not one entity tag.", "If-Match 不是单个实体标签。");
	if (r->if_match)
		r->if_match = coding_plain_tag(a, r->if_match);
	if (r->position && !header_is_token(r->position))
		return refuse_for(why, "malformed-request", "header/Consistency-Token", "token",
		    "the token of an earlier answer",
		    "Consistency-Token is not one that we gave.",
		    "Consistency-Token 不是本系统给出的值。");
	return true;
}

static bool judge_body(const struct http_config *c, const struct head *head,
    struct admission *out, struct refusal *why)
{
	const char *type = head_find(head, "Content-Type");
	const char *coding = head_find(head, "Content-Encoding");
	size_t limit = out->route->max_body ? out->route->max_body : c->max_body;

	if (!head->facts.has_length && out->route->needs_length)
		return refuse(why, "length-required");
	if (head->facts.length > limit)
		return refuse(why, "body-too-large");
	out->length = (size_t)head->facts.length;
	out->request->content_type = type;
	out->wants_continue = head->facts.expects_continue;
	if (!out->length)
		return true;
	if (!out->route->plan->streams && (!type || !header_is_json(type)))
		return refuse_for(why, "unsupported-media-type", "header/Content-Type", "json",
		    "application/json", "The body is not said to be JSON in UTF-8.",
		    "请求正文未声明为 UTF-8 编码的 JSON。");
	if (coding && !header_is_identity(coding))
		return refuse_for(why, "unsupported-media-type", "header/Content-Encoding",
		    "identity", "identity", "Compressed bodies are not taken.",
		    "不接受压缩的请求正文。");
	return true;
}

static enum coding_wish read_codings(const struct head *head)
{
	struct codings said = CODINGS_UNSAID;

	for (size_t i = 0; i < head->n_headers; i++)
		if (strcasecmp(head->headers[i].name, "Accept-Encoding") == 0)
			header_codings(head->headers[i].value, &said);
	return codings_wish(&said);
}

bool admit(const struct http_config *c, const struct route *routes, size_t n_routes,
    const struct head *head, const char *id, struct arena *a, struct admission *out,
    struct refusal *why)
{
	const char *sent_id = head_find(head, "X-Request-Id");
	struct request *r = arena_alloc(a, sizeof(*r));

	*out = (struct admission){ .request = r, .origin = cors_origin(c->origins, head) };
	memcpy(r->id, id, sizeof(r->id));
	r->client_id = sent_id && header_is_token(sent_id) ? sent_id : NULL;
	out->coding = read_codings(head);
	r->lang = header_lang(head_find(head, "Accept-Language"));
	r->traceparent = "";
	r->path = "";
	r->body = "";

	return find_route(routes, n_routes, head, a, out, why) &&
	       identify(c, head, a, out, why) && read_headers(head, a, out, why) &&
	       judge_body(c, head, out, why);
}
