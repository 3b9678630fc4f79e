/*
 * Explanations: a score and a refusal in words, in Chinese and English, from
 * the same numbers that decided.
 *
 * It decides nothing and looks nothing up.  Text is cut between characters
 * when there is no room, never inside one.
 */
#include "matcher/pair.h"

struct text {
	char *out;
	size_t n, len;
	bool zh, full;
};

static void put(struct text *t, const char *s)
{
	while (*s && !t->full) {
		size_t width = 1;

		while (((unsigned char)s[width] & 0xc0) == 0x80)
			width++;
		if (t->len + width >= t->n) {
			t->full = true;
			return;
		}
		for (; width; width--)
			t->out[t->len++] = *s++;
	}
}

static void put2(struct text *t, const char *zh, const char *en)
{
	put(t, t->zh ? zh : en);
}

static void put_number(struct text *t, uint32_t value)
{
	char digits[11];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(t, digits + at);
}

static void put_points(struct text *t, uint16_t points)
{
	put(t, " ");
	put_number(t, points);
}

static void explain_occupation(struct text *t, const struct score *s)
{
	static const char *const wish_zh[] = { "第一", "第二", "第三", "第四", "第五" };
	static const char *const wish_en[] = { "first", "second", "third", "fourth", "fifth" };
	static const char *const level_zh[] = { "细类", "小类", "中类", "大类" };
	static const char *const level_en[] = { "detailed occupation", "minor group",
		"middle group", "major group" };

	put2(t, "职业：", "occupation: ");
	if (s->occupation_level >= OCC_NONE || s->wish >= WISHES_MAX) {
		put2(t, "与各项意愿均不同大类", "in no major group of her wishes");
	} else if (t->zh) {
		put(t, "与");
		put(t, wish_zh[s->wish]);
		put(t, "意愿同一");
		put(t, level_zh[s->occupation_level]);
	} else {
		put(t, "same ");
		put(t, level_en[s->occupation_level]);
		put(t, " as her ");
		put(t, wish_en[s->wish]);
		put(t, " wish");
	}
	put_points(t, s->occupation);
}

static void explain_place(struct text *t, const struct score *s)
{
	static const char *const zh[] = { "同一社区", "同一街道", "同一区县", "相邻区县",
		"同一城市", "不在同一城市" };
	static const char *const en[] = { "same community", "same street",
		"same district or county", "adjacent district or county", "same city",
		"another city" };

	put2(t, "；地点：", "; place: ");
	put2(t, zh[s->area_level], en[s->area_level]);
	put_points(t, s->area);
}

static void explain_skills(struct text *t, const struct score *s, const struct vacancy *v)
{
	put2(t, "；技能：", "; skills: ");
	if (!v->n_required && !v->n_wished)
		put2(t, "岗位未作要求", "the post names none");
	if (v->n_required) {
		put2(t, "要求", "");
		put_number(t, t->zh ? v->n_required : s->required_met);
		put2(t, "项，具备", " of ");
		put_number(t, t->zh ? s->required_met : v->n_required);
		put2(t, "项", " required");
	}
	if (v->n_required && v->n_wished)
		put2(t, "，", " and ");
	if (v->n_wished) {
		put2(t, "希望", "");
		put_number(t, t->zh ? v->n_wished : s->wished_met);
		put2(t, "项，具备", " of ");
		put_number(t, t->zh ? s->wished_met : v->n_wished);
		put2(t, "项", " wished");
	}
	put_points(t, s->skills);
}

static void explain_pay(struct text *t, const struct score *s, const struct seeker *who,
    const struct vacancy *v)
{
	put2(t, "；工资：", "; pay: ");
	if (who->pay_wish == 0) {
		put2(t, "未提出期望", "no wish stated");
	} else if (v->pay_max >= who->pay_wish) {
		put2(t, "达到期望", "meets her wish");
	} else if (v->pay_max == 0) {
		put2(t, "岗位未写明", "the post states none");
	} else {
		put2(t, "为期望的", "");
		put_number(t, (uint32_t)((uint64_t)v->pay_max * 100 / who->pay_wish));
		put2(t, "%", " % of her wish");
	}
	put_points(t, s->pay);
}

static void explain_experience(struct text *t, const struct score *s, const struct seeker *who,
    const struct vacancy *v)
{
	put2(t, "；经验：", "; experience: ");
	if (v->experience_months == 0) {
		put2(t, "不要求", "none required");
	} else {
		put2(t, "要求", "");
		put_number(t, t->zh ? v->experience_months : relevant_months(who, v));
		put2(t, "个月，已有", " of ");
		put_number(t, t->zh ? relevant_months(who, v) : v->experience_months);
		put2(t, "个月", " months required");
	}
	put_points(t, s->experience);
}

static void explain_freshness(struct text *t, const struct score *s)
{
	put2(t, "；发布：", "; posted: ");
	if (s->age_days == 0) {
		put2(t, "今天", "today");
	} else {
		put_number(t, s->age_days);
		put2(t, "天前", s->age_days == 1 ? " day ago" : " days ago");
	}
	put_points(t, s->freshness);
}

void explain_score(const struct score *s, const struct seeker *who, const struct vacancy *post,
    bool zh, char *out, size_t n)
{
	struct text t = { .out = out, .n = n, .zh = zh };

	if (n == 0)
		return;
	explain_occupation(&t, s);
	explain_place(&t, s);
	explain_skills(&t, s, post);
	explain_pay(&t, s, who, post);
	explain_experience(&t, s, who, post);
	explain_freshness(&t, s);
	out[t.len] = '\0';
}

void explain_rule(enum rule r, bool zh, char *out, size_t n)
{
	static const char *const texts[RULES][2] = {
		[RULE_NONE] = { "符合全部条件", "every condition is met" },
		[RULE_CLOSED] = { "岗位已关闭、已招满或已过有效期",
		    "the vacancy is closed, filled or past its last day" },
		[RULE_INACTIVE] = { "求职登记已撤销，或已安置就业",
		    "the seeker has withdrawn or has been placed" },
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
	struct text t = { .out = out, .n = n, .zh = zh };

	if (n == 0)
		return;
	if (r < RULES)
		put2(&t, texts[r][0], texts[r][1]);
	out[t.len] = '\0';
}
