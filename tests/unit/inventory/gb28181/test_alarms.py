"""Alarms: what is asked for often is found without looking through all."""

from typing import Any

from sqlalchemy import select, text

from bingjian.db.areas import inside
from bingjian.db.session import Database
from bingjian.inventory.gb28181.alarms import AlarmFilter, conditions
from bingjian.inventory.gb28181.models import GbAlarmRow
from tests.backend import database, empty_url, postgres

__all__ = ["database", "empty_url", "postgres"]  # fixtures


async def test_alarms_that_nobody_has_handled_are_found_by_an_index_of_their_own(database: Database) -> None:
    only = AlarmFilter(("2301",), open=True)
    table = GbAlarmRow
    query = select(table).where(inside(table.division, only.areas), *conditions(only))
    query = query.order_by(table.happened_at.desc(), table.id.desc()).limit(101)

    def plan(connection: Any) -> str:
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        if database.is_sqlite:
            return str(connection.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # the table is empty
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        return str(connection.execute(text(f"EXPLAIN {asked}")).all())

    told = await database.run_sync(plan)
    assert "ix_gb_alarms_open" in told
    assert "ORDER BY" not in told
    assert "Sort" not in told
