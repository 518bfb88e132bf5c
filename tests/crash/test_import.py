"""``kill -9`` in the middle of an import: it is taken over whole or waits to be confirmed, never half."""

import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bingjian.clock import SystemClock
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.history import HistoryRow
from bingjian.inventory.imports.models import ImportRow, ImportState
from bingjian.inventory.imports.service import Imports
from bingjian.journal.append import Journal
from bingjian.rules.library import law
from tests.backend import empty_url, postgres  # noqa: F401  # pytest finds fixtures by name

ROWS = 2_000
PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.crash.test_import import WHO, confirm, opened, prepare

async def main(folder, url, step):
    async with opened(folder, url) as imports:
        if step == "prepare":
            await prepare(imports)
        else:
            print("confirming", flush=True)
            await confirm(imports)
            print("done", flush=True)

asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
"""


class Person:
    id, name, address, areas = UUID(int=1), "Anna", "", ("2301",)


WHO = Person()


class opened:  # read as a verb
    """The imports of a platform in this folder, over this database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.database = Database(url)
        self.journal = Journal.open(folder / "journal", SystemClock())
        self.imports = Imports(self.database, self.journal, SystemClock(), law().at, folder / "imports")

    async def __aenter__(self) -> Imports:
        await self.database.migrate()
        await self.imports.recover()
        return self.imports

    async def __aexit__(self, *_: object) -> None:
        self.journal.close()
        await self.database.close()


async def prepare(imports: Imports) -> None:
    """Uploaded and judged."""
    from bingjian.inventory.imports.models import Choices
    from tests.unit.inventory.sheets import camera, text

    async def chunks():  # type: ignore[no-untyped-def]
        yield text([camera(number) for number in range(ROWS)])

    row = await imports.upload("cameras.csv", chunks(), WHO)
    columns = {int(column): name for column, name in row.choices["columns"].items()}
    await imports.choose(row.id, row.version, Choices(**{**row.choices, "columns": columns}), WHO)
    await imports.settled()


async def confirm(imports: Imports) -> ImportRow:
    [row] = await imports.all(WHO)
    return await imports.confirm(row.id, row.version, WHO, leave_out_faulty=False)


def start(folder: Path, url: str, step: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder), url, step], stdout=subprocess.PIPE)


async def counts(folder: Path, url: str) -> tuple[str, int, int]:
    """The import's state, how many files and how many histories there are."""
    platform = opened(folder, url)
    async with platform as imports, platform.database.read() as session:
        [row] = await imports.all(WHO)
        files = await session.scalar(select(func.count()).select_from(CameraFileRow))
        histories = await session.scalar(select(func.count()).select_from(HistoryRow))
    return row.state, files or 0, histories or 0


@pytest.mark.timeout(300)
async def test_killed_in_the_middle_of_the_confirmation(
    tmp_path: Path,
    empty_url: str,  # noqa: F811
) -> None:
    assert start(tmp_path, empty_url, "prepare").wait() == 0
    for delay_s in (0.02, 0.2, 0.4):
        with start(tmp_path, empty_url, "confirm") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"confirming\n"
            time.sleep(delay_s)
            process.kill()
        state, files, histories = await counts(tmp_path, empty_url)
        assert (state, files, histories) in {
            (ImportState.JUDGED, 0, 0),
            (ImportState.DONE, ROWS, ROWS),
        }
    async with opened(tmp_path, empty_url) as imports:
        done = await confirm(imports)
        assert (done.state, done.imported_rows) == (ImportState.DONE, ROWS)
        assert (await confirm(imports)).version == done.version, "once more changes nothing"
    assert await counts(tmp_path, empty_url) == (ImportState.DONE, ROWS, ROWS)
