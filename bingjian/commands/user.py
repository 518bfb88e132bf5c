"""``bingjian user``: people and their roles."""

import asyncio
from typing import Any

from bingjian.commands.console import console
from bingjian.commands.language import either
from bingjian.commands.outcome import show
from bingjian.settings import Settings


def add(settings: Settings, wish: dict[str, Any], *, as_json: bool) -> None:
    """Add a person; ``wish`` is the API's ``PersonIn``. A password that was made up is shown this once."""

    async def work() -> dict[str, Any]:
        async with console(settings) as platform:
            person: dict[str, Any] = await platform.ask("POST", "/people", json=wish)
            return person

    person = asyncio.run(work())
    show(person, as_json, lambda: say(person))


def say(person: dict[str, Any]) -> None:
    print(either(f"added {person['name']}: ", f"已添加 {person['name']}：") + ", ".join(person["roles"]))
    if person["generated_password"]:
        label = either("password, shown this once: ", "密码（仅显示这一次）：")
        print(label + person["generated_password"])
