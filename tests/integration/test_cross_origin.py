"""Answers to web pages of other origins (CORS): a listed one reads them, any other sees none of it."""

import pytest

DESK = "https://desk.example"
PHONE = "http://localhost:5173"
OTHERS = ("https://desk.example.evil", "http://desk.example", "https://desk.example:443", "null", "*")


def cross(answer):
    return {k: v for k, v in answer.headers.items() if k.startswith("access-control-")}


def words(text):
    return {w.strip().lower() for w in text.split(",")}


def ask(daemon, path, origin, method="POST"):
    return daemon.request("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,vacancyd-actor"})


@pytest.fixture
def listing(make_daemon):
    return make_daemon(cors_origins=f"{DESK}, {PHONE}")


def test_it_is_off_unless_it_is_set(daemon):
    answer = daemon.request("GET", "/openapi.yaml", headers={"Origin": DESK})
    assert answer.status == 200 and not cross(answer)
    assert "origin" not in words(answer.headers.get("vary", ""))
    asked = ask(daemon, "/v1/seekers", DESK)
    assert (asked.status, asked.headers["allow"]) == (405, "GET, HEAD, POST") and not cross(asked)


def test_a_preflight_says_what_a_page_may_send(listing):
    for origin in (DESK, PHONE):
        asked = ask(listing, "/v1/seekers", origin)
        assert (asked.status, asked.text) == (204, "")
        assert asked.headers["access-control-allow-origin"] == origin
        assert words(asked.headers["access-control-allow-methods"]) == {"get", "head", "post"}
        assert {"authorization", "vacancyd-actor", "vacancyd-for", "idempotency-key", "if-match",
                "content-type"} <= words(asked.headers["access-control-allow-headers"])
        assert int(asked.headers["access-control-max-age"]) > 0
        assert "access-control-allow-credentials" not in asked.headers
        assert "origin" in words(asked.headers["vary"])
        assert "content-length" not in asked.headers


def test_a_preflight_names_the_methods_of_its_path(listing):
    for path, methods in (("/v1/seekers/0a3f5c9d01b2e477", {"get", "head", "patch"}),
                          ("/v1/employers/123456788", {"get", "head", "put"}),
                          ("/v1/placements/1/confirm", {"post"})):
        assert words(ask(listing, path, DESK).headers["access-control-allow-methods"]) == methods, path
    assert ask(listing, "/v1/nothing", DESK).status == 404


def test_a_page_reads_answers_and_refusals(listing):
    bureau = listing.keys["bureau"]
    for path, key, status in (("/openapi.yaml", None, 200), ("/v1/employers/000000000", bureau, 404),
                              ("/v1/codes", None, 401), ("/nowhere", None, 404),
                              ("/v1/codes", bureau, 200)):
        answer = listing.request("GET", path, key, headers={"Origin": DESK})
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == DESK
        assert {"etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "consistency-token"} \
            <= words(answer.headers["access-control-expose-headers"])
        assert "origin" in words(answer.headers["vary"])


def test_any_other_page_sees_what_a_program_sees(listing):
    def seen(answer):
        return (answer.status, answer.text if answer.status == 200 else answer.json["type"],
                {k: v for k, v in answer.headers.items()
                 if k not in ("date", "vacancyd-request-id", "ratelimit", "content-length")})

    for path in ("/openapi.yaml", "/nowhere", "/v1/codes"):
        plain = listing.request("GET", path)
        assert "origin" in words(plain.headers["vary"])  # whoever keeps it must know
        for origin in OTHERS:
            other = listing.request("GET", path, headers={"Origin": origin})
            assert seen(other) == seen(plain) and not cross(other)
    for origin in OTHERS:
        asked = ask(listing, "/v1/seekers", origin)
        assert asked.status == 405 and not cross(asked)


def test_a_copy_that_is_still_right_may_be_read_too(listing):
    first = listing.request("GET", "/rules", headers={"Origin": DESK})
    again = listing.request("GET", "/rules", headers={"Origin": DESK, "If-None-Match": first.headers["etag"]})
    assert (again.status, again.headers["access-control-allow-origin"]) == (304, DESK)
    assert "origin" in words(again.headers["vary"])
