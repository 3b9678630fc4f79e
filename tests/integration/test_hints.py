"""What is refused is named once, as `found`, and nowhere else: no hint, sentence or member repeats it.

Each member of each body that config/openapi.yaml describes, and each parameter of a query, is sent
with a value that stands nowhere else, in a request that is right otherwise: of the wrong kind, and of
the right kind but of nothing that exists.  The answer may hold it in `found` alone, which is never a
sealed member's; what was accepted holds it of course.
"""

import dataclasses
import itertools
import json
from urllib.parse import quote

import pytest
from generated.contract import Contract
from generated.requests import Requests
from generated.stage import Stage
from generated.values import Values, changed, dump
from generated.wire import Wire
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

TEXT = "zqxjmark"
KINDS = {"Day": ("2093-03-17", "1993-03-17"), "SeekerId": ("1badc0ffee0ddba1",), "DecimalId": ("918273645",),
         "Quarter": ("1993Q3", "2093Q3"), "District": ("419987",), "Community": ("419987654321",),
         "EmployerCode": ("93847561X",), "Occupation": ("9-87-65-43",), "OccupationOrGroup": ("9-87-65-43",)}
NUMBERS = (739117391, 71937, 7193)
SEALED = {"citizen_number", "name", "telephone", "address", "contact", "interview_contact"}


def markers(node, ref):
    """Values for a place: of another kind, and of its own."""
    kind = node.get("type")
    of = list(itertools.chain.from_iterable(
        KINDS.get(one["$ref"].rpartition("/")[2], ()) for one in node.get("anyOf", ()) if "$ref" in one))
    if kind == "integer" or isinstance(kind, list) and "integer" in kind:
        return [TEXT, *NUMBERS]
    if kind in ("object", "array", "boolean"):
        return [TEXT]
    return [TEXT, *KINDS.get(ref, ()), *of]


def repeats(answer, marker):
    """Where a refusal repeats the value, other than as what was found; None: nowhere."""
    problem = {n: v for n, v in answer.json.items() if n not in ("instance", "errors")}
    for name, value in problem.items():
        if marker in json.dumps(value, ensure_ascii=False):
            return name
    for error in answer.json.get("errors", ()):
        for name, value in error.items():
            if name != "found" and marker in json.dumps(value, ensure_ascii=False):
                return f"{error['pointer']} {name}: {value}"
            if name == "found" and marker in value and error["pointer"].rpartition("/")[2] in SEALED:
                return f"{error['pointer']} found, which is sealed"
    return None


class Prober:
    def __init__(self, daemon):
        self.contract = Contract()
        self.stage = Stage(daemon)
        self.values = Values(self.contract.document, self.stage)
        self.requests = Requests(self.contract, self.stage, self.values)
        self.wire = Wire(daemon.port)
        self.sent, self.told = 0, {}

    def send(self, operation, request, marker, where):
        if operation.method == "POST":
            request.headers.append(("Idempotency-Key", f"h-{self.sent}"))
        answer = self.wire.send(request)
        self.sent += 1
        if answer.status >= 400 and answer.kind.endswith("json"):
            found = repeats(answer, str(marker))
            if found:
                self.told.setdefault((repr(operation), where), f"{operation} {where} {marker}: {found}")

    def request(self, draw, operation):
        """One by who may, with their officer."""
        request = self.requests.make(draw, operation, "valid")
        key = self.stage.keys[sorted(operation.roles)[-1]][0]
        request.headers = [h for h in request.headers if h[0] not in (
            "Authorization", "Vacancyd-Actor", "Vacancyd-For", "Idempotency-Key", "If-Match", "If-None-Match")]
        request.headers += [("Authorization", f"Bearer {key}"), ("Vacancyd-Actor", self.stage.actors[key])]
        return request

    def probe(self, draw, operation):
        schema, right = operation.schema, self.request(draw, operation)
        if schema is not None:
            right.headers = [h for h in right.headers if h[0] != "Content-Type"]
            right.headers.append(("Content-Type", "application/json"))
            body = self.values.good(draw, schema)
            for path, node in list(self.values.places(schema, body)):
                ref = next((p for p in reversed(path) if isinstance(p, str)), None)
                named = self.named(schema, path)
                for marker in markers(node, named) if path else ():
                    sent = dump(changed(body, path, lambda _, m=marker: m)).encode("utf-8")
                    request = dataclasses.replace(right, headers=list(right.headers), body=sent)
                    self.send(operation, request, marker, f"/{'/'.join(map(str, path))} ({ref})")
        for p in operation.parameters:
            if p["in"] == "query":
                for marker in markers(*self.values.resolve(p["schema"])):
                    path = f"{right.path.partition('?')[0]}?{p['name']}={quote(str(marker))}"
                    request = dataclasses.replace(right, headers=list(right.headers), path=path)
                    self.send(operation, request, marker, f"query/{p['name']}")

    def run(self, operation):
        @seed(f"hints {operation}")
        @settings(max_examples=2, database=None, deadline=None, phases=(Phase.generate,),
                  suppress_health_check=list(HealthCheck))
        @given(st.data())
        def probe(data):
            self.probe(data.draw, operation)

        probe()

    def named(self, schema, path):
        """What the document calls the schema of a place."""
        node, ref = self.values.resolve(schema)
        for part in path:
            for word in ("anyOf", "oneOf", "allOf"):
                if word in node and "properties" not in node:
                    node, _ = self.values.resolve(node[word][0])
            node, ref = self.values.resolve(node["items"] if isinstance(part, int) else node["properties"][part])
        return ref


@pytest.fixture(scope="module")
def prober(shared_daemon):
    p = Prober(shared_daemon)
    yield p
    p.wire.close()
    p.stage.close()


def test_a_refusal_repeats_nothing(prober):
    operations = [o for o in prober.contract.operations if o.roles]
    for operation in operations:
        prober.run(operation)
    assert prober.sent > 10 * len(operations)
    assert not prober.told, "\n".join(prober.told.values())
