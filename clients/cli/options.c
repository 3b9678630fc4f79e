/*
 * The options of vacancyctl: one table, and what was said for each.
 *
 * A file of the person's own comes first, then the environment, then the command
 * line (popt). A key and an officer's secret are refused on the command line,
 * because anybody on the machine can read it there.
 */
#include "clients/cli/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <confuse.h>
#include <popt.h>

const struct option options[] = {
	{ "url", 0, WORD, true, "URL", "the exchange ($VACANCYD_URL)",
	    "交换系统的地址（$VACANCYD_URL）" },
	{ "cacert", 0, WORD, true, "FILE", "whom https:// trusts ($VACANCYD_CACERT)",
	    "https:// 所信任的 CA 证书（$VACANCYD_CACERT）" },
	{ "admin", 0, WORD, true, "PATH", "the admin socket ($VACANCYD_ADMIN)",
	    "管理套接字（$VACANCYD_ADMIN）" },
	{ "key-file", 0, WORD, true, "FILE", "where the API key is ($VACANCYD_KEY)",
	    "存放密钥的文件（$VACANCYD_KEY）" },
	{ "actor-file", 0, WORD, true, "FILE",
	    "where the officer's secret is ($VACANCYD_ACTOR)",
	    "存放经办人凭证的文件（$VACANCYD_ACTOR）" },
	{ "for", 0, WORD, true, "OFFICER", "act in another's place", "代何人办理" },
	{ "lang", 0, WORD, true, "LANG", "zh or en; the locale decides",
	    "zh 或 en；默认随系统" },
	{ "json", 0, FLAG, true, NULL, "the answer as it came", "原样输出应答" },
	{ "csv", 0, FLAG, true, NULL, "as CSV with a header line", "输出为 CSV，首行为列名" },
	{ "bom", 0, FLAG, true, NULL, "with --csv: for spreadsheets",
	    "与 --csv 同用：供电子表格打开" },
	{ "xlsx", 0, FLAG, true, NULL,
	    "a list, or refused rows, as the exchange's XLSX; all rows",
	    "由系统生成 XLSX：名单或被退回的各行，包含全部行" },
	{ "out", 0, WORD, true, "FILE", "where the answer goes", "应答写入何处" },
	{ "dry-run", 0, FLAG, true, NULL, "show the request, send nothing",
	    "只显示请求，不发送" },
	{ "quiet", 0, FLAG, true, NULL, "no progress, no remarks", "不显示进度和附注" },
	{ "retries", 0, NUMBER, true, "N", "how often again, 0 to 9; 3",
	    "结果不明时重试次数，0 至 9；默认 3" },
	{ "timeout", 0, NUMBER, true, "SECONDS", "of one request; 60",
	    "每次请求的时限（秒）；默认 60" },
	{ "idempotency-key", 0, WORD, true, "KEY", "of this request", "本次请求的幂等键" },
	{ "help", 'h', FLAG, true, NULL, "what the command does and takes",
	    "说明命令及其选项" },
	{ "all", 0, FLAG, false, NULL, "every page of the list", "取全部各页" },
	{ "limit", 'k', NUMBER, false, "N", "how many, 1 to 100", "条数，1 至 100" },
	{ "cursor", 0, WORD, false, "CURSOR", "where the list goes on", "从何处继续" },
	{ "columns", 0, FLAG, false, "import",
	    "a file of whole records, in the columns that import takes: CSV, or XLSX",
	    "输出完整记录的文件（CSV 或 XLSX），各列可再导入" },
	{ "explain", 0, FLAG, false, NULL, "say why", "说明理由" },
	{ "validate", 0, FLAG, false, "only", "only check it", "只核验，不报送" },
	{ "if-match", 0, WORD, false, "VERSION", "refuse if the version is another",
	    "版本不符即拒绝" },
	{ "if-none-match", 0, WORD, false, "*", "refuse if there is one already",
	    "已有即拒绝" },
	{ "version", 0, NUMBER, false, "N", "an earlier one", "历史版本" },
	{ "as-of", 0, WORD, false, "DAY", "as known on a day", "某日的情况" },
	{ "year", 0, NUMBER, false, "YEAR", "of the plan, or of an inspection", "年度" },
	{ "unit", 0, WORD, false, "UNIT", "one reporting unit", "统计单位" },
	{ "seeker", 0, WORD, false, "SEEKER", "16 hex digits", "求职人员编号，16 位十六进制" },
	{ "vacancy", 0, WORD, false, "VACANCY", "a vacancy's number", "空岗编号" },
	{ "employer", 0, WORD, false, "EMPLOYER", "an employer's code", "用人单位代码" },
	{ "agency", 0, WORD, false, "AGENCY", "an agency's code", "职业介绍机构代码" },
	{ "kind", 0, WORD, false, "KIND", "what kind", "种类" },
	{ "workplace", 0, WORD, false, "PLACE", "12 digits", "工作地点，12 位区划代码" },
	{ "community", 0, WORD, false, "PLACE", "12 digits", "社区，12 位区划代码" },
	{ "division", 0, WORD, false, "DIVISION", "with all below it, 4 to 12 digits",
	    "区划代码及其下级，4 至 12 位" },
	{ "district", 0, WORD, false, "DISTRICT", "6 digits", "区县代码，6 位" },
	{ "quarter", 0, WORD, false, "QUARTER", "as 2007Q2", "季度，如 2007Q2" },
	{ "start-on", 0, WORD, false, "DAY", "first day of work", "上岗日期" },
	{ "on", 0, WORD, false, "DAY", "since when it is so", "发生日期" },
	{ "from", 0, WORD, false, "DAY", "first day", "起始日期" },
	{ "until", 0, WORD, false, "DAY", "last day; of a rotated key, the instant",
	    "截止日期；轮换密钥时为时刻" },
	{ "at", 0, WORD, false, "INSTANT", "as 2007-07-12T09:30:00+08:00", "时刻" },
	{ "posted-since", 0, WORD, false, "DAY", "posted on or after", "何日起发布" },
	{ "waiting-before", 0, WORD, false, "DAY", "who waits since before", "何日前已在等候" },
	{ "code", 0, WORD, false, "CODE", "why", "作废原因" },
	{ "reason", 0, WORD, false, "REASON", "a code or in words", "原因：代码或文字" },
	{ "evidence", 0, WORD, false, "TEXT", "file number", "凭证号" },
	{ "approval", 0, WORD, false, "NUMBER", "of a public-welfare post without a vacancy",
	    "公益性岗位批准文号（无空岗时）" },
	{ "note", 0, WORD, false, "TEXT", "a remark", "备注" },
	{ "source", 0, WORD, false, "TEXT", "where it is known from", "来源" },
	{ "reference", 0, WORD, false, "TEXT", "the number it has with you", "自编号" },
	{ "referral", 0, WORD, false, "REFERRAL", "the referral that it ends",
	    "由此办结的推荐" },
	{ "how", 0, WORD, false, "HOW", "how the seeker consented", "同意的方式" },
	{ "passed-over", 0, PAIRS, false, "SEEKER=REASON,...",
	    "of a bureau: who came before the seeker, and why not they",
	    "劳动保障部门用：越过了谁，及原因代码" },
	{ "passing-reason", 0, WORD, false, "REASON",
	    "of an agency: why the seeker before others", "职业介绍机构用：越过他人的原因" },
	{ "live", 0, FLAG, false, NULL, "only those under way", "只看进行中的" },
	{ "quick", 0, FLAG, false, NULL, "only those decided within seconds",
	    "只看短时决定的" },
	{ "by", 0, WORD, false, "GROUP", "rank or agency", "按 rank 或 agency 统计" },
	{ "sandbox", 0, WORD, false, "OUTCOME",
	    "what the seeker is taken to have said in a sandbox", "试用环境中本人的答复" },
	{ "signal", 0, WORD, false, "SIGNAL", "what is taken back", "撤回什么" },
	{ "decision", 0, WORD, false, "DECISION", "what is decided", "决定" },
	{ "sample", 0, FLAG, false, NULL, "only those to be looked at", "只看抽查样本" },
	{ "outcome", 0, WORD, false, "OUTCOME", "what became of it", "结果" },
	{ "ok", 0, LIST, false, "RECORD,...", "of the sample, looked at and right",
	    "样本中核对相符的序号" },
	{ "wrong", 0, PAIRS, false, "RECORD=NOTE,...",
	    "of the sample, wrong, each with what is; no commas in it",
	    "样本中不符的序号及说明（说明中不用逗号）" },
	{ "unchecked", 0, WORD, false, "REASON", "why the rest was not looked at",
	    "其余未核对的理由" },
	{ "filled-by", 0, WORD, false, "NAME", "who filled it", "由谁招满" },
	{ "staff", 0, NUMBER, false, "N", "staff at the quarter's end", "季末在岗人数" },
	{ "contact", 0, WORD, false, "NAME", "whom the bureau may ask", "联系人" },
	{ "telephone", 0, WORD, false, "NUMBER", "where", "联系电话" },
	{ "state", 0, WORD, false, "STATE", "in what state", "状态" },
	{ "rank", 0, WORD, false, "RANK", "priority", "优先级" },
	{ "occupation", 0, WORD, false, "CODE", "an occupation or a group",
	    "职业或职业类别代码" },
	{ "q", 'q', WORD, false, "TEXT", "what is looked for, in words", "要查找的文字" },
	{ "pay-min", 0, NUMBER, false, "FEN", "fen a month", "月薪下限（分）" },
	{ "form", 0, WORD, false, "FORM", "full or part time", "用工形式" },
	{ "shift", 0, WORD, false, "SHIFTS", "divided by commas", "班次，以逗号分隔" },
	{ "reserved", 0, WORD, false, "FLAG", "whether it is reserved", "是否定向保留" },
	{ "education-max", 0, WORD, false, "CODE", "posts that ask for no more",
	    "学历要求不高于此" },
	{ "sort", 0, WORD, false, "ORDER", "posted, pay or closing",
	    "排序：posted、pay、closing" },
	{ "parent", 0, WORD, false, "CODE", "codes under this one", "上级代码" },
	{ "facets", 0, FLAG, false, NULL, "with --json: count by kind",
	    "与 --json 同用：分类计数" },
	{ "unoffered", 0, FLAG, false, NULL, "to whom nothing was offered", "尚未获推荐" },
	{ "to-verify", 0, FLAG, false, NULL, "households of which a line fails",
	    "待核实的家庭" },
	{ "nil", 0, FLAG, false, NULL, "without a vacancy", "零空岗报告" },
	{ "late", 0, FLAG, false, NULL, "that came late", "逾期报送" },
	{ "role", 0, WORD, false, "ROLE", "of a key or an officer", "角色" },
	{ "org-code", 0, WORD, false, "CODE", "the organisation's code", "机构代码" },
	{ "org-name", 0, WORD, false, "NAME", "the organisation's name", "机构名称" },
	{ "organisation", 0, WORD, false, "CODE", "that the officer is of", "所属机构代码" },
	{ "name", 0, WORD, false, "NAME", "the officer's name", "经办人姓名" },
	{ "post", 0, WORD, false, "TEXT", "what an officer does", "岗位" },
	{ "lead", 0, FLAG, false, NULL, "who registers other officers", "可登记其他经办人" },
	{ "scope", 0, WORD, false, "PREFIX", "a division and all below", "管辖区划" },
	{ "employers", 0, LIST, false, "CODE,...", "others whom it files for",
	    "代为申报的其他单位" },
	{ "expires-on", 0, WORD, false, "DAY", "last day", "有效期至" },
	{ "rate", 0, NUMBER, false, "N", "requests a second", "每秒请求数" },
	{ "officer", 0, WORD, false, "OFFICER", "16 hex digits", "经办人编号" },
	{ "to", 0, WORD, false, "OFFICER", "who stands in", "受托人" },
	{ "op", 0, WORD, false, "ACTION", "as placements.create",
	    "操作，如 placements.create" },
	{ "concurrency", 'c', NUMBER, false, "N", "at a time, 1 to 64; 8",
	    "并发数，1 至 64；默认 8" },
	{ "receipts", 0, WORD, false, "FILE", "where the receipts go", "回执写入何处" },
	{ "charset", 0, WORD, false, "CHARSET",
	    "of a CSV file, to be checked: utf-8, gb18030, utf-16",
	    "CSV 文件的编码，用于核对：utf-8、gb18030 或 utf-16" },
	{ "resume", 0, FLAG, false, NULL, "say how far it came, then go on",
	    "先说明进展，再续传" },
/* One that stands above is that one. */
#include "clients/cli/register_options.inc"
};
const size_t n_options = sizeof(options) / sizeof(options[0]);

/* What has no option, because it is secret. */
enum { KEY = sizeof(options) / sizeof(options[0]), ACTOR, N_VALUES };
static char *values[N_VALUES];

static size_t position(const char *name)
{
	if (strcmp(name, "key") == 0)
		return KEY;
	if (strcmp(name, "actor") == 0)
		return ACTOR;
	for (size_t i = 0; i < n_options; i++)
		if (strcmp(options[i].name, name) == 0)
			return i;
	abort(); /* a row of the table of commands names what is not there */
}

const char *option(const char *name)
{
	return values[position(name)];
}

enum kind option_kind(const char *name)
{
	return options[position(name)].kind;
}

static void set(const char *name, const char *value)
{
	char **at = &values[position(name)];

	if (!value)
		return;
	free(*at);
	*at = strdup(value);
}

/* The file is the person's own, for it may hold her secret. */
static bool read_settings(const struct ctl *c)
{
	static const char *const names[] = { "url", "cacert", "admin", "lang", "key", "actor" };
	cfg_opt_t known[] = { CFG_STR("url", NULL, CFGF_NONE),
		CFG_STR("cacert", NULL, CFGF_NONE), CFG_STR("admin", NULL, CFGF_NONE),
		CFG_STR("lang", NULL, CFGF_NONE), CFG_STR("key", NULL, CFGF_NONE),
		CFG_STR("actor", NULL, CFGF_NONE), CFG_END() };
	const char *said = getenv("VACANCYCTL_CONF"), *home = getenv("XDG_CONFIG_HOME");
	char path[4096] = "";
	struct stat file;
	cfg_t *cfg;
	int rc;

	if (said)
		snprintf(path, sizeof(path), "%s", said);
	else if (home && *home)
		snprintf(path, sizeof(path), "%s/vacancyctl.conf", home);
	else if ((home = getenv("HOME")))
		snprintf(path, sizeof(path), "%s/.config/vacancyctl.conf", home);
	if (!*path || (!said && stat(path, &file) != 0))
		return true;
	cfg = cfg_init(known, CFGF_NONE);
	rc = cfg_parse(cfg, path);
	for (size_t i = 0; rc == CFG_SUCCESS && i < sizeof(names) / sizeof(names[0]); i++)
		set(names[i], cfg_getstr(cfg, names[i]));
	cfg_free(cfg);
	if (rc != CFG_SUCCESS) {
		if (rc == CFG_FILE_ERROR)
			problem_say(c, "%s: %s", "%s：%s", path, strerror(errno));
		return false;
	}
	if ((values[KEY] || values[ACTOR]) && stat(path, &file) == 0 && (file.st_mode & 077)) {
		problem_say(c, "%s holds a secret and others may read it: chmod 600 %s",
		    "%s 内有密钥而他人可读：请执行 chmod 600 %s", path, path);
		return false;
	}
	return true;
}

/* The first line of a file. */
static bool read_secret(const struct ctl *c, const char *name, const char *path)
{
	char line[512] = "";
	FILE *in = path ? fopen(path, "r") : NULL;

	if (path && (!in || !fgets(line, sizeof(line), in))) {
		problem_say(c, "%s: %s", "%s：%s", path, in ? "empty" : strerror(errno));
		if (in)
			fclose(in);
		return false;
	}
	if (in)
		fclose(in);
	line[strcspn(line, "\r\n")] = '\0';
	set(name, path ? line : NULL);
	return true;
}

static bool is_number(const char *s)
{
	char *end;

	errno = 0;
	(void)strtol(s, &end, 10);
	return *s && !*end && !errno;
}

static bool check_numbers(const struct ctl *c)
{
	for (size_t i = 0; i < n_options; i++)
		if (options[i].kind == NUMBER && values[i] && !is_number(values[i])) {
			problem_say(c, "--%s takes a number, not `%s`",
			    "--%s 应为数字，而不是“%s”", options[i].name, values[i]);
			return false;
		}
	return true;
}

static bool check_value(const struct ctl *c, const char *name, long least, long most)
{
	const char *said = option(name);
	long n = said ? strtol(said, NULL, 10) : least;

	if (n < least || n > most)
		problem_say(c, "--%s is %ld to %ld", "--%s 应在 %ld 至 %ld 之间", name, least,
		    most);
	return n >= least && n <= most;
}

/* What popt does not know, said so that it can be put right. */
static void say_bad(const struct ctl *c, poptContext ctx, int rc)
{
	const char *bad = poptBadOption(ctx, 0);

	if (strncmp(bad, "--key", 5) == 0 || strncmp(bad, "--actor", 7) == 0)
		problem_say(c,
		    "%.*s: on a command line anybody on this machine can read it; set $%s, "
		    "or name a file with %.*s-file",
		    "%.*s：命令行上的内容本机任何人都能看到；请设置环境变量 $%s，或用 %.*s-file 指定文件",
		    (int)strcspn(bad, "="), bad,
		    bad[2] == 'k' ? "VACANCYD_KEY" : "VACANCYD_ACTOR", (int)strcspn(bad, "="),
		    bad);
	else
		problem_say(c, "%s: %s; vacancyctl --help lists the options",
		    "%s：%s；vacancyctl --help 列出全部选项", bad, poptStrerror(rc));
}

static bool read_line(const struct ctl *c, int argc, const char **argv, const char ***words)
{
	static struct poptOption table[sizeof(options) / sizeof(options[0]) + 1];
	static poptContext ctx; /* the words live in it, as long as the process */
	int rc;

	for (size_t i = 0; i < n_options; i++)
		table[i] = (struct poptOption){ options[i].name, (char)options[i].letter,
			options[i].kind == FLAG ? POPT_ARG_NONE : POPT_ARG_STRING, NULL,
			(int)i + 1, NULL, NULL };
	ctx = poptGetContext("vacancyctl", argc, argv, table, 0);
	while ((rc = poptGetNextOpt(ctx)) > 0) {
		const struct option *o = &options[rc - 1];
		char *given = poptGetOptArg(ctx);

		set(o->name, o->kind != FLAG ? given : o->arg ? o->arg : "true");
		free(given);
	}
	if (rc < -1)
		say_bad(c, ctx, rc);
	*words = poptGetArgs(ctx);
	return rc >= -1;
}

static void learn_language(struct ctl *c)
{
	static const char *const from[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *lang = option("lang");

	for (size_t i = 0; !lang && i < sizeof(from) / sizeof(from[0]); i++) {
		lang = getenv(from[i]);
		if (lang && !*lang)
			lang = NULL;
	}
	c->zh = lang && strncmp(lang, "zh", 2) == 0;
}

bool options_read(struct ctl *c, int argc, const char **argv, int *n_words, const char ***words)
{
	static const char *const from[][2] = { { "url", "VACANCYD_URL" },
		{ "cacert", "VACANCYD_CACERT" }, { "admin", "VACANCYD_ADMIN" },
		{ "key", "VACANCYD_KEY" }, { "actor", "VACANCYD_ACTOR" } };
	int n = 0;

	learn_language(c);
	if (!read_settings(c))
		return false;
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		set(from[i][0], getenv(from[i][1]));
	if (!read_line(c, argc, argv, words))
		return false;
	learn_language(c);
	while (*words && (*words)[n])
		n++;
	*n_words = n;
	return check_numbers(c) && check_value(c, "retries", 0, 9) &&
	       check_value(c, "timeout", 1, 3600) && check_value(c, "concurrency", 1, 64) &&
	       read_secret(c, "key", option("key-file")) &&
	       read_secret(c, "actor", option("actor-file"));
}

bool options_fit(const struct ctl *c)
{
	for (size_t i = 0; i < n_options; i++)
		if (values[i] && !options[i].common &&
		    !command_takes(c->command, options[i].name)) {
			problem_say(c,
			    "`%s` does not take --%s; `vacancyctl help %s` lists what it takes",
			    "“%s”没有选项 --%s；可用选项见 vacancyctl help %s",
			    c->command->words, options[i].name, c->command->words);
			return false;
		}
	if (!!option("json") + !!option("csv") + !!option("xlsx") > 1) {
		problem_say(c, "--json, --csv or --xlsx, not both",
		    "--json、--csv 与 --xlsx 只能选一个");
		return false;
	}
	return true;
}
