"""The models that datamodel-code-generator makes of config/openapi.yaml, against the daemon.

What is answered is read by the model of its schema and written again: it is the same, member by
member.  What can be put is put back from the model, in each way that pydantic writes: unset members
left out, null ones left out, all of them spelt out.  Nothing is lost, and no version is made.
"""

import importlib.util
import os
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from generated.contract import Contract
from harness.registers import PLURALS, one_of_each
from harness.trade import DISTRICT, QUARTER, Trade, line

CODE = "123456788"
RETURN = f"/v1/returns/{CODE}/{DISTRICT}/{QUARTER}"
LINE = line("A", 3, insurance=["pension"], education_min="71", skills_required=["K001"],
            shift="rotating", vacant_since="2007-04-01", restrictions=["age"], benefits="工作餐", approval=None,
            interview_contact="面试人丙")


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture(scope="module")
def models():
    path = Path(os.environ["VACANCYD_BUILD"]) / "contract" / "models.py"
    spec = importlib.util.spec_from_file_location("models", path)
    sys.modules["models"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def exchange(daemon):
    """What can be read, by the path of the document that it is of."""
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.must(201, "PUT", RETURN, {
        "nil": False, "staff": 120, "contact": "王某", "telephone": "0371-60000000", "lines": [LINE],
        "closed": []})["vacancies"]["A"]
    agency = "/v1/agencies/" + quote("测试中介")
    trade.must(201, "PUT", agency, {"licence": "豫郑职介2006-017", "district": DISTRICT, "services": ["introduction"],
                                    "from": "2006-01-01", "until": "2008-12-31"})
    person, other = trade.register(1), trade.register(2)
    household = trade.must(201, "POST", "/v1/households", {
        "community": "410105003001", "hukou_type": "urban", "applied_on": "2007-07-02",
        "determined_on": "2007-07-12", "business_income": False, "investment_income": False,
        "members": [{"seeker": person, "able": True, "willing": True}]})["household"]
    officer = trade.must(201, "POST", "/v1/officers", {"name": "新员", "post": "窗口", "scope": "410105"})["officer"]
    placement = trade.must(201, "POST", "/v1/placements", trade.placement(other, vacancy))["placement"]
    paths = {
        "/v1/returns/{employer}/{district}/{quarter}": RETURN,
        "/v1/returns/{employer}/{district}/{quarter}/versions": RETURN + "/versions",
        "/v1/employers/{employer}": f"/v1/employers/{CODE}",
        "/v1/agencies/{agency}": agency,
        "/v1/vacancies/{vacancy}": f"/v1/vacancies/{vacancy}",
        "/v1/vacancies/{vacancy}/matches": f"/v1/vacancies/{vacancy}/matches",
        "/v1/seekers/{seeker}": f"/v1/seekers/{person}",
        "/v1/seekers/{seeker}/matches": f"/v1/seekers/{person}/matches",
        "/v1/households/{household}": f"/v1/households/{household}",
        "/v1/placements/{placement}": f"/v1/placements/{placement}",
        "/v1/officers/{officer}": f"/v1/officers/{officer}",
        **{path: path for path in ("/v1/returns", "/v1/obligations", "/v1/vacancies", "/v1/seekers",
                                   "/v1/households", "/v1/officers", "/v1/progress", "/v1/codes", "/v1/referrals")},
        "/v1/looks": f"/v1/looks?seeker={person}",
        "/v1/actions": f"/v1/actions?officer={officer}",
    }
    for member, entry in one_of_each(trade, person).items():
        plural = PLURALS[member.replace("_", "-")]
        paths |= {f"/v1/{plural}": f"/v1/{plural}", f"/v1/{plural}/{{{member}}}": f"/v1/{plural}/{entry}"}
    return trade, paths


def model_of(models, schema):
    """Of the document's name for it; one of several: the first that is named."""
    while "$ref" not in schema:
        schema = (schema.get("anyOf") or schema["oneOf"])[0]
    return getattr(models, schema["$ref"].rpartition("/")[2])


def written(model, **how):
    return model.model_dump(mode="json", by_alias=True, **how)


def test_what_is_read_is_what_was_answered(exchange, contract, models):
    trade, paths = exchange
    for template, path in paths.items():
        answer = trade.must(200, "GET", path)
        schema = contract.find("GET", template).responses["200"]["content"]["application/json"]["schema"]
        assert written(model_of(models, schema).model_validate(answer), exclude_unset=True) == answer, template


@pytest.mark.parametrize("template", ["/v1/returns/{employer}/{district}/{quarter}", "/v1/employers/{employer}",
                                      "/v1/agencies/{agency}"])
def test_what_is_put_back_is_as_it_was(exchange, contract, models, template):
    trade, paths = exchange
    answer = trade.must(200, "GET", paths[template])
    read = model_of(models, contract.find("GET", template).responses["200"]["content"]["application/json"]["schema"])
    asked = model_of(models, contract.find("PUT", template).schema)
    body = written(read.model_validate(answer), exclude_unset=True)
    writable = {n: v for n, v in body.items() if not
                contract.resolve(contract.find("PUT", template).schema)["properties"][n].get("readOnly")}
    for sent in (body, writable):
        for how in ({"exclude_unset": True}, {"exclude_none": True}, {}):
            again = trade.must(200, "PUT", paths[template], written(asked.model_validate(sent), **how))
            assert again.get("version") == answer.get("version"), how
            assert trade.must(200, "GET", paths[template]) == answer, how
