"""The part of ``bingjian check`` that reads every document again (art. 17, R17.3)."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.db.errors import DatabaseUnavailable
from bingjian.db.session import Database
from bingjian.documents.errors import StoreUnavailable
from bingjian.documents.models import DocumentVersionRow
from bingjian.documents.store import FOLDER, DocumentStore
from bingjian.documents.verify import Seen, look_at_all
from bingjian.settings import Settings


def report(settings: Settings) -> dict[str, Any] | None:
    """What was looked at and what is damaged; None if this machine has no documents. Raises CommandFailed."""
    url = settings.effective_database_url
    file = make_url(url).database
    if url.startswith("sqlite") and not (file and Path(file).exists()):
        return None
    try:
        return asyncio.run(looked_at(url, settings.state_dir / FOLDER))
    except (DatabaseUnavailable, StoreUnavailable) as error:
        sentence = either("the documents cannot be checked", "无法检查文书")
        raise CommandFailed(f"{sentence}: {error}", Exit.ENVIRONMENT) from error


async def looked_at(url: str, folder: Path) -> dict[str, Any] | None:
    database = Database(url)
    try:
        if not await database.run_sync(has_documents):
            return None
        seen = [one async for one in look_at_all(database, DocumentStore(folder))]
    finally:
        await database.close()
    return {
        "path": str(folder),
        "versions": len(seen),
        "read_bytes": sum(one.size_bytes for one in seen),
        "violations": [as_plain(one) for one in seen if one.damage],
    }


def has_documents(connection: Connection) -> bool:
    """Whether the database is of a version that knows them."""
    return inspect(connection).has_table(DocumentVersionRow.__tablename__)


def as_plain(one: Seen) -> dict[str, Any]:
    assert one.damage
    return {
        "document": str(one.document),
        "version": one.version,
        "code": one.damage.code,
        "detail": either(one.damage.reason.en, one.damage.reason.zh),
    }


def say(papers: dict[str, Any]) -> None:
    for one in papers["violations"]:
        print(f"✗ {one['code']}: {one['detail']}")
    count, versions, path = len(papers["violations"]), papers["versions"], papers["path"]
    if count:
        print(
            either(
                f"✗ {path}: {count} of {versions} documents are not whole",
                f"✗ {path}：{versions} 份文书中有 {count} 份与归档时不一致",
            )
        )
    else:
        print(either(f"✓ {path}: {versions} documents, all whole", f"✓ {path}：{versions} 份文书，全部完好"))
