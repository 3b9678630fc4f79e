"""config/openapi.yaml against the routes, both ways, and against itself.

The document is written by hand; what keeps it true is here: every route stands
in it and nothing else does, with the same roles and the same need of an
Idempotency-Key, every reference leads somewhere, and every example is of its
own schema.
"""

import csv
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from generated.contract import Contract
from harness import SOURCE, refusals

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module")
def document():
    text = (SOURCE / "config" / "openapi.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def routes():
    program = Path(os.environ["VACANCYD_BUILD"]) / "tests" / "unit" / "routes_dump"
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    table = {}
    for line in lines.splitlines():
        method, path, roles, idempotency, body = line.split("\t")[:5]
        table[(method, path)] = (set(roles.split()), idempotency != "-", body != "-")
    return table


@pytest.fixture(scope="module")
def actions():
    """(method, path) -> {role: its row of the table of authorisation}."""
    program = Path(os.environ["VACANCYD_BUILD"]) / "tests" / "unit" / "routes_dump"
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    rows = {}
    with open(SOURCE / "config" / "data" / "authorisation.tsv", encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            rows.setdefault(row["action"], {})[row["role"]] = row
    return {tuple(x.split("\t")[:2]): rows.get(x.split("\t")[5], {}) for x in lines}


def resolve(document, node):
    while isinstance(node, dict) and "$ref" in node:
        at = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                own = item[method].get("parameters", [])
                parameters = [resolve(document, p) for p in shared + own]
                yield method, path, item[method], parameters


def test_every_route_is_described_and_nothing_else(document, routes):
    described = {(method, path) for method, path, _, _ in operations(document)}
    assert described == set(routes)


def test_roles_keys_and_bodies_are_those_of_the_routes(document, routes):
    for method, path, operation, parameters in operations(document):
        roles, idempotency, body = routes[(method, path)]
        where = f"{method} {path}"
        assert set(operation["x-roles"]) == roles, where
        required = {p["name"] for p in parameters if p["in"] == "header" and p.get("required")}
        assert ("Idempotency-Key" in required) == idempotency, where
        assert ("requestBody" in operation) == body, where
        assert (operation.get("security") == []) == (not roles), where
        assert ("401" in operation["responses"]) == bool(roles), where
        assert "422" in operation["responses"] or not roles, where


def test_officers_and_masked_fields_are_those_of_the_table(document, actions):
    for method, path, operation, parameters in operations(document):
        rows, where = actions[(method, path)], f"{method} {path}"
        named = {role for role, row in rows.items() if row["actor"] == "officer"}
        assert set(operation.get("x-actor", [])) == named, where
        assert not named or "Vacancyd-Actor" in {p["name"] for p in parameters}, where
        masked = {r: row["fields"].split(",") for r, row in rows.items() if row["fields"] != "-"}
        assert operation.get("x-masked", {}) == masked, where
        assert ("429" in operation["responses"]) == bool(rows), where


def test_what_any_keyed_operation_may_answer_stands_with_each(document, actions):
    for method, path, operation, _ in operations(document):
        if not actions[(method, path)]:
            continue
        assert {"400", "401", "422", "429", "500", "504"} <= set(operation["responses"]), f"{method} {path}"
        for status, answer in operation["responses"].items():
            if status == "default":
                continue
            said = set(resolve(document, answer).get("headers", {}))
            where = f"{method} {path} {status}"
            assert status in ("400", "401") or {"RateLimit", "RateLimit-Policy"} <= said, where
            assert status not in ("429", "503", "504") or "Retry-After" in said, where


def test_every_answer_has_its_headers_described(document):
    """Beside them, what HTTP itself has; the harness looks at the headers of whatever a test is answered."""
    every = set(document["x-every-answer"])
    assert every == {"Vacancyd-Request-Id", "X-Request-Id", "X-Content-Type-Options", "Vary",
                     "Content-Encoding"}
    for method, path, operation, _ in operations(document):
        for status, answer in operation["responses"].items():
            assert every <= set(resolve(document, answer).get("headers", {})), f"{method} {path} {status}"


def left_open(document, schema, at, seen):
    """Where an object may have members that nothing names."""
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return
        seen.add(schema["$ref"])
        at, schema = schema["$ref"], resolve(document, schema)
    if "properties" in schema and "additionalProperties" not in schema:
        yield at
    for name, inner in schema.get("properties", {}).items():
        yield from left_open(document, inner, f"{at}.{name}", seen)
    for inner in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else [])]:
        yield from left_open(document, inner, at, seen)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from left_open(document, schema["additionalProperties"], f"{at}.*", seen)


def test_every_object_that_is_answered_is_closed(document):
    """So that whoever adds a member must describe it: a client made of this would lose it."""
    seen, n = set(), 0
    for method, path, operation, _ in operations(document):
        for status, answer in operation["responses"].items():
            for kind, content in resolve(document, answer).get("content", {}).items():
                if status[0] == "2" and "schema" in content:
                    n += 1
                    assert not list(left_open(document, content["schema"], f"{method} {path} {kind}", seen))
    assert n > 100


def test_each_operation_says_which_problems_it_may_be_refused_with(document):
    """As the sources have it; the harness asks the same of whatever a test is answered."""
    status, contract = refusals.statuses(), Contract()
    found = refusals.of_operations()
    for method, path, operation, _ in operations(document):
        said = {(s, slug) for s, answer in operation["responses"].items() if s not in ("default", "304")
                for slug in contract.problems(answer)}
        assert said == {(status[slug], slug) for slug in found[(method, path)]}, f"{method} {path}"
        assert "default" in operation["responses"], f"{method} {path}"


def test_every_kind_of_problem_is_named_and_explained(document):
    with open(SOURCE / "config" / "data" / "problems.tsv", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    kind = document["components"]["schemas"]["ProblemType"]
    assert kind["enum"] == [f"/problems/{r['slug']}" for r in rows]
    assert kind["description"].splitlines()[2:] == [f"- `{r['slug']}` {r['zh']}。{r['en']}." for r in rows]
    anywhere = {slug for slugs in document["x-any-operation"].values() for slug in slugs}
    operators = {"clock-runs", "clock-backward", "board-away"}  # of the admin socket, which asks for no key
    given = set().union(anywhere, operators, *refusals.of_operations().values())
    assert given == {r["slug"] for r in rows}


def test_every_member_of_a_refusal_is_described(document):
    said = refusals.members()
    assert {"placement", "posts", "recorded_on", "inspected_on", "workplace"} <= said
    assert said <= set(document["components"]["schemas"]["Problem"]["properties"])


def members_without_a_schema(node, where):
    """Objects of which nothing is said, and keys that an unquoted comma made."""
    if isinstance(node, dict):
        kinds = node.get("type", [])
        if "object" in ([kinds] if isinstance(kinds, str) else kinds):
            if not ({"properties", "additionalProperties"} & set(node)):
                yield where
        for key, value in node.items():
            if value is None and "example" not in where:
                yield f"{where}/{key}"
            yield from members_without_a_schema(value, f"{where}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from members_without_a_schema(value, f"{where}/{i}")


def test_every_object_has_its_members(document):
    assert list(members_without_a_schema(document["components"]["schemas"], "")) == []
    paths = members_without_a_schema(document["paths"], "")
    assert [x for x in paths if "/example" not in x and "/value" not in x] == []


def unnamed_items(node, where):
    """Lists of objects whose schema has no name."""
    if isinstance(node, dict):
        items = node.get("items")
        if isinstance(items, dict) and "properties" in items:
            yield where
        for key, value in node.items():
            yield from unnamed_items(value, f"{where}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from unnamed_items(value, f"{where}/{i}")


def test_the_items_of_each_list_have_a_schema_with_a_name(document):
    assert list(unnamed_items(document, "")) == []


def test_path_parameters_are_declared(document):
    for method, path, _, parameters in operations(document):
        declared = [p["name"] for p in parameters if p["in"] == "path"]
        assert sorted(re.findall(r"{(\w+)}", path)) == sorted(declared), f"{method} {path}"


def test_operation_ids_are_unique(document):
    ids = [operation["operationId"] for _, _, operation, _ in operations(document)]
    assert len(ids) == len(set(ids))


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere_and_every_schema_is_used(document):
    used = set(references(document))
    for target in used:
        assert resolve(document, {"$ref": target}), target
    for name, schema in document["components"]["schemas"].items():
        is_printed = schema.get("description", "").startswith("/v1/codes/")
        assert is_printed or f"#/components/schemas/{name}" in used, name


def enumerations(node):
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            yield node
        for value in node.values():
            yield from enumerations(value)
    elif isinstance(node, list):
        for value in node:
            yield from enumerations(value)


def test_code_words_are_printed_from_choices_and_stand_nowhere_else(document):
    """An enumeration by hand is how a list is asked for, or a part of what a list of codes has."""
    with open(SOURCE / "config" / "data" / "choices.tsv", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    lists = {}
    for row in rows:
        lists.setdefault(row["list"], []).append(row["code"])
    printed = {s["description"].split()[0].removeprefix("/v1/codes/"): s["enum"]
               for s in document["components"]["schemas"].values()
               if s.get("description", "").startswith("/v1/codes/")}
    assert printed == lists
    asking = [["only"], ["import"], ["quarter"], ["newest"], ["district"], ["posted", "pay", "closing"],
              ["waiting_since"], ["household"], ["kind"], ["rank", "agency"], ["id"], ["*"], ["FULL_TIME", "PART_TIME"], [1, 2]]
    for node in enumerations(document):
        words = node["enum"]
        if words in printed.values() or words in asking or str(words[0]).startswith("/problems/"):
            continue
        whole = [codes for codes in lists.values() if set(words) <= set(codes)]
        assert whole and all(len(words) < len(codes) for codes in whole), words


def media(node, where):
    """(where, media type object) of every content of the document."""
    if isinstance(node, dict):
        for name, kind in node.get("content", {}).items():
            yield f"{where} {name}", kind
        for key, value in node.items():
            yield from media(value, f"{where}/{key}")
    elif isinstance(node, list):
        for value in node:
            yield from media(value, where)


def validator(document, schema):
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema",
             "components": document["components"], **schema}
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


def test_every_example_is_of_its_schema(document):
    seen = 0
    for where, kind in media(document, ""):
        examples = [e["value"] for e in kind.get("examples", {}).values()]
        if "example" in kind:
            examples.append(kind["example"])
        check = validator(document, kind["schema"])
        for example in examples:
            errors = [e.message for e in check.iter_errors(example)]
            assert not errors, f"{where}: {errors}"
            seen += 1
    assert seen >= 25


def test_the_daemon_serves_it(daemon):
    answer = daemon.request("GET", "/openapi.yaml")
    assert answer.status == 200
    assert answer.text == (SOURCE / "config" / "openapi.yaml").read_text(encoding="utf-8")


def test_the_daemon_serves_it_as_json(daemon, document):
    assert daemon.request("GET", "/openapi.json").json == document
