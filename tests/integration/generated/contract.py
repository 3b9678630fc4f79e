"""The document as a judge: is this answer one that config/openapi.yaml promises?

What any operation may answer because of HTTP itself stands in the document once,
as x-any-operation; what one operation may answer stands with it.
"""

import json
import re
from urllib.parse import unquote_to_bytes

import jsonschema
import yaml

from harness import SOURCE

METHODS = ("get", "put", "post", "patch", "delete")
# What HTTP itself has said of every answer long before this document, and what a browser asks (CORS).
OF_HTTP = {"date", "content-length", "content-type", "connection", "cache-control",
           "access-control-allow-origin", "access-control-expose-headers"}


class Operation:
    def __init__(self, contract, method, path, item):
        own = item[method]
        self.method, self.path = method.upper(), path
        self.responses = {s: contract.resolve(r) for s, r in own["responses"].items()}
        self.roles = set(own["x-roles"])
        self.actors = set(own.get("x-actor", ()))
        self.masked = {role: set(names) for role, names in own.get("x-masked", {}).items()}
        self.parameters = [contract.resolve(p) for p in
                           item.get("parameters", []) + own.get("parameters", [])]
        self.bodies = own.get("requestBody", {}).get("content", {})
        literal = [re.escape(x) for x in re.split(r"{\w+}", path)]
        self.pattern = re.compile("[^/]+".join(literal) + r"\Z")

    def __repr__(self):
        return f"{self.method} {self.path}"

    @property
    def schema(self):
        """Of a JSON body; None when it takes none."""
        return self.bodies.get("application/json", {}).get("schema")


class Contract:
    def __init__(self):
        text = (SOURCE / "config" / "openapi.yaml").read_text(encoding="utf-8")
        self.document = yaml.load(text, Loader=yaml.CSafeLoader)
        self.operations = [Operation(self, m, p, item) for p, item in self.document["paths"].items()
                           for m in METHODS if m in item]
        # Literal paths first: /v1/seekers/find is no seeker.
        self.operations.sort(key=lambda o: o.path.count("{"))
        self.anywhere = self.document["x-any-operation"]
        self.validators = {}

    def resolve(self, node):
        node = node if isinstance(node, dict) else {}
        while "$ref" in node:
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def operation(self, request):
        """Which it is of; None: of none."""
        try:
            path = unquote_to_bytes(request.path.partition("?")[0]).decode("utf-8")
        except UnicodeDecodeError:
            return None
        return self.find("GET" if request.method == "HEAD" else request.method, path)

    def find(self, method, path):
        return next((o for o in self.operations if o.method == method and o.pattern.match(path)), None)

    def faults(self, schema, value):
        key = id(schema)
        if key not in self.validators:
            whole = {"components": self.document["components"], **schema}
            self.validators[key] = (jsonschema.Draft202012Validator(whole), schema)
        return [f"{'/'.join(map(str, e.path))}: {e.message[:200]}"
                for e in self.validators[key][0].iter_errors(value)]

    def wrong_body(self, operation, request):
        """Why the body cannot be taken, by the schema alone; None when the schema allows it."""
        if operation.schema is None or request.body is None or operation.path.endswith("/batch"):
            return None  # of a batch, each item is judged by itself
        try:
            value = json.loads(request.body.decode("utf-8"), object_pairs_hook=once,
                               parse_float=whole, parse_constant=fail)
            if re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
                return "a lone surrogate"
        except (ValueError, RecursionError) as error:
            return f"not JSON: {error}"
        found = self.faults(operation.schema, present(value))
        return found[0] if found else None

    def judge(self, request, answer):
        """What is wrong with an answer, in words; empty when nothing is."""
        operation, status = self.operation(request), str(answer.status)
        slugs = self.anywhere.get(status)
        described = operation.responses.get(status) if operation else None
        problem = answer.status >= 400
        # Nothing is away here: of what the exchange may answer in bad hours, only what was asked for.
        if answer.status >= 500 and answer.status not in (501, 505) and b"not-yet-visible" not in answer.body:
            return [f"{status}"]
        if request.method == "HEAD":
            return [] if described or slugs else [f"{status} is not in the document"]
        if described is None and slugs is None:
            return [f"{status} is not in the document"]
        faults = []
        if problem:
            faults += self.problem(request, answer)
            slug = answer.json.get("type", "").removeprefix("/problems/") if not faults else ""
            if slug and not self.admits(operation, status, slug):
                faults.append(f"{status} {slug} is not in the document")
        elif described is not None and answer.status != 304:
            content = described.get("content", {})
            if answer.kind not in content:
                faults.append(f"an answer of {answer.kind!r}")
            elif answer.kind.endswith("json") and answer.kind != "application/x-ndjson":
                faults += self.faults(content[answer.kind]["schema"], strict(answer.body))
        if operation and answer.status < 400:
            faults += self.permitted(operation, request, answer)
        return faults

    def undescribed(self, schema, value, at=""):
        """The members of an answer that the document does not name, and objects that it leaves open:
        a client that is made of it would lose them."""
        forms = list(self.forms(schema))
        if isinstance(value, dict):
            named, others = {}, []
            for form in forms:
                named = {**named, **form.get("properties", {})}
                if isinstance(form.get("additionalProperties"), dict):
                    others.append(form["additionalProperties"])
            for name, inner in value.items() if named or others else ():
                of = named.get(name) or (others[0] if others else None)
                if of is None:
                    yield f"{at}/{name}"
                else:
                    yield from self.undescribed(of, inner, f"{at}/{name}")
        elif isinstance(value, list):
            items = [form["items"] for form in forms if "items" in form]
            for n, inner in enumerate(value if items else []):
                yield from self.undescribed({"anyOf": items}, inner, f"{at}/{n}")

    def forms(self, schema):
        """A schema and all that it is made of, by whichever way."""
        schema = self.resolve(schema)
        yield schema
        for way in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(way, ()):
                yield from self.forms(part)

    def unnamed_headers(self, response, names):
        return set(names) - OF_HTTP - {name.lower() for name in response.get("headers", {})}

    def problems(self, response):
        """The kinds of problem that one response of an operation may be."""
        content = self.resolve(response).get("content", {}).get("application/problem+json")
        kinds = [of["properties"]["type"]["enum"] for of in content["schema"].get("allOf", ())
                 if "properties" in of] if content else []
        return {kind.removeprefix("/problems/") for enum in kinds for kind in enum}

    def admits(self, operation, status, slug):
        """Whether the document says that this may be answered; operation None: to any request."""
        described = operation.responses.get(str(status)) if operation else None
        return slug in self.anywhere.get(str(status), ()) or \
            described is not None and slug in self.problems(described)

    def permitted(self, operation, request, answer):
        """What an accepted request must have been, and what its answer may not have."""
        if not operation.roles:
            return
        if request.role not in operation.roles:
            yield f"taken from {request.role}"
        if request.role in operation.actors and not request.actor:
            yield "taken without an officer"
        names = set(re.findall(r'"(\w+)": ?', answer.body.decode("utf-8", "replace")))  # a workbook too
        for name in operation.masked.get(request.role, set()) & names:
            yield f"{name} is masked for {request.role}"
        why = self.wrong_body(operation, request)
        if why and answer.status < 300:
            yield f"taken, with a body that the document forbids: {why}"

    def problem(self, request, answer):
        if answer.kind != "application/problem+json":
            return [f"a refusal of {answer.kind!r}"]
        try:
            body = strict(answer.body)
        except ValueError as error:
            return [f"a refusal that is not JSON: {error}"]
        faults = self.faults({"$ref": "#/components/schemas/Problem"}, body)
        if faults:
            return faults
        if body["status"] != answer.status:
            faults.append(f"it says status {body['status']}")
        if not all(body[n] for n in ("title", "title_zh", "detail", "detail_zh", "instance")):
            faults.append("a title or a detail is empty")
        slug = body["type"].removeprefix("/problems/")
        if slug in ("validation-failed", "malformed-json", "malformed-path") and not body.get("errors"):
            faults.append(f"{slug} that does not say where")
        for e in body.get("errors", ()):
            if not (e["message"]["zh"] and e["message"]["en"]):
                faults.append("an error without words")
            if not re.match(r"(/|path|query|header/|\Z)|(target|head|body)\Z", e["pointer"]):
                faults.append(f"the pointer {e['pointer']!r}")
            elif e["pointer"].startswith("/") and not self.leads(request, e["pointer"]):
                faults.append(f"the pointer {e['pointer']!r} leads nowhere")
        return faults

    @staticmethod
    def leads(request, pointer):
        """Somewhere in what was sent; its last part may be the member that is missing."""
        try:
            at = json.loads(request.body or b"")
        except (ValueError, RecursionError):
            return True  # its own reading of a text that is not JSON
        for part in pointer.split("/")[1:-1]:
            part = part.replace("~1", "/").replace("~0", "~")
            if isinstance(at, dict) and part in at:
                at = at[part]
            elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
                at = at[int(part)]
            else:
                return False
        return isinstance(at, (dict, list))


def strict(body):
    """UTF-8, each member once, no NaN."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=fail)


def once(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member twice")
    return value


def fail(word):
    raise ValueError(word)


def whole(word):
    """1.0 is a whole number to JSON Schema, not to us."""
    return float(word) + 0.5 if float(word).is_integer() else float(word)


def present(value):
    """null counts as absent, at every depth of an object."""
    if isinstance(value, dict):
        return {n: present(v) for n, v in value.items() if v is not None}
    return [present(v) for v in value] if isinstance(value, list) else value
