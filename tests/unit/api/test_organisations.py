"""Organisations through the API."""

from bingjian.access.decisions import Role
from tests.unit.api.conftest import Enter

URL = "/api/v1/organisations"


async def test_added_changed_and_found_again(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    added = await registrar.post(URL, json={"name": "松花江安防公司", "body": "firm"})
    assert added.status_code == 201, added.text
    one = f"{URL}/{added.json()['id']}"
    changed = await registrar.patch(one, json={"version": 1, "contact": "王五 0451-1"})
    assert (changed.json()["version"], changed.json()["contact"]) == (2, "王五 0451-1")
    stale = await registrar.patch(one, json={"version": 1, "contact": "李四"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert stale.json()["errors"] == [{"field": "contact", "detail": "changed since"}]
    found = await registrar.get(URL, params={"q": "shj", "body": "firm"})
    assert [row["name"] for row in found.json()["items"]] == ["松花江安防公司"]


async def test_everybody_reads_only_registrars_and_the_data_authority_change(enter: Enter) -> None:
    watcher = await enter(Role.WATCHER)
    assert (await watcher.get(URL)).status_code == 200
    assert (await watcher.post(URL, json={"name": "x"})).json()["code"] == "R27.1"


async def test_what_is_wrong_is_named(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    answer = await registrar.post(URL, json={"name": "x", "division": "2301", "credit_code": "1"})
    fields = {problem["field"] for problem in answer.json()["errors"]}
    assert (answer.status_code, fields) == (422, {"body.division", "body.credit_code"})
