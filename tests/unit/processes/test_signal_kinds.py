"""What devices can be told and asked through the control interface, at simulated ones of both editions."""

import asyncio
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bingjian.processes.signal_control import COMMANDS
from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp.binding import bindings
from bingjian.protocols.gb28181.manscdp.controls import DeviceControl
from bingjian.signalling import watch
from bingjian.signalling.commands import _BUILDERS
from tests.unit.processes.test_signal_simulated import meeting

SESSION = "0123456789abcdef0123456789abcdef"
AREA = {"length": 800, "width": 600, "mid_x": 600, "mid_y": 300, "length_x": 400, "length_y": 300}
NOWHERE = "http://127.0.0.1:9/firmware"
OLD, NEW = Edition.V2016, Edition.V2022


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "JITTER_S", 0.0)
    monkeypatch.setattr("bingjian.simulate.gb28181.device.BOOT_S", 0.2)
    monkeypatch.setattr("bingjian.simulate.gb28181.services.FLASH_S", 0.1)


# --- Controls --------------------------------------------------------------------------------------------

UPGRADE = {"firmware": "2.0", "url": NOWHERE, "manufacturer": "Acme", "session": SESSION}
CONTROLS: dict[str, tuple[Any, Edition]] = {
    "ptz": ({"pan": 20}, OLD),
    "lens": ({"focus": 1}, OLD),
    "preset": ({"action": "set", "number": 5}, OLD),
    "cruise": ({"action": "add", "group": 1, "preset": 5}, OLD),
    "scan": ({"action": "left", "group": 1}, OLD),
    "switch": ({"number": 1, "on": True}, OLD),
    "drag_zoom": ({"in": True, **AREA}, OLD),
    "home": ({"enabled": True, "reset_s": 60, "preset": 5}, OLD),
    "guard": (True, OLD),
    "record": (False, OLD),
    "key_frame": (True, OLD),
    "restart": (True, OLD),
    "reset_alarm": ({"method": "2", "type": "1"}, OLD),
    "precise": ({"pan": 350, "tilt": 5, "zoom": 2}, NEW),
    "track": ({"mode": "manual", "panorama": "", **AREA}, NEW),
    "upgrade": (UPGRADE, NEW),
}


@pytest.mark.parametrize("edition", [OLD, NEW])
@pytest.mark.parametrize("name", CONTROLS)
async def test_a_control_is_taken_by_the_edition_that_has_it(name: str, edition: Edition) -> None:
    wish, since = CONTROLS[name]
    async with meeting(edition=edition) as (asking, device):
        await asking.event("registered")
        channel = device.spec.channels[0].id
        answer = await asking.control(device.spec.id, channel=channel, **{name: wish})
        if edition < since:
            assert (answer.status_code, answer.json()["code"]) == (501, "not_supported")
        else:
            assert answer.json() == {"result": "ok", "confirmed": True}, name


# Cards hold what was recorded: they are not formatted from here (art. 28)
NOT_OFFERED = frozenset({"format_card"})
SAID_AS = {
    "ptz_cmd": "ptz",
    "tele_boot": "restart",
    "alarm": "reset_alarm",
    "zoom_in": "drag_zoom",
    "zoom_out": "drag_zoom",
    "home_position": "home",
}
PARAMETERS = frozenset(
    {
        *("control_priority", "preset_name", "cruise_track_name", "stream_number", "alarm_method"),
        *("alarm_type", "panorama_id", "track_area"),
    }
)


def test_every_command_can_be_given() -> None:
    assert set(CONTROLS) == set(_BUILDERS)
    commands = set(bindings(DeviceControl)) - PARAMETERS - NOT_OFFERED
    assert {SAID_AS.get(name, name) for name in commands} <= set(_BUILDERS)


@pytest.mark.parametrize(
    "wish",
    [
        {"format_card": 1},
        {"track": {"mode": "follow"}},
        {"track": {"mode": "manual"}},
        {"upgrade": {**UPGRADE, "url": "ftp://192.0.2.1/v"}},
        {"upgrade": {**UPGRADE, "session": "1"}},
        {"upgrade": {**UPGRADE, "firmware": 2}},
        {"upgrade": {**UPGRADE, "more": 2}},
        {"upgrade": {}},
    ],
)
async def test_what_is_no_command_is_refused(wish: dict[str, Any]) -> None:
    async with meeting(edition=NEW) as (asking, device):
        await asking.event("registered")
        answer = await asking.control(device.spec.id, **wish)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_command")


# --- Questions -------------------------------------------------------------------------------------------

QUESTIONS: dict[
    str, tuple[dict[str, Any], str]
] = {  # parameters, and a field of the answer that is not empty
    "DeviceInfo": ({}, "firmware"),
    "DeviceStatus": ({}, "online"),
    "PresetQuery": ({}, "presets"),
    "ConfigDownload": ({"config_type": "BasicParam/VideoParamOpt"}, "basic"),
    "HomePositionQuery": ({}, "home_position"),
    "CruiseTrackListQuery": ({}, "tracks"),
    "CruiseTrackQuery": ({"number": 1}, "points"),
    "PTZPosition": ({}, "zoom"),
    "SDCardStatus": ({}, "cards"),
}


@pytest.mark.parametrize("edition", [OLD, NEW])
async def test_every_question_is_answered_by_the_edition_that_has_it(edition: Edition) -> None:
    async with meeting(edition=edition) as (asking, device):
        await asking.event("registered")
        id, channel = device.spec.id, device.spec.channels[0].id
        await asking.control(id, channel=channel, preset={"action": "set", "number": 5})
        await asking.control(id, channel=channel, cruise={"action": "add", "group": 1, "preset": 5})
        for command, (parameters, field) in QUESTIONS.items():
            answer = await asking.query(id, command, channel=channel, **parameters)
            if edition < COMMANDS[command][2]:
                assert answer.json()["code"] == "not_supported", command
            else:
                assert answer.json()[field], command


def test_every_question_can_be_asked() -> None:
    assert set(QUESTIONS) == set(COMMANDS)


# --- Settings, and what takes a while --------------------------------------------------------------------


@contextmanager
def web() -> Iterator[tuple[str, list[bytes]]]:
    """Where pictures are brought, and firmware is."""
    brought: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            brought.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"firmware")

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", brought
    finally:
        server.shutdown()
        server.server_close()


async def configure(asking: Any, device: str, **wish: Any) -> Any:
    return await asking.http.post(f"/control/devices/{device}/config", json=wish)


async def test_a_device_is_set_and_tells_what_it_is_set_to() -> None:
    async with meeting() as (asking, device):
        await asking.event("registered")
        answer = await configure(asking, device.spec.id, basic={"name": "北门", "heartbeat_interval": 30})
        assert answer.json() == {"result": "ok", "confirmed": True}
        told = await asking.query(device.spec.id, "ConfigDownload", config_type="BasicParam")
        assert (told.json()["basic"]["name"], told.json()["basic"]["heartbeat_interval"]) == ("北门", 30)
        newer = await configure(asking, device.spec.id, mirror="1")
        assert (newer.status_code, newer.json()["code"]) == (501, "not_supported")
        wrong = await configure(asking, device.spec.id, basic={"heartbeat_interval": 0})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_command")
        assert (await configure(asking, "99010100001180000999", mirror="1")).status_code == 404


async def test_pictures_are_brought_and_said_to_have_been() -> None:
    async with meeting(edition=NEW) as (asking, device):
        await asking.event("registered")
        async with asyncio.timeout(15):
            while device.channels[device.spec.channels[0].id].film is None:
                await asyncio.sleep(0.05)
        with web() as (url, brought):
            order = {"count": 1, "interval_s": 1, "upload_url": url, "session_id": SESSION}
            answer = await configure(
                asking, device.spec.id, channel=device.spec.channels[0].id, snapshot=order
            )
            assert answer.json()["confirmed"]
            told = await asking.event("snapshots")
            assert (told["session"], len(told["files"])) == (SESSION, 1)
            assert brought[0].startswith(b"\xff\xd8")


async def test_new_firmware_is_fetched_and_told_after_the_restart() -> None:
    async with meeting(edition=NEW) as (asking, device):
        await asking.event("registered")
        with web() as (url, _):
            wish = {**UPGRADE, "url": f"{url}/firmware"}
            assert (await asking.control(device.spec.id, upgrade=wish)).json()["confirmed"]
            told = await asking.event("upgrade")
        assert (told["session"], told["result"], told["firmware"]) == (SESSION, "OK", "2.0")
        assert (await asking.query(device.spec.id, "DeviceInfo")).json()["firmware"] == "2.0"
