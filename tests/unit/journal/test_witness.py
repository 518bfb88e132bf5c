"""A platform's log and a witness, over HTTP without a network: what is signed, and what is evidence."""

import shutil
from pathlib import Path

import httpx
import pytest

from bingjian.entries import SignedIn
from bingjian.journal import proofs
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalBroken
from bingjian.journal.verify import verify
from bingjian.journal.witness import Witness
from bingjian.journal.witnessing import Witnessing
from bingjian.processes.witness import create_app
from bingjian.tlog.cosignature import cosigned_at
from bingjian.tlog.note import NoteBroken, Signer
from tests.backend import NOON_NS, StillClock

URL = "http://witness.example"


def witness_in(folder: Path, journal: Journal) -> Witness:
    return Witness.open(folder, "witness.example/w1", [journal.verifier], StillClock())


def http_of(witness: Witness) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(witness)), base_url=URL)


async def ask(journal: Journal, witness: Witness) -> None:
    """As a platform just started, which knows nothing of what was signed."""
    async with http_of(witness) as http:
        await Witnessing(journal, URL, witness.verifier, http).ask()


def evidence(folder: Path) -> list[str]:
    return sorted(path.suffix for path in (folder / "evidence").glob("*"))


async def test_a_growing_log_is_witnessed_again_and_again(tmp_path: Path, journal: Journal) -> None:
    witness = witness_in(tmp_path / "w", journal)
    async with http_of(witness) as http:
        asking = Witnessing.of(journal, URL + "/", str(witness.verifier), http)
        for count in (0, 1, 300):
            for number in range(count):
                await journal.append(SignedIn(str(number), ""))
            await asking.ask()
            await asking.ask()
            note = await journal.checkpoint()
            assert cosigned_at(note, witness.verifier) == NOON_NS // 10**9
    shown = proofs.check(str(await journal.proof(7)).encode(), journal.verifier)
    assert cosigned_at(shown.note, witness.verifier) is not None
    await ask(journal, witness_in(tmp_path / "w", journal))
    assert evidence(tmp_path / "w") == []


async def test_the_cosignature_stays_under_the_checkpoint(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j", StillClock())
    await journal.append(SignedIn("one", ""))
    witness = witness_in(tmp_path / "w", journal)
    await ask(journal, witness)
    journal.close()
    assert verify(tmp_path / "j", records=True).faults == ()
    journal = Journal.open(tmp_path / "j", StillClock())
    assert cosigned_at(await journal.checkpoint(), witness.verifier) is not None
    journal.close()


async def test_a_witness_that_restarts_has_forgotten_nothing(tmp_path: Path, journal: Journal) -> None:
    await ask(journal, witness_in(tmp_path, journal))
    await journal.append(SignedIn("one", ""))
    await ask(journal, witness_in(tmp_path, journal))
    witness = witness_in(tmp_path, journal)
    async with http_of(witness) as http:
        (folder,) = [path.name for path in tmp_path.iterdir() if len(path.name) == 64]
        seen = await http.get(f"/{folder}/checkpoint")
        assert seen.text == str(await journal.checkpoint())
        assert (await http.get("/0/checkpoint")).status_code == 404


@pytest.mark.parametrize("fork", [False, True])
async def test_a_rolled_back_or_forked_log_is_refused_and_kept(tmp_path: Path, fork: bool) -> None:
    journal = Journal.open(tmp_path / "j", StillClock())
    await journal.append(SignedIn("one", ""))
    await journal.checkpoint()
    journal.close()
    shutil.copytree(tmp_path / "j", tmp_path / "older")
    journal = Journal.open(tmp_path / "j", StillClock())
    await journal.append(SignedIn("two", ""))
    witness = witness_in(tmp_path / "w", journal)
    await ask(journal, witness)
    journal.close()
    older = Journal.open(tmp_path / "older", StillClock())
    for _ in range(2 if fork else 0):
        await older.append(SignedIn("another", ""))
    for _ in range(2):
        with pytest.raises(JournalBroken, match="refuses" if fork else "fewer"):
            await ask(older, witness)
    assert cosigned_at(await older.checkpoint(), witness.verifier) is None
    older.close()
    assert evidence(tmp_path / "w") == [".refused", ".signed"]


async def test_unknown_logs_and_garbage_are_refused(tmp_path: Path, journal: Journal) -> None:
    stranger = Signer("someone.example/log", bytes(32)).verifier()
    witness = Witness.open(tmp_path, None, [stranger], StillClock())
    with pytest.raises(JournalBroken, match="404"):
        await ask(journal, witness)
    async with http_of(witness) as http:
        assert (await http.post("/add-checkpoint", content=b"garbage")).status_code == 400
        assert (await http.post("/add-checkpoint", content=bytes(1 << 20))).status_code == 413
        assert (await http.get("/add-checkpoint")).status_code == 405


async def test_a_witness_that_does_not_sign_is_not_believed(tmp_path: Path, journal: Journal) -> None:
    witness = witness_in(tmp_path / "w", journal)
    other = Witness.open(tmp_path / "o", "witness.example/w1", [journal.verifier], StillClock())
    async with http_of(witness) as http:
        with pytest.raises(NoteBroken, match="no signature of its key"):
            await Witnessing(journal, URL, other.verifier, http).ask()
    with pytest.raises(JournalBroken, match="not accepted"):
        Witnessing.of(journal, URL, "no key", httpx.AsyncClient())


async def test_what_cannot_be_saved_is_not_signed(tmp_path: Path, journal: Journal) -> None:
    witness = witness_in(tmp_path / "w", journal)
    await ask(journal, witness)
    (saved,) = (tmp_path / "w").glob("*/checkpoint")
    saved.write_bytes(b"broken")
    await journal.append(SignedIn("one", ""))
    with pytest.raises(JournalBroken, match="503"):
        await ask(journal, witness)


def test_a_broken_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "witness.key").write_text("broken")
    with pytest.raises(JournalBroken, match="key"):
        Witness.open(tmp_path, None, [], StillClock())
    with pytest.raises(JournalBroken, match="key"):
        Witness.open(tmp_path / "new", "two words", [], StillClock())
