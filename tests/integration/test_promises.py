"""What is promised (rules/promises), each with the tests that would break: they are there."""

import re

from harness import SOURCE

NAMED = re.compile(r"^   (\w+\.(?:py|c))::(\w+)$")
PROMISE = re.compile(r"^(\d+)\. [A-Z][ -~]+\. (?=.*[一-鿿]).*。$")
FILES = [path for folder in ("integration", "faults", "unit") for path in (SOURCE / "tests" / folder).iterdir()]
PAGE = (SOURCE / "config" / "rules" / "promises").read_text("utf-8")


def wrong_in(page):
    """What is wrong with the promises of a page, in words."""
    rule = page.partition("## Rule · 规则")[2].partition("\n## ")[0]
    start = rule.index("\n1. ")
    wrong, tests, numbers = [], {}, []
    for text in rule[start:].strip().splitlines():
        promise, named = PROMISE.match(text), NAMED.match(text)
        if promise:
            numbers.append(int(promise[1]))
            tests[numbers[-1]] = []
        elif named and numbers:
            tests[numbers[-1]].append(named.groups())
        else:
            wrong.append(f"neither a promise in both languages nor a test: {text}")
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append(f"numbered {numbers}")
    wrong += [f"{n} names no test" for n, named in tests.items() if not named]
    wrong += [f"{n}: no test {file}::{name}" for n, named in tests.items() for file, name in named
              if not is_run(file, name)]
    return wrong


def is_run(file, name):
    """One file of that name has it, as a test: of pytest by its name, of cmocka by its list."""
    found = [path for path in FILES if path.name == file]
    if len(found) != 1:
        return False
    text = found[0].read_text("utf-8")
    if file.endswith(".py"):
        return name.startswith("test_") and re.search(rf"^def {name}\(", text, re.M) is not None
    return re.search(rf"^static void {name}\(void \*\*state\)", text, re.M) is not None \
        and re.search(rf"^\t\t\w+\({name}\b", text, re.M) is not None


def test_each_promise_names_tests_and_they_are_there():
    assert wrong_in(PAGE) == []
    assert PAGE.count("::") >= 50


def test_a_promise_without_its_test_is_noticed():
    """Of a promise the test taken away, another's name or file, a language missing, a number left out."""
    some = "   test_exactly_once.py::test_the_last_post_goes_to_one_of_fifty\n"
    assert PAGE.count(some) == 1
    for was, now in ((some, ""), (some, some.replace("fifty", "fifth")), (some, some.replace("once.py", "one.py")),
                     (some, some.replace("test_the", "the")), ("最后一个岗位只归一人。", ""), ("\n3. ", "\n4. "),
                     ("a_cursor_does_not_tell_its_keys", "mask_of")):
        assert PAGE.count(was) == 1 and wrong_in(PAGE.replace(was, now)), was
