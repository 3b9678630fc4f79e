/*
 * Explanations: a score and a refusal in words, in Chinese and English, from
 * the same numbers that decided.
 *
 * It decides nothing and looks nothing up.  A phrase is copied with its whole
 * array, so that the copy has a fixed length, and the text goes on after what
 * the phrase really holds; hence the room that explain_write asks for.
 */
#include "matcher/pair.h"

#include <string.h>

/* English first, as in [zh]. */
struct phrase {
	uint8_t n;
	char text[47];
};
#define PHRASE(text)                                                                           \
	{                                                                                      \
		sizeof(text) - 1, text                                                         \
	}
#define BOTH(english, chinese)                                                                 \
	{                                                                                      \
		PHRASE(english), PHRASE(chinese)                                               \
	}

static char *put(char *to, const struct phrase *p)
{
	memcpy(to, p->text, sizeof(p->text));
	return to + p->n;
}

static char *put_number(char *to, uint32_t value)
{
	char digits[10];
	size_t at = sizeof(digits);

	if (value < 10) {
		*to = (char)('0' + value);
		return to + 1;
	}
	if (value < 1000) {
		to[0] = (char)('0' + value / 100);
		to += value >= 100;
		to[0] = (char)('0' + value / 10 % 10);
		to[1] = (char)('0' + value % 10);
		return to + 2;
	}
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	memcpy(to, digits + at, sizeof(digits) - at);
	return to + sizeof(digits) - at;
}

/* "2 of 3", or in Chinese the wanted first. */
static char *put_met(char *to, bool zh, uint32_t met, uint32_t wanted,
    const struct phrase *between)
{
	to = put_number(to, zh ? wanted : met);
	to = put(to, between);
	return put_number(to, zh ? met : wanted);
}

static char *put_occupation(char *to, const struct score *s, bool zh)
{
	static const struct phrase level[][2] = {
		BOTH("occupation: same detailed occupation as their ", "职业：与"),
		BOTH("occupation: same minor group as their ", "职业：与"),
		BOTH("occupation: same middle group as their ", "职业：与"),
		BOTH("occupation: same major group as their ", "职业：与"),
	};
	static const struct phrase wish[][2] = {
		BOTH("first wish ", "第一意愿同一"),
		BOTH("second wish ", "第二意愿同一"),
		BOTH("third wish ", "第三意愿同一"),
		BOTH("fourth wish ", "第四意愿同一"),
		BOTH("fifth wish ", "第五意愿同一"),
	};
	static const struct phrase level_zh[] = { PHRASE("细类 "), PHRASE("小类 "),
		PHRASE("中类 "), PHRASE("大类 ") };
	static const struct phrase none[] =
	    BOTH("occupation: in no major group of their wishes ",
		"职业：与各项意愿均不同大类 ");

	if (s->occupation_level >= OCC_NONE || s->wish >= WISHES_MAX) {
		to = put(to, &none[zh]);
	} else {
		to = put(to, &level[s->occupation_level][zh]);
		to = put(to, &wish[s->wish][zh]);
		if (zh)
			to = put(to, &level_zh[s->occupation_level]);
	}
	return put_number(to, s->occupation);
}

static char *put_place(char *to, const struct score *s, bool zh)
{
	static const struct phrase level[][2] = {
		BOTH("; place: same community ", "；地点：同一社区 "),
		BOTH("; place: same street ", "；地点：同一街道 "),
		BOTH("; place: same district or county ", "；地点：同一区县 "),
		BOTH("; place: adjacent district or county ", "；地点：相邻区县 "),
		BOTH("; place: same city ", "；地点：同一城市 "),
		BOTH("; place: another city ", "；地点：不在同一城市 "),
	};

	to = put(to, &level[s->area_level][zh]);
	return put_number(to, s->area);
}

static char *put_skills(char *to, const struct score *s, const struct vacancy *v, bool zh)
{
	static const struct phrase none[] =
	    BOTH("; skills: the post names none ", "；技能：岗位未作要求 ");
	static const struct phrase required[] = BOTH("; skills: ", "；技能：要求");
	static const struct phrase only_wished[] = BOTH("; skills: ", "；技能：希望");
	static const struct phrase and_wished[] = BOTH(" required and ", "项，希望");
	static const struct phrase of[] = BOTH(" of ", "项，具备");
	static const struct phrase end_required[] = BOTH(" required ", "项 ");
	static const struct phrase end_wished[] = BOTH(" wished ", "项 ");

	if (!v->n_required && !v->n_wished)
		return put_number(put(to, &none[zh]), s->skills);
	if (v->n_required) {
		to = put(to, &required[zh]);
		to = put_met(to, zh, s->required_met, v->n_required, &of[zh]);
	}
	if (v->n_wished) {
		to = put(to, v->n_required ? &and_wished[zh] : &only_wished[zh]);
		to = put_met(to, zh, s->wished_met, v->n_wished, &of[zh]);
	}
	to = put(to, v->n_wished ? &end_wished[zh] : &end_required[zh]);
	return put_number(to, s->skills);
}

static char *put_pay(char *to, const struct score *s, const struct seeker *who,
    const struct vacancy *v, bool zh)
{
	static const struct phrase no_wish[] =
	    BOTH("; pay: no wish stated ", "；工资：未提出期望 ");
	static const struct phrase meets[] =
	    BOTH("; pay: meets their wish ", "；工资：达到期望 ");
	static const struct phrase piece[] =
	    BOTH("; pay: not comparable, half ", "；工资：无法比较，计一半 ");
	static const struct phrase part[] = BOTH("; pay: ", "；工资：为期望的");
	static const struct phrase percent[] = BOTH(" % of their wish ", "% ");

	if (who->pay_wish == 0) {
		to = put(to, &no_wish[zh]);
	} else if (v->pay_max >= who->pay_wish) {
		to = put(to, &meets[zh]);
	} else if (v->pay_max == 0) {
		to = put(to, &piece[zh]);
	} else {
		to = put(to, &part[zh]);
		to = put_number(to, (uint32_t)((uint64_t)v->pay_max * 100 / who->pay_wish));
		to = put(to, &percent[zh]);
	}
	return put_number(to, s->pay);
}

static char *put_experience(char *to, const struct score *s, const struct vacancy *v, bool zh)
{
	static const struct phrase none[] =
	    BOTH("; experience: none required ", "；经验：不要求 ");
	static const struct phrase begin[] = BOTH("; experience: ", "；经验：要求");
	static const struct phrase of[] = BOTH(" of ", "个月，已有");
	static const struct phrase end[] = BOTH(" months required ", "个月 ");

	if (v->experience_months == 0)
		return put_number(put(to, &none[zh]), s->experience);
	to = put(to, &begin[zh]);
	to = put_met(to, zh, s->months, v->experience_months, &of[zh]);
	to = put(to, &end[zh]);
	return put_number(to, s->experience);
}

static char *put_freshness(char *to, const struct score *s, bool zh)
{
	static const struct phrase today[] = BOTH("; posted: today ", "；发布：今天 ");
	static const struct phrase begin[] = BOTH("; posted: ", "；发布：");
	static const struct phrase day[] = BOTH(" day ago ", "天前 ");
	static const struct phrase days[] = BOTH(" days ago ", "天前 ");

	if (s->age_days == 0)
		return put_number(put(to, &today[zh]), s->freshness);
	to = put(to, &begin[zh]);
	to = put_number(to, s->age_days);
	to = put(to, s->age_days == 1 ? &day[zh] : &days[zh]);
	return put_number(to, s->freshness);
}

static char *put_word(char *to, const struct skill_words *words, uint8_t id, bool zh)
{
	const char *word = words->of[id][zh];

	if (!word)
		return put_number(to, id);
	for (size_t i = 0; word[i] && i < SKILL_WORD_MAX; i++)
		*to++ = word[i];
	return to;
}

static char *put_missing_skills(char *to, const struct seeker *who, const struct vacancy *v,
    const struct skill_words *words, bool zh)
{
	static const struct phrase begin[] =
	    BOTH("required skills are missing (", "缺少要求的技能（");
	static const struct phrase between[] = BOTH(", ", "、");
	static const struct phrase end[] = BOTH(")", "）");
	bool is_first = true;

	to = put(to, &begin[zh]);
	for (uint8_t i = 0; i < v->n_required; i++) {
		if (has_id(who->skills, who->n_skills, v->required[i]))
			continue;
		to = is_first ? to : put(to, &between[zh]);
		to = put_word(to, words, v->required[i], zh);
		is_first = false;
	}
	return put(to, &end[zh]);
}

/* rules/fit: each of its conditions that is not met. */
static char *put_unfit(char *to, const struct score *s, const struct seeker *who,
    const struct vacancy *v, const struct skill_words *words, bool zh)
{
	static const struct phrase begin[] =
	    BOTH("; does not fit because ", "；不合格，原因：");
	static const struct phrase occupation[] =
	    BOTH("no wish is in its minor group", "各项意愿与岗位均不同小类");
	static const struct phrase and[] = BOTH(", ", "，");
	static const struct phrase months[] =
	    BOTH("months of experience are missing (", "经验尚缺（");
	static const struct phrase end[] = BOTH(")", "个月）");
	bool lacks_skills = s->required_met < v->n_required;

	to = put(to, &begin[zh]);
	if (s->occupation_level > OCC_MINOR)
		to = put(to, &occupation[zh]);
	if (lacks_skills) {
		to = s->occupation_level > OCC_MINOR ? put(to, &and[zh]) : to;
		to = put_missing_skills(to, who, v, words, zh);
	}
	if (s->months < v->experience_months) {
		to = lacks_skills || s->occupation_level > OCC_MINOR ? put(to, &and[zh]) : to;
		to = put(to, &months[zh]);
		to = put_number(to, v->experience_months - s->months);
		to = put(to, &end[zh]);
	}
	return to;
}

char *explain_write(const struct score *s, const struct seeker *who, const struct vacancy *post,
    const struct skill_words *words, bool zh, char out[static EXPLAIN_MAX])
{
	out = put_occupation(out, s, zh);
	out = put_place(out, s, zh);
	out = put_skills(out, s, post, zh);
	out = put_pay(out, s, who, post, zh);
	out = put_experience(out, s, post, zh);
	out = put_freshness(out, s, zh);
	return s->fit ? out : put_unfit(out, s, who, post, words, zh);
}

/* As much of a text as there is room for, cut between characters. */
static void cut(char *out, size_t n, const char *text, size_t len)
{
	if (n == 0)
		return;
	if (len >= n)
		for (len = n - 1; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
			len--;
	memcpy(out, text, len);
	out[len] = '\0';
}

void explain_score(const struct score *s, const struct seeker *who, const struct vacancy *post,
    const struct skill_words *words, bool zh, char *out, size_t n)
{
	char text[EXPLAIN_MAX];
	const char *end = explain_write(s, who, post, words, zh, text);

	cut(out, n, text, (size_t)(end - text));
}

void explain_rule(enum rule r, bool zh, char *out, size_t n)
{
	static const char *const texts[RULES][2] = {
		[RULE_NONE] = { "符合全部条件", "every condition is met" },
		[RULE_CLOSED] = { "岗位已关闭、已招满或已过有效期",
		    "the vacancy is closed, filled or past its last day" },
		[RULE_INACTIVE] = { "求职登记已撤销、已安置就业，或已有三项有效推荐",
		    "the seeker has withdrawn, has been placed, or has three live referrals" },
		[RULE_CITY] = { "岗位在另一城市", "the post is in another city" },
		[RULE_UNDER_16] = { "未满16周岁，不得招用",
		    "under 16 years of age: may not be employed" },
		[RULE_OCCUPATION] = { "岗位职业不在任何一项求职意愿的同类职业之内",
		    "the occupation is in no group of the seeker's wishes" },
		[RULE_EDUCATION] = { "学历低于岗位写明的最低要求",
		    "education below the stated minimum" },
		[RULE_LICENCE] = { "缺少法律规定该岗位必须持有的证书",
		    "a licence that the law demands for this post is missing" },
		[RULE_SKILL_FLOOR] = { "未具备岗位要求的全部技能",
		    "not every required skill is there" },
		[RULE_SHIFT] = { "岗位班次不在求职者可接受的班次之内",
		    "the shift is not one the seeker would work" },
		[RULE_FORM] = { "用工形式（全日制或非全日制）与求职者意愿不符",
		    "full-time or part-time is not as the seeker wishes" },
		[RULE_DISTANCE] = { "工作地点超出求职者愿意前往的范围",
		    "farther than the seeker would travel" },
		[RULE_RESERVED] = { "公益性岗位，目前只安置就业困难人员",
		    "a public-welfare post, for now reserved for hard-to-employ persons" },
	};
	const char *text = r < RULES ? texts[r][!zh] : "";

	cut(out, n, text, strlen(text));
}
