-- Vacancies for the figure `search`: :rows of them with duties, into a migrated ledger.
--
-- Skewed as a market is: cubed draws over the occupations, squared ones over the
-- communities and the pay.  Always the same.  Run by a superuser, since triggers and foreign
-- keys rest meanwhile; :divisions and :occupations are the catalogue's tables.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SELECT setseed(0.42);
DROP INDEX ledger.vacancy_terms, ledger.vacancy_posted, ledger.vacancy_pay, ledger.vacancy_ends;

CREATE TEMP TABLE trade AS SELECT row_number() OVER (ORDER BY md5(code::text)) - 1 AS n, code, name
	FROM ledger.occupation WHERE city = 4101 AND level = 4;
CREATE TEMP TABLE place AS SELECT row_number() OVER (ORDER BY md5(code::text)) - 1 AS n, code
	FROM ledger.division WHERE city = 4101 AND digits = 12;
CREATE TEMP TABLE duty AS SELECT row_number() OVER () - 1 AS n, text FROM unnest(ARRAY['会电脑',
	'熟悉安全规程','有驾照C1者优先','能适应倒班','吃苦耐劳','包吃住','缴纳社会保险','有三年以上经验',
	'沟通能力强','身体健康','本地户口不限','普通话标准','懂CAD制图','会英语优先','能出差','诚实守信',
	'试用期三个月','提供培训','双休','年底双薪','待遇从优','月休四天','五险一金','工资面议','上六休一',
	'节假日福利','计件工资','多劳多得','免费工作餐','有宿舍','夜班补贴','全勤奖']) text;
CREATE UNIQUE INDEX ON trade (n);
CREATE UNIQUE INDEX ON place (n);
CREATE UNIQUE INDEX ON duty (n);
ANALYZE trade, place, duty;

INSERT INTO ledger.employer (city, code, name, registered_on)
	SELECT 4101, 'E' || n, (ARRAY['顺达','宏远','金鼎','天成','嘉禾','瑞丰','恒通','中原','豫丰','华泰',
			'银河','新世纪'])[1 + floor(random() * 12)::int]
		|| (ARRAY['嘉','鑫','盛','凯','康','利'])[1 + floor(random() * 6)::int]
		|| (ARRAY['商贸','物业','餐饮','机械','食品','建筑','纺织','电子','保洁','物流'])[1 + floor(random() * 10)::int]
		|| (ARRAY['有限公司','有限责任公司','厂','中心'])[1 + floor(random() * 4)::int], '2006-01-01'
	FROM generate_series(1, :rows / 20) n;

INSERT INTO ledger.vacancy (city, employer, district, ref, open, closed_reason, occupation, title,
		employer_name, duties, pay_text, posts, filled, place, pay_min_month, pay_max_month,
		education_rank, shift, form, reserved, approval, posted_on, valid_until)
	SELECT 4101, e.id, left(l.code::text, 6), 'R' || p.i, p.r[1] < 0.98,
		CASE WHEN p.r[1] >= 0.98 THEN 'withdrawn' END, t.code, t.name, e.name,
		'负责' || t.name || '岗位的日常工作,服从班组安排;' || a.text || ',' || b.text, '面议',
		1 + floor(p.r[2] * 5)::int, (p.r[3] < 0.05)::int, l.code, 52000,
		60000 + 1000 * floor(200 * power(p.r[4], 3))::int,
		CASE WHEN p.r[5] < 0.45 THEN 0 WHEN p.r[5] < 0.73 THEN 3 WHEN p.r[5] < 0.89 THEN 4
			WHEN p.r[5] < 0.97 THEN 5 ELSE 6 END,
		CASE WHEN p.r[6] < 0.72 THEN 1 WHEN p.r[6] < 0.78 THEN 2 WHEN p.r[6] < 0.83 THEN 4 ELSE 8 END,
		CASE WHEN p.r[7] < 0.08 THEN 2 ELSE 1 END, p.r[8] < 0.04, CASE WHEN p.r[8] < 0.04 THEN 'A' END,
		DATE '2007-07-12' - floor(100 * p.r[9])::int,
		CASE WHEN p.r[10] > 0.1 THEN DATE '2007-09-01' + floor(p.r[11] * 120)::int END
	FROM (SELECT i, ARRAY[random(), random(), random(), random(), random(), random(), random(),
			random(), random(), random(), random(), random(), random(), random(), random(),
			random()] AS r FROM generate_series(1, :rows) i) p
	JOIN trade t ON t.n = floor((SELECT count(*) FROM trade) * power(p.r[12], 3))
	JOIN place l ON l.n = floor((SELECT count(*) FROM place) * power(p.r[13], 2))
	JOIN duty a ON a.n = floor(32 * p.r[14])
	JOIN duty b ON b.n = floor(32 * p.r[15])
	JOIN ledger.employer e ON e.city = 4101 AND e.id = 1 + floor(:rows / 20 * p.r[16])
	ORDER BY p.i;

CREATE INDEX vacancy_terms ON ledger.vacancy USING gin
	(ledger.vacancy_terms(words, occupation, place, form, shift, reserved))
	WITH (gin_pending_list_limit = 2048) WHERE open;
CREATE INDEX vacancy_posted ON ledger.vacancy (city, posted_on, id) WHERE open;
CREATE INDEX vacancy_pay ON ledger.vacancy (city, pay_max_month, id) WHERE open;
CREATE INDEX vacancy_ends ON ledger.vacancy (city, (coalesce(valid_until, 'infinity')), id)
	WHERE open;
VACUUM (ANALYZE, FREEZE) ledger.vacancy, ledger.employer;
