"""Values of a schema: right ones, nearly right ones, and JSON that no library would write.

What a schema says is kept to the letter; which codes, places and people there are
is asked of the stage, by the name of the member.  Sealed members carry marks by
which the tests know them again wherever they turn up.
"""

import json
import re

from harness.trade import citizen_number
from hypothesis import strategies as st

NUMBER = st.integers(0, 0xffff)
# In every sealed value that is generated; in nothing else.
NAME, STREET, TELEPHONE, CONTACT = "某密", "密街", "1380013", "联密"
DAYS = ("2007-07-12", "2007-07-11", "2007-07-01", "2007-06-11", "2007-01-10", "2007-12-31",
        "2006-01-01", "2007-07-16", "2008-06-30", "2005-02-28", "1990-01-01")
ODD_DAYS = ("2007-02-29", "2007-02-30", "2007-13-01", "0000-01-01", "9999-12-31", "2007-7-1",
            "2007-07-12T00:00:00Z", "10000-01-01", "-001-01-01", "infinity", "today", "1582-10-10",
            "2007-00-00", "20070712", "２００７-07-12", " 2007-07-12", "2007-07-12\n", "epoch")


class Raw(str):
    """A value as it stands in the text."""


class Pairs(list):
    """An object as it is written: names may repeat."""


def pick(draw, pool):
    """One of a pool that grows while the tests run."""
    return pool[draw(NUMBER) % len(pool)]


def dump(value):
    """JSON text; lone surrogates as escapes."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        value = Pairs(value.items())
    if isinstance(value, Pairs):
        return "{" + ",".join(dump(n) + ":" + dump(v) for n, v in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(v) for v in value) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m.group()):04x}", text)


# Texts that found holes elsewhere: controls, surrogates, bidi, normal forms, SQL, formats, regexes.
ODD_TEXTS = ("", " ", "\t", "a\nb", "a\x00b", "\x1f", "\x7f", "\x85", "\ud800", "\udfff\ud800", "\U0001f600",
             "\u202eabc", "\u200b", "\ufeff", "\ufffe", "e\u0301", "Ａ",
             "'; DROP TABLE ledger.seeker; --", "%s%n%n",
             "%", "_", "\\", "\\u0000", '"', "${jndi:ldap://x}", "<script>", "../../etc/passwd", "NULL",
             "null", "true", "0", "-1", "NaN", "1e999", "(((((((((", "[a-", "\u4e00" * 40,
             "x" * 41, "x" * 61, "x" * 201, "x" * 5000, "𠮷" * 50, "410105003001 ", "４１０１０５",
             "{}", "{1,2}", "\\x00", "99999999999999999999", "K001\x00", "4-07-05-01\n")
ODD_NUMBERS = (0, -1, 1, 2147483647, 2147483648, -2147483649, 9007199254740993, 9223372036854775807,
               9223372036854775808, Raw("-0"), Raw("1.0"), Raw("0.5"), Raw("1e2"), Raw("1e999"),
               Raw("-1e999"), Raw("1e-999"), Raw("1" + "0" * 400), Raw("0." + "1" * 400), Raw("NaN"),
               Raw("Infinity"), Raw("01"), Raw("+1"), Raw(".5"), Raw("1."), Raw("0x10"))
ODD_VALUES = (None, True, False, 0, 1, "", "x", [], {}, [[]], [None], {"": None}, Raw(""),
              Raw("[" * 9 + "]" * 9), Raw("[" * 3000 + "]" * 3000), Raw('{"a":' * 30 + "1" + "}" * 30),
              Raw('{"a":1,"a":2}'), Raw("undefined"), Raw("'x'"), Raw("/**/1"), Raw('"\\ud800"'),
              Raw('"\\u0000"'), Raw('"\\x"'), Raw('"\\uZZZZ"'), Raw('"a'), Raw("[1,]"), Raw("tru"))


class Values:
    """Of one document, on one stage."""

    def __init__(self, document, stage):
        self.document = document
        self.pools = stage.pools
        self.codes = stage.codes
        self.sequence = 5000
        self.of_people = True  # in the body at hand, a name is a person's

    def resolve(self, node):
        name = None
        while "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node, name

    def person(self):
        """The number of somebody new."""
        self.sequence += 1
        return citizen_number(self.sequence)

    def known(self, draw, member, ref):
        """By what the member is called, something that exists; None when the name says nothing."""
        if member in ("name", "evidence"):
            return f"{NAME if self.of_people else '名'}{draw(st.integers(0, 99))}"
        if member == "telephone":
            return f"{TELEPHONE if self.of_people else '037100'}{draw(st.integers(0, 9999)):04d}"
        if member == "address":
            return f"{STREET}{draw(st.integers(0, 99))}号"
        if member in ("contact", "interview_contact"):
            return f"{CONTACT}{draw(st.integers(0, 99))}"
        if member == "citizen_number":
            return pick(draw, self.pools["citizen_number"]) if draw(st.booleans()) else self.person()
        if ref in ("Day",):
            return pick(draw, DAYS)
        pool = self.pools.get(member) or self.pools.get(ref)
        return pick(draw, pool) if pool else None

    def good(self, draw, node, member=None):
        """A value of the schema."""
        node, ref = self.resolve(node)
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return pick(draw, node["enum"])
        for word in ("anyOf", "oneOf", "allOf"):
            if word in node and "properties" not in node:  # beside members, what one demands of another
                return self.good(draw, pick(draw, node[word]), member)
        kind = node.get("type", "object" if "properties" in node else "string")
        if isinstance(kind, list):
            kind = pick(draw, [kind[0], kind[0], kind[-1]])
        if kind == "null":
            return None
        if kind == "object":
            return self.object(draw, node)
        if kind == "array":
            return self.array(draw, node, member)
        if kind == "boolean":
            return draw(st.booleans())
        if kind in ("integer", "number"):
            least, most = node.get("minimum", 0), node.get("maximum", 1000)
            return pick(draw, [least, most, min(most, least + 1), (least + most) // 2, 2007, 40]) \
                if draw(st.integers(0, 3)) == 0 else draw(st.integers(least, min(most, least + 30)))
        said = re.search("/v1/codes/([a-z-]+)", node.get("description", ""))
        value = pick(draw, self.codes(said[1])) if said else self.known(draw, member, ref)
        if value is not None:
            return value
        if "pattern" in node:
            return draw(st.from_regex(node["pattern"].replace("$", r"\Z"), fullmatch=True))
        least = max(1, node.get("minLength", 1))
        size = draw(st.integers(least, max(least, min(12, node.get("maxLength", 12)))))
        return "".join(draw(st.sampled_from("甲乙丙丁abc 123")) for _ in range(size)).strip() or "甲"

    def object(self, draw, node):
        value = {}
        often = draw(st.integers(0, 3))  # of the members that may be left out
        for name, of in node.get("properties", {}).items():
            if name in node.get("required", ()) or draw(st.integers(0, 3)) < often:
                value[name] = self.good(draw, of, name)
        return value

    def array(self, draw, node, member):
        least = node.get("minItems", 0)
        wanted = draw(st.integers(least, min(node.get("maxItems", 3), least + 2)))
        values = [self.good(draw, node["items"], member) for _ in range(wanted)]
        if node.get("uniqueItems"):
            values = [v for i, v in enumerate(values) if v not in values[:i]]
        return values

    def wrong(self, draw, node, member):
        """A value that may be right for the place, and mostly is not."""
        node, ref = self.resolve(node)
        kind = node.get("type")
        ways = [ODD_VALUES]
        if kind == "string" or isinstance(kind, list) and "string" in kind or kind is None:
            ways += [ODD_TEXTS, ODD_TEXTS]
            if ref == "Day" or "anyOf" in node:
                ways.append(ODD_DAYS)
            if "maxLength" in node:
                ways.append(("长" * node["maxLength"], "长" * (node["maxLength"] + 1)))
            if "minLength" in node:
                ways.append(("x" * node["minLength"], "x" * (node["minLength"] - 1)))
        if kind == "integer" or isinstance(kind, list) and "integer" in kind:
            edges = [e + d for e in (node.get("minimum", 0), node.get("maximum", 0)) for d in (-1, 0, 1)]
            ways += [ODD_NUMBERS, edges]
        if kind == "array" or isinstance(kind, list) and "array" in kind:
            one = self.good(draw, node["items"], member)
            many = node.get("maxItems", 20)
            ways += [([one, one], [one] * many, [one] * (many + 1), [None], [one, None], [[one]])]
        value = pick(draw, pick(draw, ways))
        sealed = {"name": NAME, "telephone": TELEPHONE, "address": STREET, "citizen_number": self.person()}
        if self.of_people and member in sealed and isinstance(value, str) and not isinstance(value, Raw) \
                and draw(st.booleans()):
            value = sealed[member] + value
        return value

    def places(self, node, value, path=()):
        """(path, schema) of everything in a value that the schema knows."""
        node, _ = self.resolve(node)
        for word in ("anyOf", "oneOf", "allOf"):
            if word in node and "properties" not in node:
                node = self.resolve(node[word][0])[0]
        yield path, node
        if isinstance(value, dict):
            for name, of in node.get("properties", {}).items():
                yield from self.places(of, value.get(name), (*path, name))
        elif isinstance(value, list) and "items" in node:
            for i, v in enumerate(value):
                yield from self.places(node["items"], v, (*path, i))

    def nearly(self, draw, node):
        """(value, what is wrong): right but for one or two places."""
        value, notes = self.good(draw, node), []
        for _ in range(draw(st.integers(1, 2))):
            path, at = pick(draw, list(self.places(node, value)))
            member = next((p for p in reversed(path) if isinstance(p, str)), None)
            way = draw(st.sampled_from(("wrong", "wrong", "wrong", "wrong", "missing", "null",
                                        "unknown", "twice")))
            if way == "wrong":
                new = self.wrong(draw, at, member)
                value = changed(value, path, lambda _, new=new: new)
            elif way == "null":
                value = changed(value, path, lambda _: None)
            elif way == "missing" and path:
                value = changed(value, path[:-1], lambda v, n=path[-1]: without(v, n))
            else:
                name = path[-1] if way == "twice" and path and isinstance(path[-1], str) else pick(
                    draw, ("unknown", "Name", "__proto__", "", "\x00", "\ud800", "a" * 300, "$ref", "名"))
                at = path[:-1] if path and isinstance(path[-1], str) else path
                value = changed(value, at, lambda v, n=name: added(v, n))
            notes.append(f"{way} at /{'/'.join(map(str, path))}")
        return value, ", ".join(notes)


def changed(value, path, change):
    if not path:
        return change(value)
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, first: changed(value.get(first), rest, change)}
    if isinstance(value, Pairs):
        return Pairs((n, changed(v, rest, change) if n == first else v) for n, v in value)
    if isinstance(value, list) and isinstance(first, int) and first < len(value):
        return [*value[:first], changed(value[first], rest, change), *value[first + 1:]]
    return value


def without(value, name):
    if isinstance(value, dict):
        return {n: v for n, v in value.items() if n != name}
    if isinstance(value, list) and not isinstance(value, Pairs) and isinstance(name, int):
        return value[:name] + value[name + 1:]
    return value


def added(value, name):
    if isinstance(value, Pairs):
        return Pairs([*value, (name, 1)])
    if isinstance(value, dict):
        return Pairs([*value.items(), (name, value.get(name, 1))])
    return value
