"""Every way to ask for one text: HEAD, a coding, a copy kept before, a page of another origin.

What is asked of each answer holds for all of them together, so they are all tried together.
"""

import gzip
import itertools
import re

from harness.daemon import id_in

DESK = "https://desk.example"
PUBLIC = ("/openapi.yaml", "/openapi.json", "/rules", "/rules/order", "/problems/vacancy-filled")
KEYED = ("/v1/codes", "/v1/codes/occupations", "/v1/codes/occupations?parent=4-07", "/v1/progress", "/v1/officers",
         "/v1/employers/000000000", "/v1/codes/nothing")
# What is sent, and whether an answer of more than 1,000 bytes, and one of fewer, is packed for it.
ASKED = ((None, False, False), ("gzip", True, False), ("br, x-gzip;q=0.5", True, False),
         ("gzip, deflate, br, zstd", True, False), ("*", True, False), ("identity", False, False), ("", False, False),
         ("gzip;q=0", False, False), ("gzip;q=0.5, identity", False, False), ("gzip, identity;q=0", True, True),
         ("identity;q=0", False, False), ("nonsense;;;, gzip;q=9", False, False))


def words(text):
    return {w.strip().lower() for w in (text or "").split(",") if w.strip()}


def ask(daemon, method, path, coding=None, tag=None, origin=None):
    """Without the coding that Python's client names by itself, unless one is given."""
    headers = {"Accept-Encoding": "" if coding is None else coding, "If-None-Match": tag, "Origin": origin}
    return daemon.request(method, path, daemon.keys["bureau"] if path in KEYED else None, headers=headers)


def check(daemon, plain, path, how):
    method, (coding, packs_long, packs_short), kept, origin = how
    packed = plain.status == 200 and (packs_long if len(plain.body) > 1000 else packs_short)
    tag = plain.headers.get("etag")
    if tag and packed:
        tag = tag[:-1] + '-gzip"'
    sent = {"none": None, "other": '"0"', "this": tag and f'"0", W/{tag}', "any": "*"}[kept]
    found = ask(daemon, method, path, coding, sent, origin)
    has_it = tag is not None and kept in ("this", "any")
    assert found.status == (304 if has_it else plain.status)
    assert found.headers.get("etag") == tag
    assert found.headers["cache-control"] == plain.headers["cache-control"]
    assert found.headers.get("access-control-allow-origin") == origin
    assert words(found.headers["vary"]) == ({"origin", "accept-encoding"} if plain.status == 200 else {"origin"})
    if has_it:
        assert found.body == b"" and not {"content-length", "content-encoding"} & set(found.headers)
        return
    assert found.headers["content-type"] == plain.headers["content-type"]
    assert found.headers.get("content-encoding") == ("gzip" if packed else None)
    if method == "HEAD":
        assert found.body == b"" and int(found.headers["content-length"]) > 0
        if plain.status == 200:
            assert found.headers["content-length"] == ask(daemon, "GET", path, coding).headers["content-length"]
        return
    assert int(found.headers["content-length"]) == len(found.body)
    text = gzip.decompress(found.body) if packed else found.body
    assert text == plain.body or plain.status != 200
    if packs_long and packed and len(plain.body) > 1000:
        assert len(found.body) < len(plain.body) / (4 if len(plain.body) > 10000 else 1.2)


def test_every_way_to_ask(make_daemon):
    daemon = make_daemon(cors_origins=DESK)
    for path in PUBLIC + KEYED:
        plain = ask(daemon, "GET", path)
        assert "content-encoding" not in plain.headers
        for how in itertools.product(("GET", "HEAD"), ASKED, ("none", "other", "this", "any"), (None, DESK)):
            try:
                check(daemon, plain, path, how)
            except AssertionError as wrong:
                raise AssertionError(f"{path}: {how}") from wrong


def test_the_version_that_a_packed_record_had_can_be_changed(daemon):
    """Its tag is one of the record's, whichever form the change is answered in."""
    bureau = daemon.keys["bureau"]
    path = f"/v1/officers/{id_in(daemon.new_officer(bureau))}"
    both = {"Accept-Encoding": "gzip, identity;q=0"}
    read = daemon.request("GET", path, bureau, headers=both)
    assert read.headers["content-encoding"] == "gzip" and re.fullmatch(r'"\d+-gzip"', read.headers["etag"])
    changed = daemon.request("PATCH", path, bureau, {"post": "科长"}, headers={**both, "If-Match": read.headers["etag"]})
    assert changed.status == 200 and "content-encoding" not in changed.headers
    again = daemon.request("PATCH", path, bureau, {"post": "窗口"}, headers={**both, "If-Match": read.headers["etag"]})
    assert again.status == 412
    assert daemon.request("GET", path, bureau, headers={"If-None-Match": changed.headers["etag"]}).status == 304


def test_what_shows_a_secret_or_repeats_what_was_sent_is_not_packed(daemon):
    all_of_it = {"Accept-Encoding": "gzip, identity;q=0"}
    made = daemon.admin("POST", "/keys", {"role": "bureau", "org_name": "郑州市劳动保障局", "scope": "4101"},
                        headers=all_of_it)
    assert made.json["key"] and "content-encoding" not in made.headers
    bureau = daemon.keys["bureau"]
    officer = id_in(daemon.actors[bureau])
    renewed = daemon.request("POST", f"/v1/officers/{officer}/secret", bureau, headers=all_of_it)
    assert renewed.json["actor"] and "content-encoding" not in renewed.headers
    refused = daemon.request("GET", "/v1/vacancies?" + "&".join(f"x{i}=1" for i in range(16)), headers=all_of_it,
                             key=daemon.keys["agency"])
    assert refused.status == 422 and len(refused.body) > 1000 and "content-encoding" not in refused.headers


def test_a_text_and_its_packed_form_change_together(daemon):
    """Each path has its own, though all are kept by their tags."""
    tags = set()
    for path in PUBLIC:
        one = daemon.request("GET", path, headers={"Accept-Encoding": "gzip"})
        two = daemon.request("GET", path, headers={"Accept-Encoding": "gzip"})
        assert one.body == two.body
        tags.add(one.headers["etag"])
    assert len(tags) == len(PUBLIC)
