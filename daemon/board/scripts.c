/*
 * Owns the Lua that runs in Redis, and the nonce.
 *
 * It refuses to know where changes come from.  Writes are absolute (an AOF torn
 * inside a script applies HINCRBY twice) and ordered so that a torn script is
 * repeated without harm: a cell before the version that guards it, the position
 * last.  Scripts are sent whole each time.  Redis finds a script by hashing its
 * text, 10 microseconds for these; in return there is no NOSCRIPT.
 */
#include "daemon/board/scripts.h"

#include "daemon/base/arena.h"
#include "daemon/base/oom.h"
#include "daemon/board/redis.h"
#include "daemon/board/redis_keys.h"
#include "daemon/log/log.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Every script answers { nonce, word, generation, xid, id, seq }, numbers as text. */
static const char position_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local g = redis.call('GET', KEYS[1])\n"
    "local pos = g and redis.call('GET', root .. 'g' .. g .. ':pos')\n"
    "if not pos then return { ARGV[1], 'ok', '0', '0', '0', '0' } end\n"
    "local xid, id, seq = string.match(pos, '^(%d+) (%d+) (%d+)$')\n"
    "return { ARGV[1], 'ok', g, xid, id, seq }\n";

/*
 * ARGV: nonce, generation, expected, new, stream length, seconds, then eight a
 * change: kind (v open, x tombstone, s), id, version, bucket (of where, or of
 * seekers), bucket of gone, cell, first of its transaction, value.
 *
 * The stream's numbers are no times, so every ten seconds or so the number that
 * was reached is noted (at), and what is older than `seconds` goes by its note.
 */
static const char apply_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local g, expected, new, length, seconds = ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])\n"
    "local k = root .. 'g' .. g .. ':'\n"
    "local current = redis.call('GET', KEYS[1]) or '0'\n"
    "local conflict = { ARGV[1], 'conflict', '0', '0', '0', '0' }\n"
    "local pos = redis.call('GET', k .. 'pos')\n"
    "if not pos then return conflict end\n"
    "if g ~= current and redis.call('HGET', root .. 'gens', g) ~= current then return conflict end\n"
    "local at, seq = string.match(pos, '^(%d+ %d+) (%d+)$')\n"
    "if at ~= expected then return conflict end\n"
    "seq = tonumber(seq)\n"
    /* A torn AOF can keep an entry and lose the position: go on after it. */
    "local last = redis.call('XREVRANGE', k .. 'stream', '+', '-', 'COUNT', 1)\n"
    "if last[1] then seq = math.max(seq, tonumber(string.match(last[1][1], '^%d+'))) end\n"
    "local entry = {}\n"
    "local function flush()\n"
    "  if #entry > 0 then\n"
    "    seq = seq + 1\n"
    "    redis.call('XADD', k .. 'stream', 'MAXLEN', '~', length,\n"
    "      string.format('%.0f-0', seq), unpack(entry))\n"
    "  end\n"
    "  entry = {}\n"
    "end\n"
    /* A cell before the version that guards it: a torn script is repeated without harm. */
    "local function vacancy(id, version, bucket, tomb, cell, value)\n"
    "  local where, gone = k .. 'where:' .. bucket, k .. 'gone:' .. tomb\n"
    "  local old = redis.call('HGET', where, id)\n"
    "  local ended = not old and redis.call('HGET', gone, id)\n"
    "  local oldversion, oldcell = string.match(old or ended or '0', '^(%d+) ?(.*)$')\n"
    "  if (old or ended) and tonumber(version) <= tonumber(oldversion) then return false end\n"
    "  if cell ~= '' then\n"
    "    redis.call('SADD', k .. 'cells', cell)\n"
    "    redis.call('HSET', k .. 'v:' .. cell, id, value)\n"
    "  end\n"
    "  if oldcell ~= '' and oldcell ~= cell then\n"
    "    redis.call('HDEL', k .. 'v:' .. oldcell, id)\n"
    "    if redis.call('EXISTS', k .. 'v:' .. oldcell) == 0 then\n"
    "      redis.call('SREM', k .. 'cells', oldcell)\n"
    "    end\n"
    "  end\n"
    "  if cell == '' then\n"
    "    redis.call('HSET', gone, id, version)\n"
    "    redis.call('HDEL', where, id)\n"
    "  else\n"
    "    if ended then redis.call('HDEL', gone, id) end\n"
    "    redis.call('HSET', where, id, version .. ' ' .. cell)\n"
    "  end\n"
    "  return true\n"
    "end\n"
    /* The version stands in the record, behind two bytes of length and ten of head. */
    "local function seeker(id, version, bucket, value)\n"
    "  local old = redis.call('HGET', k .. 's:' .. bucket, id)\n"
    "  if old and tonumber(version) <= struct.unpack('>i8', old, 13) then return false end\n"
    "  redis.call('HSET', k .. 's:' .. bucket, id, value)\n"
    "  return true\n"
    "end\n"
    "for i = 7, #ARGV, 8 do\n"
    "  local kind, id, version, bucket, tomb, cell, first, value = unpack(ARGV, i, i + 7)\n"
    "  if first == '1' then flush() end\n"
    "  local done\n"
    "  if kind == 's' then done = seeker(id, version, bucket, value)\n"
    "  else done = vacancy(id, version, bucket, tomb, cell, value) end\n"
    "  if done then\n"
    "    entry[#entry + 1] = (kind == 's' and 's:' or 'v:') .. id .. ':' .. version\n"
    "    entry[#entry + 1] = value\n"
    "  end\n"
    "end\n"
    "flush()\n"
    "seq = string.format('%.0f', seq)\n"
    "local now = tonumber(redis.call('TIME')[1])\n"
    "local note = redis.call('LINDEX', k .. 'at', -1)\n"
    "if not note or now >= tonumber(string.match(note, '^%d+')) + 10 then\n"
    "  redis.call('RPUSH', k .. 'at', now .. ' ' .. seq)\n"
    "  local over\n"
    "  note = redis.call('LINDEX', k .. 'at', 1)\n"
    "  while note and tonumber(string.match(note, '^%d+')) + seconds <= now do\n"
    "    redis.call('LPOP', k .. 'at')\n"
    "    over = string.match(note, '%d+$')\n"
    "    note = redis.call('LINDEX', k .. 'at', 1)\n"
    "  end\n"
    "  if over then redis.call('XTRIM', k .. 'stream', 'MINID', '~', over .. '-0') end\n"
    "end\n"
    "redis.call('SET', k .. 'pos', new .. ' ' .. seq)\n"
    "local xid, id = string.match(new, '^(%d+) (%d+)$')\n"
    "return { ARGV[1], 'ok', g, xid, id, seq }\n";

/* A generation is a time, so that none comes twice even when Redis forgot all of them. */
static const char begin_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local current = redis.call('GET', KEYS[1]) or '0'\n"
    "local gens = redis.call('HGETALL', root .. 'gens')\n"
    "for i = 1, #gens, 2 do\n"
    "  if gens[i + 1] == 'late' then redis.call('HSET', root .. 'gens', gens[i], 'old') end\n"
    "end\n"
    "local t = redis.call('TIME')\n"
    "local n = math.max(tonumber(current) + 1, tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000))\n"
    "local g = string.format('%.0f', n)\n"
    "while redis.call('HEXISTS', root .. 'gens', g) == 1 do\n"
    "  n = n + 1\n"
    "  g = string.format('%.0f', n)\n"
    "end\n"
    "redis.call('HSET', root .. 'gens', g, current)\n"
    "redis.call('SET', root .. 'g' .. g .. ':pos', ARGV[2] .. ' ' .. ARGV[3] .. ' 0')\n"
    "return { ARGV[1], 'ok', g, ARGV[2], ARGV[3], '0' }\n";

static const char pending_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local g = ARGV[2]\n"
    "local current = redis.call('GET', KEYS[1]) or '0'\n"
    "local pos = redis.call('GET', root .. 'g' .. g .. ':pos')\n"
    "if not pos or redis.call('HGET', root .. 'gens', g) ~= current then\n"
    "  return { ARGV[1], 'conflict', '0', '0', '0', '0' }\n"
    "end\n"
    "local xid, id, seq = string.match(pos, '^(%d+) (%d+) (%d+)$')\n"
    "return { ARGV[1], 'ok', g, xid, id, seq }\n";

static const char switch_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local g = ARGV[2]\n"
    "local current = redis.call('GET', KEYS[1]) or '0'\n"
    "local pos = redis.call('GET', root .. 'g' .. g .. ':pos')\n"
    "if not pos or redis.call('HGET', root .. 'gens', g) ~= current then\n"
    "  return { ARGV[1], 'conflict', '0', '0', '0', '0' }\n"
    "end\n"
    "if current ~= '0' then redis.call('HSET', root .. 'gens', current, 'old') end\n"
    "redis.call('HDEL', root .. 'gens', g)\n"
    "redis.call('SET', KEYS[1], g)\n"
    "local xid, id, seq = string.match(pos, '^(%d+) (%d+) (%d+)$')\n"
    "return { ARGV[1], 'ok', g, xid, id, seq }\n";

/*
 * One slice of one generation that will never be read: old, or begun from one
 * that is.  Somebody may be filling the latter still, with commands that do not
 * ask; so its number is kept ('late') until he sweeps it himself, or until the
 * next rebuild has begun ('old' again).
 */
static const char sweep_lua[] =
    "local root = string.sub(KEYS[1], 1, -4)\n"
    "local current = redis.call('GET', KEYS[1]) or '0'\n"
    "local gens = redis.call('HGETALL', root .. 'gens')\n"
    "for i = 1, #gens, 2 do\n"
    "  local g, from, own = gens[i], gens[i + 1], gens[i] == ARGV[2]\n"
    "  if own or (from ~= current and from ~= 'late') then\n"
    "    local k = root .. 'g' .. g .. ':'\n"
    "    redis.call('UNLINK', k .. 'pos')\n"
    "    local cells = redis.call('SPOP', k .. 'cells', 500)\n"
    "    for _, cell in ipairs(cells) do redis.call('UNLINK', k .. 'v:' .. cell) end\n"
    "    local part = #cells == 0 and tonumber(redis.call('HGET', root .. 'swept', g) or '0')\n"
    "    if part and part < 32 then\n"
    "      for n = part * 2048, part * 2048 + 2047 do redis.call('UNLINK', k .. 'where:' .. n) end\n"
    "      redis.call('HSET', root .. 'swept', g, part + 1)\n"
    "    elseif part then\n"
    "      for n = 0, 63 do redis.call('UNLINK', k .. string.format('gone:%02d', n)) end\n"
    "      for n = 0, 255 do redis.call('UNLINK', k .. string.format('s:%03d', n)) end\n"
    "      redis.call('UNLINK', k .. 'stream', k .. 'at')\n"
    "      redis.call('HDEL', root .. 'swept', g)\n"
    "      if own or from == 'old' then redis.call('HDEL', root .. 'gens', g)\n"
    "      else redis.call('HSET', root .. 'gens', g, 'late') end\n"
    "    end\n"
    "    return { ARGV[1], 'more', '0', '0', '0', '0' }\n"
    "  end\n"
    "end\n"
    "return { ARGV[1], 'ok', '0', '0', '0', '0' }\n";

static const struct {
	const char *text;
	size_t len;
} scripts[SCRIPTS] = {
	[SCRIPT_POSITION] = { position_lua, sizeof(position_lua) - 1 },
	[SCRIPT_APPLY] = { apply_lua, sizeof(apply_lua) - 1 },
	[SCRIPT_BEGIN] = { begin_lua, sizeof(begin_lua) - 1 },
	[SCRIPT_PENDING] = { pending_lua, sizeof(pending_lua) - 1 },
	[SCRIPT_SWITCH] = { switch_lua, sizeof(switch_lua) - 1 },
	[SCRIPT_SWEEP] = { sweep_lua, sizeof(sweep_lua) - 1 },
};

enum { HEAD_ARGS = 5 }; /* EVAL, text, 1, key, nonce */

struct script_call {
	script_done *fn;
	void *arg;
	char nonce[20];
};

struct script_args script_args_new(void)
{
	struct script_args a = { .arena = arena_new(), .n = HEAD_ARGS, .cap = 64 };

	a.v = must_alloc(a.cap * sizeof(*a.v));
	a.len = must_alloc(a.cap * sizeof(*a.len));
	return a;
}

static void script_args_free(struct script_args *a)
{
	arena_free(a->arena);
	free(a->v);
	free(a->len);
}

void script_arg(struct script_args *a, const void *p, size_t n)
{
	if (a->n == a->cap) {
		a->cap *= 2;
		a->v = must_realloc(a->v, a->cap * sizeof(*a->v));
		a->len = must_realloc(a->len, a->cap * sizeof(*a->len));
	}
	a->v[a->n] = arena_memdup(a->arena, p, n);
	a->len[a->n] = n;
	a->n++;
}

void script_arg_text(struct script_args *a, const char *s)
{
	script_arg(a, s, strlen(s));
}

void script_arg_number(struct script_args *a, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	script_arg_text(a, text);
}

void script_arg_place(struct script_args *a, uint64_t xid, uint64_t id)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, xid, id);
	script_arg_text(a, text);
}

/* Unlike any other process's, and never the same twice in this one. */
static void next_nonce(char out[static 20])
{
	static uint64_t last;

	while (last == 0) {
		if (getrandom(&last, sizeof(last), 0) != (ssize_t)sizeof(last))
			last = 0;
	}
	last++;
	(void)snprintf(out, 20, "%016" PRIx64, last);
}

static bool element_is_text(const redisReply *r, size_t i)
{
	return r->element[i]->type == REDIS_REPLY_STRING;
}

static enum status read_reply(const redisReply *r, const char *nonce, enum script_word *word,
    struct board_position *at)
{
	bool good = r->type == REDIS_REPLY_ARRAY && r->elements == 6;

	for (size_t i = 0; good && i < 6; i++)
		good = element_is_text(r, i);
	if (!good || strcmp(r->element[0]->str, nonce) != 0) {
		log_event(LOG_LEVEL_ERROR, "board.crossed_reply", "why",
		    "a script's reply does not carry its nonce", NULL);
		abort();
	}
	if (!keys_read_number(r->element[2]->str, &at->generation) ||
	    !keys_read_number(r->element[3]->str, &at->xid) ||
	    !keys_read_number(r->element[4]->str, &at->id) ||
	    !keys_read_number(r->element[5]->str, &at->seq))
		return E_INTERNAL;
	*word = SAID_OK;
	if (strcmp(r->element[1]->str, "conflict") == 0)
		*word = SAID_CONFLICT;
	else if (strcmp(r->element[1]->str, "more") == 0)
		*word = SAID_MORE;
	return OK;
}

static void on_reply(void *arg, enum status st, const redisReply *r)
{
	struct script_call *call = arg;
	struct script_call was = *call;
	struct board_position at = { 0 };
	enum script_word word = SAID_OK;

	free(call);
	if (st == OK)
		st = read_reply(r, was.nonce, &word, &at);
	was.fn(was.arg, st, word, st == OK ? &at : NULL);
}

void script_run(struct redis *c, unsigned blocks_ms, enum script s, int city,
    struct script_args *args, script_done *fn, void *arg)
{
	struct script_call *call = must_alloc(sizeof(*call));
	struct redis_key key = keys_current(city);
	const char *head[HEAD_ARGS] = { "EVAL", scripts[s].text, "1", key.text, call->nonce };
	size_t head_len[HEAD_ARGS];

	call->fn = fn;
	call->arg = arg;
	next_nonce(call->nonce);
	for (size_t i = 0; i < HEAD_ARGS; i++)
		head_len[i] = strlen(head[i]);
	if (!args) {
		redis_call(c, blocks_ms, HEAD_ARGS, head, head_len, on_reply, call);
		return;
	}
	memcpy(args->v, head, sizeof(head));
	memcpy(args->len, head_len, sizeof(head_len));
	redis_call(c, blocks_ms, args->n, args->v, args->len, on_reply, call);
	script_args_free(args);
}
