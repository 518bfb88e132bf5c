"""The signal process, which speaks SIP with devices: asked here and nowhere else of the web process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bingjian.inventory.errors import (
    GbDeviceOffline,
    GbDeviceRefuses,
    GbDeviceSilent,
    SignalAway,
    SignalOff,
)
from bingjian.trust import trusted

ANSWER_SECONDS = 10.0
DEVICE_SECONDS = 40.0  # a device answers a query within 30, or the signal process says that it did not
WAIT_SECONDS = 20  # a poll for events lasts so long if nothing happens
SENTENCE_MAX = 200  # characters of what a device says, as far as people are told


@dataclass(frozen=True, slots=True)
class SignalPlace:
    """Where the signal process is."""

    url: str  # http://host:port
    credential: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """Events in order. ``run``: of this start of the process; its numbers begin anew with each."""

    run: str
    events: list[dict[str, Any]]
    lost: bool  # some before these were forgotten


class SignalClient:
    """One client for the whole web process; without a place every question raises SignalOff."""

    def __init__(self, place: SignalPlace | None) -> None:
        self.is_on = place is not None
        url, credential = (place.url, place.credential) if place is not None else ("http://off.invalid", "")
        self.http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {credential}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
            verify=trusted(),
        )

    async def assign(self, epoch: int, devices: list[dict[str, Any]]) -> None:
        """The whole list. Raises SignalOff, SignalAway."""
        answer = await self._ask("PUT", "/control/assignment", json={"epoch": epoch, "devices": devices})
        if not answer.is_success:
            raise SignalAway

    async def state(self) -> dict[str, Any]:
        """Counts and ports. Raises SignalOff, SignalAway."""
        return self._object(await self._ask("GET", "/control/state"))

    async def bindings(self, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Of those of these devices that are registered: from where. Raises SignalOff, SignalAway."""
        told = self._object(await self._ask("POST", "/control/bindings", json={"devices": list(codes)}))
        found = told.get("bindings")
        if not isinstance(found, dict):
            raise SignalAway
        return {code: binding for code, binding in found.items() if isinstance(binding, dict)}

    async def events(self, run: str, after: int, wait_s: int) -> Told:
        """What happened after an event of a run; waits until something does. ``run``: empty: none is known.

        Raises SignalOff, SignalAway.
        """
        params = {"run": run, "after": str(after), "wait_s": str(wait_s)}
        answer = await self._ask("GET", "/control/events", params=params, timeout=wait_s + ANSWER_SECONDS)
        told = self._object(answer)
        try:
            return Told(str(told["run"]), list(told["events"]), bool(told.get("lost")))
        except (KeyError, TypeError) as error:
            raise SignalAway from error

    async def query(self, code: str, command: str, **parameters: Any) -> dict[str, Any]:
        """Ask a device something.

        Raises SignalOff, SignalAway, GbDeviceOffline, GbDeviceSilent, GbDeviceRefuses.
        """
        body = {"command": command, **parameters}
        path = f"/control/devices/{code}/query"
        answer = await self._ask("POST", path, json=body, timeout=DEVICE_SECONDS)
        if not answer.is_success:
            raise refusal_in(answer)
        return self._object(answer) if answer.content else {}

    async def control(self, code: str, wish: Mapping[str, Any]) -> bool:
        """Tell a device something; whether it confirmed it, beyond having taken it. Raises as ``query``."""
        answer = await self._ask(
            "POST", f"/control/devices/{code}/control", json=dict(wish), timeout=DEVICE_SECONDS
        )
        if not answer.is_success:
            raise refusal_in(answer)
        return bool(self._object(answer).get("confirmed"))

    async def log(self, code: str, after: int = 0) -> dict[str, Any]:
        """The last messages with a device, passwords blanked. Raises SignalOff, SignalAway."""
        answer = await self._ask("GET", f"/control/devices/{code}/log", params={"after": str(after)})
        return {"messages": []} if answer.status_code == 404 else self._object(answer)

    async def pcap(self, code: str) -> bytes:
        """The same for Wireshark. Raises SignalOff, SignalAway."""
        answer = await self._ask("GET", f"/control/devices/{code}/log", params={"form": "pcap"})
        if not answer.is_success:
            raise SignalAway
        return answer.content

    async def close(self) -> None:
        await self.http.aclose()

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        if not self.is_on:
            raise SignalOff
        try:
            return await self.http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise SignalAway from error

    def _object(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            found = answer.json() if answer.is_success else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SignalAway
        return found


def refusal_in(answer: httpx.Response) -> Exception:
    """A device's problem, as the signal process tells of it."""
    if answer.status_code in (404, 409):
        return GbDeviceOffline()
    if answer.status_code == 504:
        return GbDeviceSilent()
    if answer.status_code in (501, 502):
        return GbDeviceRefuses(sentence_of(answer))
    return SignalAway()


def sentence_of(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        told = None
    detail = told.get("detail") if isinstance(told, Mapping) else None
    return str(detail)[:SENTENCE_MAX] if detail else "the device does not accept this"
