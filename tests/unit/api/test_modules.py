"""Six modules, each with its probe (art. 3, R3.1)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.modules import healthy
from bingjian.api.platform import Platform
from bingjian.rules.library import law
from tests.unit.api.conftest import Enter
from tests.worker import SpokenWorker

SYSTEM = "/api/v1/system"


@pytest.fixture
async def whole(platform: Platform, worker: SpokenWorker, tmp_path: Path) -> Platform:
    """Everything that can be probed answers."""
    await platform.workers.look()
    await platform.workers.look()
    await platform.parts.control.round()
    return replace(platform, web_root=tmp_path)


async def test_R3_1_each_module_of_the_law_is_probed(whole: Platform, enter: Enter) -> None:
    assert set(await healthy(whole)) == set(law().codes("system_module"))
    told = (await (await enter(Role.SYSADMIN, over=whole)).get(SYSTEM)).json()
    assert all(told["modules"].values()), told
    assert told["fault"] == ""


class Signal:
    """A signal process that is wanted and does not answer."""

    is_on = True

    async def state(self) -> None:
        return None


@pytest.mark.parametrize(
    ("broken", "failing"),
    [
        ("worker", {"capture", "transmit", "display"}),
        ("signal", {"transmit", "control"}),
        ("control", {"control"}),
        ("web", {"display"}),
        ("volume", {"store"}),
        ("journal", {"manage"}),
    ],
)
async def test_R3_1_what_fails_is_named(
    whole: Platform, enter: Enter, monkeypatch: pytest.MonkeyPatch, broken: str, failing: set[str]
) -> None:
    platform: Any = whole
    if broken == "worker":
        monkeypatch.setattr(platform.workers, "all_up", lambda: False)
    elif broken == "signal":
        platform = replace(whole, gb=Signal())  # type: ignore[arg-type]  # all that is asked of it
    elif broken == "control":
        monkeypatch.setattr(platform.parts.control, "_round_at", None)
    elif broken == "web":
        platform = replace(whole, web_root=None)
    elif broken == "volume":
        monkeypatch.setattr(platform.workers, "volumes", list)
    client = await enter(Role.SYSADMIN, over=platform)
    if broken == "journal":
        monkeypatch.setattr(platform.journal, "writable", False)
    told = (await client.get(SYSTEM)).json()
    assert {code for code, is_well in told["modules"].items() if not is_well} == failing
    assert all(law().codes("system_module")[code][0].words.zh in told["fault"] for code in failing)
