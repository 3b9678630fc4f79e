-- The peer of `search`: the same question as one statement over the same indexes, prepared,
-- its plan kept, on a connection of its own; no function, no JSON, nobody's permission.
-- The filters that a term stands for are given as the term alone, as its friends would.
SELECT v.id, v.title, v.occupation, v.employer, v.employer_name, v.district, v.place, v.pay_text,
	v.pay_min_month, v.pay_max_month, v.education_rank, v.experience_months, v.shift, v.form,
	v.reserved, v.posts, v.filled, v.posted_on, v.valid_until, v.version
FROM ledger.vacancy v
WHERE v.city = 4101 AND v.open AND v.filled < v.posts
  AND ledger.vacancy_terms(v.words, v.occupation, v.place, v.form, v.shift, v.reserved) @> '{TERMS}'
  AND v.words LIKE '%WORD%' AND v.pay_max_month >= PAY
ORDER BY v.posted_on DESC, v.id DESC LIMIT 20;
