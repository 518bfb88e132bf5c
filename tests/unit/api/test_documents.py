"""Documents through the API: kept for good, read by those who may."""

import hashlib
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.frontdoor import BODY_MAX
from bingjian.documents.store import SIZE_MAX
from bingjian.journal.append import Journal
from bingjian.rules.library import law
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.documents.files import PDF

URL = "/api/v1/documents"
TEXT = "验收合格\n".encode()
OPEN = {"kind": "opinion", "title": "意见", "holds_base_info": "false"}
ONE, TWO = uuid4(), uuid4()


async def add(client: httpx.AsyncClient, content: bytes = TEXT, **words: object) -> httpx.Response:
    params = {"kind": "acceptance", "title": "验收报告", **words}
    return await client.post(URL, params=params, content=content)


async def added(client: httpx.AsyncClient, content: bytes = TEXT, **words: object) -> str:
    answer = await add(client, content, **words)
    assert answer.status_code == 201, answer.text
    return f"{URL}/{answer.json()['id']}"


def stored(tmp_path: Path, content: bytes) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    return tmp_path / "documents" / sha256[:2] / sha256


async def test_kept_listed_and_read_back(enter: Enter, tmp_path: Path, journal: Journal) -> None:
    archivist = await enter(Role.ARCHIVIST)
    one = await added(archivist, PDF, file_name="报告.exe", division="230102")
    assert stored(tmp_path, PDF).read_bytes() == PDF
    told = (await archivist.get(one)).json()
    assert (told["title"], told["version"]["media_type"]) == ("验收报告", "application/pdf")
    content = await archivist.get(f"{one}/versions/1/content")
    assert content.content == PDF
    assert content.headers["content-type"] == "application/pdf"
    assert (
        content.headers["content-disposition"] == f'attachment; filename="acceptance-{told["id"][:8]}-v1.pdf"'
    )
    assert content.headers["content-security-policy"].startswith("sandbox")
    assert content.headers["x-content-type-options"] == "nosniff"
    assert (await kinds(journal))[-2:] == ["document.stored", "document.opened"]
    listed = (await archivist.get(URL, params={"q": "验收"})).json()["items"]
    assert [row["id"] for row in listed] == [told["id"]]


@pytest.mark.parametrize(("number", "status"), [(1, 403), (2, 201), (3, 403)])
async def test_R17_3_a_new_version_stands_beside_those_before(enter: Enter, number: int, status: int) -> None:
    archivist = await enter(Role.ARCHIVIST)
    one = await added(archivist, TEXT)
    answer = await archivist.post(f"{one}/versions", params={"number": number}, content=PDF)
    assert answer.status_code == status, answer.text
    first = await archivist.get(f"{one}/versions/1/content")
    assert first.content == TEXT
    if status == 403:
        assert (answer.json()["code"], answer.json()["article"]) == ("R17.3", "17")
        assert [row["number"] for row in (await archivist.get(one)).json()["versions"]] == [1]
    else:
        assert (await archivist.get(f"{one}/versions/2/content")).content == PDF


async def test_R17_3_nobody_deletes(enter: Enter, journal: Journal) -> None:
    archivist = await enter(Role.ARCHIVIST)
    one = await added(archivist)
    answer = await archivist.delete(one)
    assert (answer.status_code, answer.json()["code"]) == (403, "R17.3")
    assert (await kinds(journal))[-1] == "refusal"
    assert (await archivist.get(f"{one}/versions/1/content")).content == TEXT


async def test_R17_3_a_changed_byte_on_disk_is_named_and_not_handed_out(enter: Enter, tmp_path: Path) -> None:
    archivist = await enter(Role.ARCHIVIST)
    one = await added(archivist)
    await archivist.post(f"{one}/versions", params={"number": 2}, content=PDF)
    whole = (await archivist.get(f"{one}/verify")).json()
    assert whole["is_whole"] is True
    file = stored(tmp_path, PDF)
    changed = bytearray(PDF)
    changed[-8] ^= 1
    file.write_bytes(changed)
    told = (await archivist.get(f"{one}/verify")).json()
    assert [row["is_whole"] for row in told["versions"]] == [True, False]
    assert one.rsplit("/", 1)[1] in told["versions"][1]["reason"]
    answer = await archivist.get(f"{one}/versions/2/content")
    assert (answer.status_code, answer.json()["code"]) == (403, "R17.3")
    file.unlink()
    assert (await archivist.get(f"{one}/verify")).json()["is_whole"] is False
    assert (await archivist.get(f"{one}/versions/1/content")).content == TEXT


async def test_R17_3_reading_needs_the_right_to_base_information(enter: Enter) -> None:
    archivist, builder = await enter(Role.ARCHIVIST), await enter(Role.BUILDER, organisation=ONE)
    theirs = await added(archivist, TEXT, kind="design", title="中央大街 12 号", holds_base_info="false")
    answer = await builder.get(f"{theirs}/versions/1/content")
    assert (answer.status_code, answer.json()["code"]) == (403, "R17.3")
    assert "中央大街" not in answer.text
    told = await builder.get(theirs)
    assert (told.json()["title"], told.json()["version"]["file_name"]) == (None, None)
    assert (await builder.get(URL, params={"q": "中央"})).json()["items"] == []
    own = await added(builder, PDF)
    assert (await builder.get(f"{own}/versions/1/content")).content == PDF
    free = await added(archivist, TEXT, **OPEN)
    assert (await builder.get(f"{free}/versions/1/content")).content == TEXT


@pytest.mark.parametrize("secrecy", sorted(law().codes("secrecy_kept")))
async def test_R6_1_state_secrets_are_never_handed_out(enter: Enter, secrecy: str) -> None:
    archivist = await enter(Role.ARCHIVIST, organisation=ONE)
    one = await added(archivist, TEXT, secrecy=secrecy)
    answer = await archivist.get(f"{one}/versions/1/content")
    assert (answer.status_code, answer.json()["article"]) == (403, "6")
    assert "R6.1" in {row["code"] for row in answer.json()["refusals"]}
    assert (await archivist.get(one)).json()["version"]["sha256"] == hashlib.sha256(TEXT).hexdigest()


async def test_R6_1_trade_secrets_go_to_whom_is_named(enter: Enter) -> None:
    owner = await enter(Role.ARCHIVIST, organisation=ONE)
    other = await enter(Role.ARCHIVIST, organisation=TWO)
    one = await added(owner, TEXT, secrecy="trade")
    assert (await owner.get(f"{one}/versions/1/content")).content == TEXT
    answer = await other.get(f"{one}/versions/1/content")
    assert (answer.status_code, answer.json()["code"]) == (403, "R6.1")
    named = await owner.put(f"{one}/recipients", json={"recipients": [str(TWO)]})
    assert named.json()["recipients"] == [str(TWO)]
    assert (await other.get(f"{one}/versions/1/content")).content == TEXT


async def test_R27_3_what_lies_elsewhere_is_as_what_is_not_there(enter: Enter) -> None:
    city = await enter(Role.ARCHIVIST)
    near = await enter(Role.ARCHIVIST, areas=("230102",))
    theirs, whole_city = await added(city, division="230103"), await added(city)
    own = await added(city, division="230102")
    nothing = f"{URL}/{uuid4()}"
    for method, below in (("GET", ""), ("GET", "/versions/1/content"), ("GET", "/verify"), ("DELETE", "")):
        answers = [await near.request(method, f"{one}{below}") for one in (theirs, whole_city, nothing)]
        told = [{**answer.json(), "instance": ""} for answer in answers]
        assert told[0] == told[1] == told[2]
        assert (told[0]["status"], told[0]["code"]) == (404, "not_there")
    versions = await near.post(f"{theirs}/versions", params={"number": 2}, content=TEXT)
    assert versions.json()["code"] == "not_there"
    assert [f"{URL}/{row['id']}" for row in (await near.get(URL)).json()["items"]] == [own]
    elsewhere, unknown = [await add(near, division=division) for division in ("230103", "990000")]
    assert elsewhere.json()["errors"] == unknown.json()["errors"]
    assert elsewhere.json()["code"] == "document_field_not_accepted"


async def test_page_after_page(enter: Enter) -> None:
    archivist = await enter(Role.ARCHIVIST)
    ids = {(await added(archivist, TEXT, **OPEN)) for _ in range(5)}
    found, cursor = list[str](), None
    for _ in range(3):
        page = (
            await archivist.get(URL, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        found, cursor = found + [f"{URL}/{row['id']}" for row in page["items"]], page["next"]
    assert (len(found), set(found), cursor) == (5, ids, None)
    bad = await archivist.get(URL, params={"cursor": "WyJhIiwgImIiXQ"})
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_cursor")


async def test_a_file_may_be_larger_than_other_bodies_and_has_its_own_bound(
    enter: Enter,
) -> None:
    archivist = await enter(Role.ARCHIVIST)
    await added(archivist, b"a" * (BODY_MAX + 1))
    announced = await archivist.post(
        URL,
        params={"kind": "x", "title": "x"},
        content=TEXT,
        headers={"Content-Length": str(SIZE_MAX + 1)},
    )
    assert (announced.status_code, announced.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("size", [99, 100, 101])
async def test_nothing_is_kept_of_a_file_that_is_too_large(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int
) -> None:
    monkeypatch.setattr("bingjian.documents.store.SIZE_MAX", 100)
    archivist = await enter(Role.ARCHIVIST)
    answer = await add(archivist, b"a" * size)
    assert (answer.status_code == 201) == (size <= 100)
    assert list(tmp_path.rglob("documents/*/*")) == ([stored(tmp_path, b"a" * size)] if size <= 100 else [])
    if size > 100:
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


async def test_what_is_hostile_is_refused_with_a_sentence_and_leaves_nothing(
    enter: Enter, tmp_path: Path
) -> None:
    archivist = await enter(Role.ARCHIVIST)
    answer = await add(archivist, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    assert (answer.status_code, answer.json()["code"]) == (422, "file_active")
    assert (await add(archivist, b"")).json()["code"] == "file_broken"
    assert list(tmp_path.rglob("documents/*")) == []
    assert (await archivist.get(URL)).json()["items"] == []


async def test_what_is_wrong_is_named(enter: Enter) -> None:
    archivist = await enter(Role.ARCHIVIST)
    builder = await enter(Role.BUILDER, organisation=ONE)
    assert (await add(archivist, secrecy="cosmic")).json()["errors"][0]["field"] == "secrecy"
    assert (await add(archivist, subject_kind="system")).json()["errors"][0]["field"] == "subject"
    assert (await add(builder, organisation=str(TWO))).json()["errors"][0]["field"] == "organisation"
    assert (await add(archivist, kind="X Y")).status_code == 422
