"""What holds for all tests: how properties search, and who may run beside whom.

`./run test` runs several tests at a time (pytest-xdist). Each of its processes has its own PostgreSQL, its
own folders, and ports that the system chose, so tests need no agreement, but for this: tests of one file stay
together and in order, and so do those of the browser that share one of two demos, for a demo is dear to make.

What stands below the API is tried on both databases. A test of the API itself, which goes through all of that
again, runs on one of them, always the same, half of them on each; `pytest --databases both` runs it on both.
"""

import gc
import logging
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from zlib import crc32

import pytest
import structlog
from hypothesis import HealthCheck, settings

# The same examples in every run, so that a red run means a changed program; how fast the machine is means
# nothing. `pytest --hypothesis-profile=deep tests/property` searches where no run has searched before.
SLOW_IS_NO_FAULT = (HealthCheck.too_slow,)
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=SLOW_IS_NO_FAULT, print_blob=True
)
settings.register_profile(
    "deep", max_examples=5_000, deadline=None, suppress_health_check=SLOW_IS_NO_FAULT, print_blob=True
)
settings.load_profile("same")

# Where nobody has set up logs, an error would be written with all that its functions hold: a second for each.
for renderer in structlog.get_config()["processors"]:
    if isinstance(renderer, structlog.dev.ConsoleRenderer):
        renderer.exception_formatter = structlog.dev.plain_traceback

SOAK_S = 300  # with a bare --soak

COMMAND_LINE = "tests/e2e/test_command_line.py"  # starts its own platforms
PICTURES = (  # of the browser tests those that need moving pictures; the others have a demo of their own
    *("tests/e2e/test_first_picture.py", "tests/e2e/test_scrubbing.py", "tests/e2e/test_copies_page.py"),
    *("tests/e2e/test_independence.py",),
)
# What takes longest begins first, so that at the end no process waits long for the others.
FIRST = (
    *("tests/e2e/", "tests/soak/", "tests/interop/test_media_process.py", "tests/interop/test_simulator.py"),
    *("tests/unit/processes/", "tests/unit/test_cli.py", "tests/interop/"),
)


@pytest.fixture(autouse=True)
def logs_afterwards_as_before() -> Iterator[None]:
    """A command that runs in our process sends its logs elsewhere; the tests after it read theirs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if structlog.is_configured():
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak",
        type=int,
        nargs="?",
        const=SOAK_S,
        default=0,
        metavar="SECONDS",
        help=f"tests that wait for something wait for minutes, this many seconds ({SOAK_S})",
    )
    parser.addoption(
        "--databases", choices=("one", "both"), default="one", help="on which a test of the API runs"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What collecting makes is there until the end: whoever looks for garbage need not look through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def rank_of(file: str) -> int:
    return next((rank for rank, start in enumerate(FIRST) if file.startswith(start)), len(FIRST))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    root = PurePath(config.rootpath)
    if config.getoption("databases") == "one":
        spared = [item for item in items if is_spared(item)]
        config.hook.pytest_deselected(items=spared)
        items[:] = [item for item in items if not is_spared(item)]
    items.sort(key=lambda item: rank_of(item.path.relative_to(root).as_posix()))


def is_spared(item: pytest.Item) -> bool:
    """It is a test of the API that runs on the other database."""
    chosen = getattr(item, "callspec", None)
    here = chosen.params.get("database") if chosen is not None else None
    if here is None or not item.nodeid.startswith("tests/unit/api/"):
        return False
    name = item.nodeid.replace(here, "", 1)
    return (here == "postgresql") != bool(crc32(name.encode()) % 2)


def neighbours(nodeid: str) -> str:
    """The name of what runs together in one process, in order."""
    file = nodeid.split("::", 1)[0]
    if not file.startswith("tests/e2e/") or file == COMMAND_LINE:
        return file
    return "demo of pictures" if file in PICTURES else "demo of pages"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class Neighbours(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return neighbours(nodeid)

    config.option.loadscopereorder = False  # ours is the order
    return Neighbours(config, log)
