"""The migrations make exactly the tables that the models describe."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession

import bingjian.access.control.models
import bingjian.access.grants
import bingjian.access.models
import bingjian.access.register
import bingjian.db.platform
import bingjian.documents.models
import bingjian.duties.models
import bingjian.inventory.camera_files
import bingjian.inventory.cruises
import bingjian.inventory.device_code
import bingjian.inventory.gb28181.models
import bingjian.inventory.history
import bingjian.inventory.imports.staging
import bingjian.inventory.models
import bingjian.inventory.obstruction
import bingjian.inventory.organisations
import bingjian.inventory.place_rows
import bingjian.inventory.presets
import bingjian.inventory.saved_views
import bingjian.procedures.models
import bingjian.procedures.raising
import bingjian.procedures.shift_posts
import bingjian.retention.models  # noqa: F401  # the models must be loaded to be compared
from bingjian.db.base import Base
from bingjian.db.errors import DatabaseUnavailable
from bingjian.db.migrate import revision_of
from bingjian.db.session import Database


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_migrated_from_nothing_equals_the_models(empty_url: str) -> None:
    database = Database(empty_url)
    assert await database.run_sync(revision_of) is None
    await database.migrate()
    assert await database.run_sync(differences) == []
    assert await database.run_sync(revision_of) == "0021"
    await database.migrate()  # again changes nothing
    await database.close()


async def test_a_newer_schema_is_one_sentence(empty_url: str) -> None:
    database = Database(empty_url)
    await database.migrate()

    async def work(session: AsyncSession) -> None:
        await session.execute(text("update alembic_version set version_num = '9999'"))

    await database.run(work)
    with pytest.raises(DatabaseUnavailable, match="newer"):
        await database.migrate()
    await database.close()
