/*
 * The tables of vacancyctl's answers: which members stand side by side, under
 * which header, and what may be cut on a narrow terminal.
 *
 * Included by commands.c alone; a member that an answer does not have is "-".
 */
#ifndef CLIENTS_CLI_COLUMNS_H
#define CLIENTS_CLI_COLUMNS_H

#include "clients/cli/ctl.h"

static const struct column vacancies[] = {
	{ "VACANCY", "空岗", "vacancy", RIGHT },
	{ "TITLE", "岗位", "title", CUT },
	{ "OCCUPATION", "职业", "occupation", CUT | WIDE },
	{ "EMPLOYER", "用人单位", "employer_name", CUT },
	{ "PLACE", "地点", "place", CUT },
	{ "PAY", "工资", "pay" },
	{ "POSTS", "人数", "open_posts", RIGHT },
	{ "POSTED", "发布日期", "posted_on", WIDE },
	{ "UNTIL", "有效期至", "valid_until", WIDE },
};
static const struct column returns[] = {
	{ "EMPLOYER", "单位代码", "employer" },
	{ "NAME", "单位名称", "employer_name", CUT },
	{ "DISTRICT", "区县", "district" },
	{ "QUARTER", "季度", "quarter" },
	{ "VERSION", "版本", "version", RIGHT },
	{ "STATE", "状态", "state" },
	{ "NIL", "零报告", "nil", WIDE },
	{ "LINES", "行数", "lines", RIGHT },
	{ "RECEIVED", "收到时间", "received_at", WIDE },
};
static const struct column versions[] = {
	{ "VERSION", "版本", "version", RIGHT },
	{ "RECEIVED", "收到时间", "received_at" },
	{ "LATE", "逾期", "late" },
	{ "BY", "报送机构", "organisation" },
	{ "OFFICER", "经办人", "actor" },
	{ "ADDED", "新增", "added", CUT },
	{ "CHANGED", "变更", "changed", CUT },
	{ "CLOSED", "关闭", "closed", CUT },
};
static const struct column owed[] = {
	{ "EMPLOYER", "单位代码", "employer" },
	{ "NAME", "单位名称", "employer_name", CUT },
	{ "DISTRICT", "区县", "district" },
	{ "STATE", "状态", "state" },
	{ "NIL", "零报告", "nil", WIDE },
	{ "RECEIVED", "收到日期", "received_on", WIDE },
	{ "DAYS LATE", "逾期天数", "days_late", RIGHT },
	{ "CONTACT", "联系人", "contact" },
	{ "TELEPHONE", "电话", "telephone" },
};
static const struct column code_lists[] = {
	{ "LIST", "代码表", "list" },
	{ "CODES", "条数", "count", RIGHT },
};
static const struct column codes[] = {
	{ "CODE", "代码", "code" },
	{ "ZH", "中文", "zh", WRAP },
	{ "EN", "英文", "en", WRAP },
	{ "UNDER", "上级", "parent" },
	{ "MEANING", "含义", "definition.en", WRAP },
	{ "ALSO", "又称", "spellings", WRAP },
};
static const struct column vacancy_matches[] = {
	{ "#", "序", "position", RIGHT },
	{ "VACANCY", "空岗", "vacancy", RIGHT },
	{ "SCORE", "匹配度", "score", RIGHT },
	{ "TITLE", "岗位", "title", CUT },
	{ "EMPLOYER", "用人单位", "employer", CUT },
	{ "PAY", "工资", "pay" },
	{ "PLACE", "地点", "place", CUT },
	{ "WHY", "理由", "explanation.en", WRAP | WHY },
};
static const struct column seeker_matches[] = {
	{ "#", "序", "position", RIGHT },
	{ "SEEKER", "求职人员", "seeker" },
	{ "RANK", "级别", "rank" },
	{ "PRIORITY", "优先", "priority" },
	{ "FIT", "适合", "fit" },
	{ "SCORE", "匹配度", "score", RIGHT },
	{ "DISTRICT", "区县", "district" },
	{ "WHY", "理由", "explanation.en", WRAP | WHY },
};
static const struct column city_progress[] = {
	{ "TARGET", "指标", "target" },
	{ "UNIT", "统计单位", "unit" },
	{ "VALUE", "目标", "value", RIGHT },
	{ "ACHIEVED", "完成", "achieved", RIGHT },
	{ "EXPECTED", "应完成", "expected", RIGHT },
	{ "GAP", "差额", "gap", RIGHT },
	{ "STATE", "状态", "state" },
	{ "MISSING", "缺数单位", "missing" },
};
static const struct column seeker_progress[] = {
	{ "TARGET", "指标", "target" },
	{ "COUNTS", "计入", "counts" },
	{ "UNIT", "统计单位", "unit" },
	{ "PLACEMENT", "就业", "placement" },
	{ "ENROLMENT", "培训", "enrolment" },
	{ "RULE", "规则", "rule" },
	{ "WHY", "说明", "en", WRAP },
};
static const struct column behind[] = {
	{ "SEEKER", "求职人员", "seeker" },
	{ "PLACEMENT", "就业", "placement", RIGHT },
	{ "HOUSEHOLD", "家庭", "household", RIGHT | WIDE },
	{ "APPROVAL", "批准文号", "approval", CUT | WIDE },
	{ "SLOT", "岗位编号", "slot", RIGHT | WIDE },
	{ "UNIT", "统计单位", "unit" },
	{ "COMMUNITY", "社区", "community", CUT },
	{ "FIRST DAY", "起始日期", "first_day" },
	{ "REGISTERED", "登记日期", "registered_on" },
	{ "BY", "计入依据", "ground" },
	{ "SINCE", "依据起始日", "fact_on" },
	{ "EVIDENCE", "证明", "evidence" },
};
static const struct column keys[] = {
	{ "KEY", "密钥", "kid" },
	{ "ROLE", "角色", "role" },
	{ "ORGANISATION", "机构", "org_code" },
	{ "SCOPE", "管辖区划", "scope" },
	{ "EXPIRES", "有效期至", "expires_on" },
	{ "REVOKED", "吊销时间", "revoked_at" },
};
static const struct column officers[] = {
	{ "OFFICER", "经办人", "officer" },
	{ "NAME", "姓名", "name", CUT },
	{ "POST", "岗位", "post", CUT },
	{ "ORGANISATION", "机构", "organisation", CUT | WIDE },
	{ "SCOPE", "管辖区划", "scope" },
	{ "LEAD", "负责人", "lead" },
	{ "FROM", "起", "from" },
	{ "UNTIL", "止", "until" },
};
static const struct column looks[] = {
	{ "AT", "时间", "at" },
	{ "SEEKER", "求职人员", "seeker" },
	{ "OFFICER", "经办人", "officer" },
	{ "NAME", "姓名", "name", CUT },
	{ "ORGANISATION", "机构", "organisation", CUT | WIDE },
	{ "WHAT", "事由", "what" },
};
static const struct column actions[] = {
	{ "AT", "时间", "at" },
	{ "ACTION", "操作", "op" },
	{ "OBJECT", "对象", "object", CUT },
	{ "OFFICER", "经办人", "officer" },
	{ "NAME", "姓名", "name", CUT },
	{ "KEY", "密钥", "kid", WIDE },
};
static const struct column decisions[] = {
	{ "KIND", "类型", "kind" },
	{ "OBJECT", "对象", "object" },
	{ "SINCE", "自", "since" },
	{ "ASKED BY", "申请人", "asked_by" },
	{ "ORGANISATION", "机构", "organisation", CUT | WIDE },
	{ "YOURS", "本人可决定", "deciders.you" },
	{ "DECISION", "决定", "decision" },
	{ "BY", "决定人", "decided_by" },
	{ "SECONDS", "间隔秒数", "decided_after_seconds", RIGHT },
	{ "QUICK", "短时决定", "quick" },
};
static const struct column lots[] = {
	{ "LOT", "批次", "lot", RIGHT },
	{ "KIND", "类型", "kind" },
	{ "STATE", "状态", "state" },
	{ "RECORDS", "条数", "records", RIGHT },
	{ "OUTSIDE", "辖区外", "outside", RIGHT },
	{ "SENT BY", "发送人", "sent_by" },
	{ "WHOLE", "结束时间", "whole_at", WIDE },
	{ "YOURS", "本人可决定", "you" },
	{ "SAMPLE", "样本", "sample", RIGHT },
	{ "WRONG", "不符", "wrong", RIGHT },
	{ "BY", "决定人", "decided_by" },
	{ "LEFT", "遗留", "left", RIGHT },
	{ "IMPORT", "导入", "import", CUT | WIDE },
};
static const struct column lot_records[] = {
	{ "RECORD", "序号", "record", RIGHT },
	{ "OBJECT", "对象", "object" },
	{ "COMMUNITY", "社区", "community", CUT },
	{ "SAMPLE", "样本", "sample" },
	{ "CHECK", "核对", "check" },
	{ "NOTE", "说明", "note", CUT },
	{ "OUTCOME", "结果", "outcome" },
	{ "LEFT FOR", "遗留原因", "left_for" },
};
static const struct column people[] = {
	{ "SEEKER", "求职人员", "seeker" },
	{ "STATE", "状态", "state" },
	{ "RANK", "级别", "rank" },
	{ "WHY", "缘由", "rank_reason" },
	{ "COMMUNITY", "社区", "community", CUT },
	{ "WAITING SINCE", "等候自", "waiting_since" },
	{ "WISHES", "求职意向", "wishes", CUT },
	{ "OFFERED", "已推荐", "offered" },
};
static const struct column duplicates[] = {
	{ "SEEKER", "求职人员", "seeker" },
	{ "WHY", "缘由", "reasons", CUT },
	{ "STATE", "状态", "state" },
	{ "COMMUNITY", "社区", "community", CUT },
	{ "REGISTERED", "登记日期", "registered_on" },
};
static const struct column households[] = {
	{ "HOUSEHOLD", "家庭", "household" },
	{ "STATE", "状态", "state" },
	{ "COMMUNITY", "社区", "community", CUT },
	{ "APPLIED", "申请日期", "applied_on" },
	{ "DETERMINED", "认定日期", "determined_on" },
	{ "TO VERIFY", "待核实", "to_verify" },
	{ "MEMBERS", "人数", "members", RIGHT },
};
static const struct column referrals[] = {
	{ "REFERRAL", "推荐", "referral", RIGHT },
	{ "STATE", "状态", "state" },
	{ "SEEKER", "求职人员", "seeker" },
	{ "VACANCY", "空岗", "vacancy", RIGHT },
	{ "RANK", "级别", "rank" },
	{ "PRIORITY", "优先", "priority" },
	{ "MADE", "推荐时间", "made_at", WIDE },
	{ "EXPIRES", "失效时间", "expires_at" },
};
static const struct column referral_counts[] = {
	{ "RANK", "级别", "rank" },
	{ "AGENCY", "机构", "agency" },
	{ "REFERRED", "推荐", "referred", RIGHT },
	{ "CONSENTED", "同意", "consented", RIGHT },
	{ "ACCEPTED", "接受", "accepted", RIGHT },
	{ "INTERVIEWED", "面试", "interviewed", RIGHT },
	{ "OFFERED", "录用", "offered", RIGHT },
	{ "PLACED", "就业", "placed", RIGHT },
};
static const struct column placings[] = {
	{ "STATUS", "结果", "status", RIGHT },
	{ "PLACEMENT", "就业", "placement.placement", RIGHT },
	{ "SEEKER", "求职人员", "placement.seeker" },
	{ "VACANCY", "空岗", "placement.vacancy", RIGHT },
	{ "START", "上岗日期", "placement.start_on" },
	{ "STANDING", "佐证", "placement.standing" },
	{ "PROBLEM", "问题", "problem.title", CUT },
};

#endif
