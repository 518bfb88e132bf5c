"""What every answer has: headers, problems, an id; and the description of it all."""

import json
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.app import create_app, describe
from bingjian.api.platform import Platform
from bingjian.journal import proofs
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.note import Verifier
from bingjian.tlog.tree import check_consistency, leaf_hash
from tests.unit.api.conftest import ORIGIN, Enter, KeepingWorker


async def test_every_answer_has_its_headers_and_id(enter: Enter) -> None:
    client = await enter()
    for path in ("/healthz", "/api/v1/nothing", "/api/v1/cameras", "/", "/x/../y"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        http, ws = (f"{way}://127.0.0.1:8810 {way}://127.0.0.1:8809" for way in ("http", "ws"))
        assert f"connect-src 'self' {http} {ws}" in policy
        assert "server" not in headers
        assert headers["x-request-id"]


async def test_unknown_paths_and_methods_are_problems(enter: Enter) -> None:
    client = await enter()
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api", 404),
        ("PUT", "/api/v1/session", 405),
        ("POST", "/anything", 405),
    ):
        answer = await client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


async def test_a_bug_shows_its_id_and_nothing_else(
    platform: Platform, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def reports(self) -> None:
            raise ZeroDivisionError("secret detail")

        volumes = reports

        def all(self) -> tuple[()]:
            return ()

    client = await enter(bearer="console-token", over=replace(platform, workers=Broken()))  # type: ignore[arg-type]  # a bug
    answer = await client.get("/api/v1/system")
    assert (answer.status_code, answer.json()["code"]) == (500, "bug")
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_body_without_end_is_cut_short(enter: Enter) -> None:
    client = await enter()
    answer = await client.post("/api/v1/session", content=b" " * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_health_says_one_word(enter: Enter, platform: Platform) -> None:
    client = await enter()
    assert (await client.get("/healthz")).text == "ok"
    assert (await client.get("/readyz")).text == "waiting"
    await platform.workers.look()
    await platform.workers.look()
    assert (await client.get("/readyz")).text == "ready"


async def test_metrics_want_their_own_token(enter: Enter, platform: Platform, worker: KeepingWorker) -> None:
    worker.room = {"size_bytes": 10, "free_bytes": 5}
    await platform.workers.look()
    assert (await (await enter(bearer="console-token")).get("/metrics")).status_code == 401
    answer = await (await enter(bearer="metrics-token")).get("/metrics")
    assert 'bingjian_worker_up{worker="media-0"} 1.0' in answer.text
    assert 'bingjian_volume_free_bytes{path="/v"} 5.0' in answer.text


async def test_the_application_and_its_pages(enter: Enter, platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>冰鉴</title>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("js")
    (tmp_path / ".secret").write_text("no")
    (tmp_path.parent / "outside").write_text("no")
    client = await enter(over=replace(platform, web_root=tmp_path))
    for page in ("/", "/cameras", "/watch/live"):
        answer = await client.get(page)
        assert (answer.text, answer.headers["cache-control"]) == ("<title>冰鉴</title>", "no-cache")
    answer = await client.get("/assets/app-1a2b.js")
    assert (answer.text, "immutable" in answer.headers["cache-control"]) == ("js", True)
    assert (await client.get("/assets/gone.js")).status_code == 404
    for path in ("/.secret", "/%2e%2e/outside", "/assets/..%2f..%2foutside", "//etc/passwd", "/%00"):
        answer = await client.get(path)
        assert answer.text != "no", path
        assert "root:" not in answer.text


async def test_people_are_the_sysadmins(enter: Enter) -> None:
    client = await enter(bearer="console-token")
    answer = await client.post("/api/v1/people", json={"name": "李雷", "roles": ["watcher"]})
    added = answer.json()
    assert (answer.status_code, len(added["generated_password"]) >= 20) == (201, True)
    signed_in = await (await enter()).post(
        "/api/v1/session", json={"name": "李雷", "password": added["generated_password"]}
    )
    assert signed_in.status_code == 201
    again = await client.post("/api/v1/people", json={"name": "李雷", "roles": ["watcher"]})
    assert again.json()["code"] == "person_name_taken"
    both = await client.post("/api/v1/people", json={"name": "b", "roles": ["auditor", "sysadmin"]})
    assert both.json()["code"] == "roles_forbidden"
    short = await client.post("/api/v1/people", json={"name": "b", "roles": ["watcher"], "password": "x"})
    assert (short.status_code, short.json()["code"]) == (422, "password_too_short")
    closed = await client.patch(f"/api/v1/people/{added['id']}", json={"enabled": False})
    assert closed.json()["enabled"] is False
    people = (await client.get("/api/v1/people")).json()["items"]
    assert [(one["name"], "generated_password" in one) for one in people] == [("李雷", False)]


async def test_the_journal_is_the_auditors(enter: Enter) -> None:
    client = await enter(Role.AUDITOR)
    first = (await client.get("/api/v1/journal", params={"limit": 1})).json()
    assert first["items"][0]["kind"] == "session.signed_in"
    rest = (await client.get("/api/v1/journal", params={"cursor": first["next"]})).json()
    assert [item["kind"] for item in rest["items"]] == ["person.added"]
    named = (await client.get("/api/v1/journal", params={"newest": 0})).json()
    assert [item["sequence"] for item in named["items"]] == [0]
    far = (await client.get("/api/v1/journal", params={"newest": 10**12, "limit": 1})).json()
    assert [item["sequence"] for item in far["items"]] == [1]
    assert (await client.get("/api/v1/journal", params={"newest": -1})).status_code == 422
    for cursor in ("WyJ4Il0", "WyItMSJd", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OSJd"):
        assert (await client.get("/api/v1/journal", params={"cursor": cursor})).status_code in (200, 400)


async def test_the_journals_log_is_shown_to_the_auditor(enter: Enter) -> None:
    client = await enter(Role.AUDITOR)
    head = (await client.get("/api/v1/journal/checkpoint")).json()
    assert head["text"].startswith(f"{head['origin']}\n{head['size']}\n{head['root']}\n\n")
    log = Verifier.parse(head["key"])
    answer = await client.get("/api/v1/journal/0/proof")
    assert "journal-0.tlog-proof" in answer.headers["content-disposition"]
    assert proofs.check(answer.content, log).opening.body["kind"] == "person.added"
    assert "extra" not in (await client.get("/api/v1/journal/0/proof", params={"opening": False})).text
    growth = (await client.get("/api/v1/journal/consistency", params={"from": 1})).json()
    now = Checkpoint.of_text(growth["checkpoint"].split("\n\n")[0] + "\n")
    old_root = leaf_hash(proofs.check(answer.content, log).opening.commitment("person.added"))
    check_consistency(1, old_root, now.size, now.root, list(map(b64decode, growth["hashes"])))


async def test_what_the_journals_log_does_not_have(enter: Enter) -> None:
    client = await enter(Role.AUDITOR)
    for path in ("99/proof", "consistency?from=99"):
        answer = await client.get(f"/api/v1/journal/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_in_journal")
    for path in ("-1/proof", "x/proof", "consistency", f"{1 << 64}/proof"):
        assert (await client.get(f"/api/v1/journal/{path}")).status_code == 422
    watcher = await enter(Role.WATCHER)
    for path in ("checkpoint", "0/proof", "consistency?from=0"):
        assert (await watcher.get(f"/api/v1/journal/{path}")).status_code == 403


async def test_ids_that_are_none_are_problems(enter: Enter) -> None:
    client = await enter(Role.WATCHER)
    answer = await client.get("/api/v1/cameras/not-an-id")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_accepted")


def test_the_description_is_openapi_3_1_and_says_how_each_route_is_guarded() -> None:
    document = describe(create_app(None))
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(document["paths"])
    live = document["paths"]["/api/v1/cameras/{camera}/live"]["post"]
    assert live["x-permission"] == "live"
    assert live["security"] == [{"session": []}, {"console": []}]
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(set(ids)) == len(ids)
    assert "Problem" in document["components"]["schemas"]


def test_the_description_is_written_without_starting_anything() -> None:
    text = subprocess.run(
        [sys.executable, "-m", "bingjian.api.openapi"], capture_output=True, check=True
    ).stdout
    assert json.loads(text) == json.loads(json.dumps(describe(create_app(None))))


async def test_ours_is_the_only_origin(enter: Enter) -> None:
    client = await enter()
    assert str(client.base_url) == ORIGIN
    assert isinstance(client, httpx.AsyncClient)
    answer = await client.options("/api/v1/cameras", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
