-- wrk's side of the figures `file` and `place`: each request a new return, or a new placement.
--
--   wrk ... -s writes.lua URL -- file|place FIRST KEY OFFICER
--
-- It knows the numbers of write_market.sql.  One thread.  What it says at the
-- end is one line of JSON, and an answer other than 201 is counted, never forgiven.

-- Those without `local` are asked for at the end.
local kind, next_one, headers
local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init(args)
	kind, next_one = args[1], tonumber(args[2])
	sent = 0
	headers = { Authorization = "Bearer " .. args[3], ["Vacancyd-Actor"] = args[4],
		["Content-Type"] = "application/json" }
	created_201, others, told = 0, 0, ""
end

local function organisation(n)
	local weights, digits, sum = { 3, 7, 9, 10, 5, 8, 4, 2 }, string.format("%08d", n), 0
	for i = 1, 8 do
		sum = sum + tonumber(digits:sub(i, i)) * weights[i]
	end
	local at = sum % 11 + 1
	return digits .. ("0X987654321"):sub(at, at)
end

-- n * 2654435761 below 2^44: Lua's numbers are exact to 2^53, so in two halves.
local function seeker(n)
	local high = (n * 40503) % 268435456
	local low = n * 31153
	return string.format("%016x", (high * 65536 + low) % 17592186044416)
end

local line = [[{"ref":"E%d-%d","occupation":"4-07-05-01","title":"保安员","duties":"值班巡逻",]] ..
	[["posts":%d,"place":"410105003001","pay_min_fen":90000,"pay_max_fen":120000,]] ..
	[["pay_period":"month","weekly_hours":40,"interview_contact":"测试联系人 13900000000"}]]

local function return_body(n)
	local lines = {}
	for i = 1, 20 do
		lines[i] = line:format(n, i, 1 + i % 5)
	end
	return [[{"nil":false,"staff":120,"contact":"测试联系人","telephone":"13900000000","lines":[]] ..
		table.concat(lines, ",") .. "]}"
end

function request()
	local n = next_one
	next_one, sent = n + 1, sent + 1
	if kind == "file" then
		return wrk.format("PUT", "/v1/returns/" .. organisation(n) .. "/410105/2007Q2", headers,
			return_body(n))
	end
	headers["Idempotency-Key"] = string.format("http-%d", n)
	return wrk.format("POST", "/v1/placements", headers, string.format(
		[[{"seeker":"%s","vacancy":"%d","kind":"unit","start_on":"2007-07-12"}]], seeker(n), n))
end

function response(status, _, body)
	if status == 201 then
		created_201 = created_201 + 1
	else
		others = others + 1
		told = told == "" and (status .. " " .. body:sub(1, 300)) or told
	end
end

function done(summary)
	local t = threads[1]
	local failed = summary.errors.connect + summary.errors.read + summary.errors.write +
		summary.errors.timeout
	if t:get("told") ~= "" then
		print(t:get("told"))
	end
	print(string.format('done {"created":%d,"other":%d,"failed":%d,"sent":%d,"seconds":%.6f}',
		t:get("created_201"), t:get("others"), failed, t:get("sent"),
		summary.duration / 1e6))
end
