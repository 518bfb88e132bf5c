"""Requests of state organs (art. 22), through the API as their pages ask it: drafted, submitted, granted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bingjian.inventory.organisations import body_id
from tests.e2e.conftest import Start, Visit
from tests.e2e.test_procedures_pages import letter, post

REQUESTS = "/access-requests"


def stepped(visit: Visit, record: str, name: str, **wish: Any) -> dict[str, Any]:
    """Take a step on the newest version."""
    return taken(visit, REQUESTS, record, name, **wish)


def taken(visit: Visit, path: str, record: str, name: str, **wish: Any) -> dict[str, Any]:
    seen = visit.page.request.get(f"{visit.demo.url}/api/v1{path}/{record}")
    return post(visit, f"{path}/{record}/{name}", {"version": seen.json()["version"], **wish})


def rules_in_force(custodian: Visit) -> None:
    opened = post(custodian, "/keeping-rules", {"title": "使用制度", "of": "use"})
    paper = {"document": letter(custodian), "version": "1.0", "approver": "局长", "approved": "2026-01-01"}
    taken(custodian, "/keeping-rules", opened["id"], "approve", paper=paper)


def drafted(
    officer: Visit, other: Visit, camera: str, begin: datetime, end: datetime, verb: str = "view"
) -> str:
    wish = {
        "title": "盗窃案",
        "keeper": str(body_id("public_security")),
        "number": "哈公里刑〔2026〕7号",
        "purpose": "criminal_case",
        "power": "《刑事诉讼法》第五十四条",
        "cameras": [camera],
        "begin": begin.isoformat(),
        "end": end.isoformat(),
        "verbs": [verb],
        "destination": "道里分局案件查阅室",
    }
    record = str(post(officer, REQUESTS, wish)["id"])
    for number, one in enumerate((officer, other), start=1):
        card = {"kind": "work_card", "number": f"2301-{number}", "issuer": "局", "valid_to": "2030-12-31"}
        stepped(one, record, "name_officer", card=card)
        stepped(one, record, "undertake", officer=number)
    paper = {"kind": "introduction_letter", "number": "7", "unit": str(body_id("public_security", "230102"))}
    issued = datetime.now(UTC).date().isoformat()
    stepped(officer, record, "add_paper", paper=paper | {"issued": issued, "document": letter(officer)})
    return record


def seen(custodian: Visit, record: str) -> None:
    """The certificates, by the custodian."""
    for number in (1, 2):
        read = {"number": f"2301-{number}", "issuer": "局", "valid_to": "2030-12-31"}
        stepped(custodian, record, "see", officer=number, **read)


def granted_copies(start: Start, camera: str, times: int) -> None:
    """So many grants to copy whatever is recorded of a camera: each is used once."""
    custodian = start("en", name="custodian")
    officer, other = start("en", name="officer"), start("en", name="officer2")
    rules_in_force(custodian)
    now = datetime.now(UTC).replace(microsecond=0)
    for _ in range(times):
        begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
        record = drafted(officer, other, camera, begin, end, "copy")
        stepped(officer, record, "submit")
        seen(custodian, record)
        stepped(custodian, record, "grant", expires=(now + timedelta(hours=2)).isoformat())
