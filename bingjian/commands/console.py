"""How a command reaches the platform: the running one over HTTP, else the same API in this process.

Either way it is the machine's console that asks, and what it changes is written into the journal.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.commands.problem_words import IN_CHINESE
from bingjian.settings import Settings

ANSWER_SECONDS = 30.0
PAGE = 200  # cameras asked for at a time


class Console:
    """The API's routes that commands use. Every method raises CommandFailed with one plain sentence."""

    def __init__(self, http: httpx.AsyncClient, *, running: bool) -> None:
        self._http = http
        self.running = running  # whether a platform is up; otherwise states of cameras are unknown

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """The answer's JSON, or None where there is none."""
        answer = await self._answer(method, path, **more)
        return answer.json() if answer.content else None

    async def fetch(self, path: str, **more: Any) -> bytes:
        """The answer's bytes, as they are."""
        return (await self._answer("GET", path, **more)).content

    async def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, f"/api/v1{path}", **more)
        except httpx.HTTPError as error:
            raise CommandFailed(
                either("the platform does not answer", "平台没有应答"), Exit.ENVIRONMENT
            ) from error
        if answer.is_error:
            raise failure_of(answer)
        return answer

    async def cameras(self, search: str | None = None) -> list[dict[str, Any]]:
        """All cameras whose name or address holds ``search``, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            wish = {"limit": PAGE, "cursor": cursor, "q": search}
            page = await self.ask("GET", "/cameras", params={k: v for k, v in wish.items() if v is not None})
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    async def camera_named(self, wish: str) -> dict[str, Any]:
        """By its exact name or its id."""
        for camera in await self.cameras():
            if wish in (camera["name"], camera["id"]):
                return camera
        raise CommandFailed(either(f"there is no camera {wish}", f"没有名为 {wish} 的摄像机"))


def failure_of(answer: httpx.Response) -> CommandFailed:
    """Problem details (RFC 9457) as one sentence."""
    try:
        problem = answer.json()
        detail, code = str(problem["detail"]), str(problem["code"])
    except (ValueError, KeyError, TypeError):
        return CommandFailed(
            either(f"the platform answered {answer.status_code}", f"平台应答 {answer.status_code}")
        )
    fields = "; ".join(f"{fault['field']}: {fault['detail']}" for fault in problem.get("errors") or [])
    chinese = f"{IN_CHINESE[code]}（{fields or detail}）" if code in IN_CHINESE else detail
    english = f"{detail} ({fields})" if fields and fields not in detail else detail
    if answer.status_code == 422 and code == "address_not_accepted":
        english = detail
    return CommandFailed(
        either(english, chinese), Exit.ENVIRONMENT if answer.status_code >= 500 else Exit.REFUSED
    )


@asynccontextmanager
async def console(settings: Settings) -> AsyncIterator[Console]:
    """The console of the platform that has this state directory. Raises CommandFailed."""
    found = running_platform(settings)
    if found is None:
        async with _in_this_process(settings) as here:
            yield here
        return
    headers = headers_of(found["token"])
    async with httpx.AsyncClient(
        base_url=found["url"], headers=headers, timeout=ANSWER_SECONDS, trust_env=False
    ) as http:
        yield Console(http, running=True)


def headers_of(token: str) -> dict[str, str]:
    """The console's, and its language: sentences of the law come in both."""
    return {"Authorization": f"Bearer {token}", "Accept-Language": either("en", "zh-CN")}


def running_platform(settings: Settings) -> dict[str, str] | None:
    """Where the running platform answers and the console's token, left for us by the web process."""
    try:
        found = json.loads((settings.run_dir / "console.json").read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CommandFailed(
            either(f"{settings.run_dir} cannot be read: {error}", f"无法读取 {settings.run_dir}：{error}"),
            Exit.ENVIRONMENT,
        ) from error
    if not is_alive(int(found["pid"])):
        return None  # it was killed and left its file behind
    return {"url": str(found["url"]), "token": str(found["token"])}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True


@asynccontextmanager
async def _in_this_process(settings: Settings) -> AsyncIterator[Console]:
    from bingjian import telemetry
    from bingjian.api.app import create_app
    from bingjian.clock import SystemClock
    from bingjian.db.errors import DatabaseError
    from bingjian.db.state import StateInUse
    from bingjian.inventory.errors import InventoryError
    from bingjian.journal.errors import JournalError
    from bingjian.processes.supervisor import CannotStart, plan_for
    from bingjian.processes.web import open_platform, open_services

    telemetry.configure("console", "critical")
    clock = SystemClock()
    try:
        with ExitStack() as held:  # nobody will listen there
            free = {"port": 0, "media_port_base": 0, "imaging_port": 0}
            plan = plan_for(settings.model_copy(update=free), held)
        async with (
            open_services(settings, clock) as services,
            open_platform(plan.web, services, clock, 0, plan.web.settings.port) as platform,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(create_app(platform)),
                base_url=plan.url,
                headers=headers_of(platform.console_token),
            ) as http,
        ):
            yield Console(http, running=False)
    except (StateInUse, DatabaseError, InventoryError, JournalError, CannotStart, OSError) as error:
        raise CommandFailed(str(error), Exit.ENVIRONMENT) from error
