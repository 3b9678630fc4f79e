"""What is the same for everybody: tagged by its content, kept by who asked, not sent again."""

import pytest

PUBLIC = ("/openapi.yaml", "/openapi.json", "/problems/vacancy-filled", "/rules", "/rules/order")
KEYED = ("/v1/codes", "/v1/codes/occupations", "/v1/codes/skills?q=K001")


@pytest.fixture
def daemon(shared_daemon):
    """Here nobody writes anything."""
    return shared_daemon


@pytest.mark.parametrize("path", PUBLIC + KEYED)
def test_a_text_is_sent_once(daemon, path):
    key = daemon.keys["bureau"] if path in KEYED else None
    first = daemon.request("GET", path, key)
    assert first.status == 200
    assert first.headers["cache-control"] == "max-age=300"
    tag = first.headers["etag"]
    assert tag.startswith('"') and len(tag) == 18

    again = daemon.request("GET", path, key, headers={"If-None-Match": tag})
    assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    weak = daemon.request("GET", path, key, headers={"If-None-Match": f'"0", W/{tag}'})
    assert weak.status == 304
    assert daemon.request("GET", path, key, headers={"If-None-Match": '"0"'}).text == first.text


def test_different_texts_have_different_tags(daemon):
    tags = {daemon.request("GET", path, daemon.keys["bureau"]).headers["etag"] for path in PUBLIC + KEYED}
    assert len(tags) == len(PUBLIC + KEYED)


def test_a_refusal_and_a_record_are_not_kept(daemon):
    assert daemon.request("GET", "/problems/nothing").headers["cache-control"] == "no-store"
    listed = daemon.request("GET", "/v1/vacancies", daemon.keys["bureau"])
    assert (listed.status, listed.headers["cache-control"]) == (200, "no-store")


def the_only_error(answer):
    assert answer.status == 422, answer
    [error] = answer.json["errors"]
    return error


def test_an_action_that_does_not_exist_is_refused(daemon):
    bureau = daemon.keys["bureau"]
    assert daemon.request("GET", "/v1/actions?op=placements.create", bureau).status == 200
    error = the_only_error(daemon.request("GET", "/v1/actions?op=placements.made", bureau))
    assert (error["pointer"], error["rule"], error["found"]) == ("query/op", "unknown-code", "placements.made")
    assert "placements.create" in error["expected"]


def test_a_parent_that_does_not_exist_is_refused(daemon):
    bureau = daemon.keys["bureau"]
    below = daemon.request("GET", "/v1/codes/occupations?parent=4-07", bureau)
    assert below.status == 200 and below.json["items"]
    error = the_only_error(daemon.request("GET", "/v1/codes/occupations?parent=9-99", bureau))
    assert (error["pointer"], error["found"]) == ("query/parent", "9-99")
    assert error["expected"] and error["expected"] != "9-99"


def test_an_empty_officer_is_none(daemon):
    answer = daemon.request("GET", "/v1/looks?seeker=0a3f5c9d01b2e477", daemon.keys["bureau"],
                            headers={"Vacancyd-Actor": ""})
    assert (answer.status, answer.json["type"]) == (403, "/problems/actor-required")


def test_trace_is_not_allowed(daemon):
    answer = daemon.request("TRACE", "/openapi.yaml")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
