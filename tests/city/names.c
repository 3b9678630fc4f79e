/*
 * Names: see names.h.
 */
#include "tests/city/names.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The commonest first; a few with two characters. */
static const char *const surnames[] = { "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周",
	"吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑",
	"谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈",
	"曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "余",
	"潘", "杜", "戴", "夏", "钟", "汪", "田", "任", "姜", "范", "方", "石", "姚", "谭",
	"廖", "邹", "熊", "金", "陆", "郝", "孔", "白", "崔", "康", "毛", "邱", "秦", "江",
	"史", "顾", "侯", "邵", "孟", "龙", "万", "段", "雷", "钱", "汤", "尹", "黎", "易",
	"常", "武", "乔", "贺", "赖", "龚", "文", "欧阳", "司马", "上官", "诸葛" };

static const char *const given[] = { "伟", "芳", "娜", "秀", "英", "敏", "静", "丽", "强", "磊",
	"军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "兰", "霞", "平", "刚", "桂",
	"建", "国", "华", "志", "红", "玉", "梅", "春", "海", "燕", "文", "辉", "玲", "斌",
	"波", "宁", "鹏", "飞", "凯", "倩", "雪", "婷", "慧", "莉", "云", "峰", "龙", "新",
	"永", "小", "晓", "庆", "爱", "菊", "凤", "林", "胜", "利", "民", "中", "东", "豫",
	"洁", "琳", "颖", "佳", "欣", "怡", "梦", "思", "雨", "晨", "浩", "宇", "博", "轩",
	"子", "一", "金", "银", "巧", "喜", "荣", "富", "贵", "兴", "旺", "根", "柱", "全",
	"福", "生", "来", "顺", "安", "康" };

static const char *const brands[] = { "宏", "中原", "嵩山", "黄河", "金水", "豫兴", "天河",
	"华联", "正道", "万邦", "瑞丰", "恒信", "同济", "明光", "新世纪", "永固", "百顺",
	"长城", "北环", "东风", "三和", "双通", "丰产", "绿城", "银基", "福源", "盛世", "泰和",
	"广厦", "金桥", "宇航", "信达", "华豫", "中州", "商都", "二七", "紫荆", "陇海",
	"建业达", "德化", "大同", "康桥", "海汇", "龙湖", "凯旋", "兴隆", "祥瑞", "安泰",
	"九州" };

static const char *const trades[] = { "商贸", "物业管理", "餐饮管理", "建筑工程", "机械制造",
	"纺织", "食品", "物流", "电子科技", "保安服务", "家政服务", "汽车维修", "印刷", "医药",
	"耐火材料", "装饰工程", "酒店管理", "园林绿化", "环境卫生", "房地产", "运输", "服装",
	"铝业", "化工", "超市", "教育咨询", "广告", "信息技术", "包装", "电力设备" };

void name_surname(struct dice *d, char *out, size_t n)
{
	/* The smaller of two throws: the head of the list is common. */
	uint32_t a = dice_below(d, COUNT(surnames));
	uint32_t b = dice_below(d, COUNT(surnames));

	snprintf(out, n, "%s", surnames[a < b ? a : b]);
}

void name_given(struct dice *d, char *out, size_t n)
{
	size_t len = strlen(out);
	const char *first = given[dice_below(d, COUNT(given))];
	const char *second = dice_chance(d, 700) ? given[dice_below(d, COUNT(given))] : "";

	snprintf(out + len, n - len, "%s%s", first, second);
}

void name_address(struct dice *d, const char *street, char *out, size_t n)
{
	int house = dice_between(d, 1, 180);
	int block = dice_between(d, 1, 20);
	int stair = dice_between(d, 1, 4);
	int door = dice_between(d, 1, 7) * 100 + dice_between(d, 1, 4);

	snprintf(out, n, "%s%d号院%d号楼%d单元%d", street, house, block, stair, door);
}

void name_firm(struct dice *d, char *out, size_t n, const char **kind)
{
	static const uint16_t weights[] = { 780, 120, 50, 30, 20 };
	static const char *const kinds[] = { "enterprise", "individual", "institution",
		"private_non_enterprise", "association" };
	static const char *const endings[] = { "有限公司", "经营部", "中心", "服务社", "协会" };
	size_t k = dice_pick(d, weights, COUNT(weights));
	const char *one = brands[dice_below(d, COUNT(brands))];
	const char *two = dice_chance(d, 500) ? brands[dice_below(d, COUNT(brands))] : "";
	const char *trade = trades[dice_below(d, COUNT(trades))];

	*kind = kinds[k];
	snprintf(out, n, "郑州%s%s%s%s", one, two, trade, endings[k]);
}
