"""The schema's history: Alembic, run at every start; a revision is one file under ``migrations/versions``."""

from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from bingjian.db.errors import DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to ``target`` within the caller's transaction.

    Raises:
        DatabaseUnavailable: the schema was made by a newer version of this program.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    try:
        steps = EnvironmentContext(
            config, script, fn=lambda revision, _: script._upgrade_revs(target, revision)
        )
        with steps:
            script.run_env()
    except CommandError as error:
        raise DatabaseUnavailable("the database was made by a newer version of this program") from error


def revision_of(connection: Connection) -> str | None:
    """The revision that the database is at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()
