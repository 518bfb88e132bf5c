"""``bingjian witness``: the second process, of somebody else than who runs the platform."""

from collections.abc import Sequence

from bingjian import telemetry
from bingjian.clock import SystemClock
from bingjian.commands.journal import parsed
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, note
from bingjian.db.state import StateInUse, state_lock
from bingjian.journal.errors import JournalError
from bingjian.journal.witness import Witness
from bingjian.processes import witness as process
from bingjian.settings import Settings

FOLDER = "witness"


def serve(settings: Settings, logs: Sequence[str], name: str | None, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT. Raises CommandFailed."""
    known, folder = [parsed(one) for one in logs], settings.state_dir / FOLDER
    telemetry.configure("witness", settings.log_level)
    try:
        with state_lock(folder / "run"):
            witness = Witness.open(folder, name, known, SystemClock())
            note(either(f"the witness's key: {witness.verifier}", f"见证方公钥：{witness.verifier}"))
            process.serve(witness, host, port)
    except (JournalError, StateInUse, OSError) as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error
