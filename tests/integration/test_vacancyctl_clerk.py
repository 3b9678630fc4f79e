"""vacancyctl for a clerk: one name for one thing, everyday words, what annoyed at the counter.

Each test is something that a person at a desk tried and that went wrong once.
"""

import re

import pytest
import yaml

from harness import SOURCE
from harness.desk import Desk, desk_of
from harness.trade import Trade


@pytest.fixture
def trade(make_daemon):
    trade = Trade(make_daemon())
    trade.employer()
    return trade


@pytest.fixture
def nobody(tmp_path):
    """A desk whose exchange is not there."""
    return Desk("http://127.0.0.1:1", "/nowhere", tmp_path)


def properties(api, schema):
    """The members of a body, those within an object as well, and which must be there."""
    while "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    found, needed = {}, set(schema.get("required", ()))
    for part in schema.get("oneOf", []) + schema.get("anyOf", []) + schema.get("allOf", []):
        found.update(properties(api, part)[0])
    for name, inner in schema.get("properties", {}).items():
        found[name] = inner
        found.update(properties(api, inner)[0])
    return found, needed


def test_an_option_is_called_as_the_api_calls_it_and_needed_where_it_needs_it(nobody):
    api = yaml.safe_load((SOURCE / "config" / "openapi.yaml").read_text())
    usage = nobody.done("help").split("\n\n")[1].splitlines()
    shapes = {re.sub(r"\{[^}]*\}", "X", path): found for path, found in api["paths"].items()}
    seen = 0
    for text in usage:
        words = re.match(r" *((?:[a-z-]+ ?){1,2})", text).group(1).strip()
        shown = nobody.done("help", *words.split()).split("\n", 1)
        args = re.sub(r"--\S+ \S+|\[OPTIONS\]|\[FILE\]", "", shown[0].split(words, 1)[1]).split()
        needed = re.findall(r"--([a-z-]+)", shown[0])
        if "FILE" in args or words in ("help", "completion", "return nil"):  # that asks the exchange
            continue
        dry = nobody.run(*words.split(), *["unemployment" if a == "KIND" else "X" for a in args], "--dry-run",
                         *[w for name in needed for w in (f"--{name}", "1")], stdin="1\n")[1]
        assert dry, words
        method, path = re.match(r"(\S+) (?:http://[^/]*)?(/[^?\s]*)", dry).groups()
        if not path.startswith("/v1/"):
            continue  # the operator's socket
        takes = shapes[path][method.lower()]
        query = {p["name"] for p in
                 (api["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p
                  for p in takes.get("parameters", [])) if p["in"] == "query"}
        body, must = {}, set()
        if "requestBody" in takes:
            body, must = properties(api, takes["requestBody"]["content"]["application/json"]["schema"])
        options = set(re.findall(r"^ +(?:-[a-z], )?--([a-z-]+)", shown[1], re.M))
        options -= {"all", "if-match", "if-none-match"}
        known = {name.replace("_", "-") for name in query | set(body)} | {"limit"}
        known |= {"explain"}  # of what is shown, not of what is asked
        assert options <= known, (words, options - known)
        given = {name.replace("-", "_") for name in needed}
        optional = {name.replace("-", "_") for name in options - set(needed)}
        must -= {"kind"} if words == "place report" else set()  # a job at a unit, unless it is said
        assert not (must & optional), (words, must & optional)
        assert all(name in must or name in ("staff", "reason", "signal", "filled_by") for name in given), \
            (words, given - must)
        seen += 1
    assert seen > 60


def test_codes_are_found_by_what_people_say(trade, tmp_path):
    desk = desk_of(trade, tmp_path, "employer")
    for said, code in (("仓库", "4-02-06-01"), ("文员", "3-01-01-01"), ("厨师", "4-03-02-01"),
                       ("叉车", "6-30-05-01"), ("客服", "4-07-02-03"), ("security guard", "4-07-05-01")):
        found = desk.json("codes", "show", "occupations", "-q", said)
        assert code in [item["code"] for item in found["items"]] and not found["nearest"], said
    # A title of one's own is no name; what shares its parts is offered, the nearest first.
    found = desk.json("codes", "show", "occupations", "--q", "夜班保安员若干")
    assert found["nearest"] and found["items"][0]["code"] == "4-07-05-01"
    found = desk.json("codes", "show", "divisions", "--q", "金水的文化路街道")
    assert found["nearest"] and any("文化路街道" in item["zh"] for item in found["items"])
    # A code with a slip is still a code.
    found = desk.json("codes", "show", "occupations", "--q", "4-07-05-10")
    assert found["nearest"] and "4-07-05-01" in [item["code"] for item in found["items"]]
    assert desk.json("codes", "show", "skills", "--q", "ZZZZ")["items"] == []
