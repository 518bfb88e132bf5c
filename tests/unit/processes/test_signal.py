"""The signalling process as the web process and devices see it: real sockets on both sides."""

import asyncio
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bingjian.clock import SystemClock
from bingjian.processes.beginning import ConfigError, StartError
from bingjian.processes.signal import Signal, serve
from bingjian.protocols.gb28181.manscdp.catalog import CatalogChange, CatalogPage, CatalogQuery, Item
from bingjian.protocols.gb28181.manscdp.configuration import BasicParam, Configuration, SnapShotsUploaded
from bingjian.protocols.gb28181.manscdp.controls import DeviceControl, DeviceControlResult
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.gb28181.manscdp.notifies import Alarm, AlarmInfo, AlarmTaken, UpgradeResult
from bingjian.protocols.gb28181.manscdp.queries import ConfigDownloadQuery, DeviceInfoQuery, RecordInfoQuery
from bingjian.protocols.gb28181.manscdp.responses import (
    DeviceInfo,
    DeviceStatus,
    Preset,
    PresetList,
    Recording,
    RecordPage,
)
from bingjian.protocols.gb28181.manscdp.text import Charset
from bingjian.protocols.gb28181.manscdp.values import BEIJING
from bingjian.protocols.sip.events import Asked
from bingjian.signalling import watch
from tests.unit.processes.signal_process import CREDENTIAL, MEDIA_CREDENTIAL, Asking, config, running
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    PASSWORD,
    Moved,
    ScriptedDevice,
    assignment,
    said,
    until,
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a device's turn."""
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


NO_DEVICES = json.dumps({"epoch": 1, "devices": []}).encode()
CHANNELS = [f"990101000013100000{n:02d}" for n in range(1, 6)]


class Camera(ScriptedDevice):
    """Answers every query with what it is given, by the query's class, in messages of its own."""

    def __init__(self, port: int, **more: Any) -> None:
        super().__init__(port, **more)
        self.answers_to: dict[type[Message], list[Any]] = {}  # each a function of the query's SN
        self.heard: list[Message] = []
        self.handlers.append(self._answer_message)
        self.subscribed: list[Asked] = []
        self.handlers.append(self._take_subscription)

    def _answer_message(self, asked: Asked) -> bool:
        if asked.request.method != "MESSAGE":
            return False
        self.answer(asked, 200)
        told = said(asked.request)
        self.heard.append(told)
        for make in self.answers_to.get(type(told), []):
            task = asyncio.get_running_loop().create_task(self.say(make(told.sn)))
            self.tasks = {*getattr(self, "tasks", ()), task}
        return True

    def _take_subscription(self, asked: Asked) -> bool:
        if asked.request.method != "SUBSCRIBE":
            return False
        self.subscribed.append(asked)
        self.answer(asked, 200, b"", ("Expires", "3600"))
        return True

    def of(self, kind: type[Any]) -> list[Any]:
        return [told for told in self.heard if isinstance(told, kind)]


async def camera(asking: Asking, **more: Any) -> Camera:
    made = await Camera(asking.sip_port, **more).open()  # type: ignore[misc]
    assert isinstance(made, Camera)
    return made


def page(*items: Item, total: int, device: str = DEVICE) -> Any:
    return lambda sn: CatalogPage(sn=sn, device_id=device, total=total, items=items)


def item(id: str, **more: Any) -> Item:
    return Item(device_id=id, name=f"Gate {id[-2:]}", status="ON", **more)


# --- starting


async def test_only_the_right_credential_opens_each_door() -> None:
    async with running() as asking:
        paths = ["/control/state", "/metrics", "/control/events", f"/control/devices/{DEVICE}"]
        for path in paths:
            for bearer in ("none", MEDIA_CREDENTIAL, CREDENTIAL + "x"):
                answer = await asking.http.get(path, headers={"Authorization": f"Bearer {bearer}"})
                assert answer.status_code == 401, (path, bearer)
        assert (await asking.http.get("/healthz", headers={"Authorization": ""})).text == "ok"
        assert (await asking.http.get("/control/calls")).status_code == 401
        media = {"Authorization": f"Bearer {MEDIA_CREDENTIAL}"}
        assert (await asking.http.get("/control/calls", headers=media)).status_code == 426
        assert (await asking.http.get("/control/nothing")).status_code == 404


async def test_media_workers_ask_what_a_device_has_recorded_and_nothing_else() -> None:
    media = {"Authorization": f"Bearer {MEDIA_CREDENTIAL}"}
    query = f"/control/devices/{DEVICE}/query"
    asked = {
        "command": "RecordInfo",
        "start_time": "2026-11-26T00:00:00Z",
        "end_time": "2026-11-27T00:00:00Z",
    }
    async with running() as asking:
        told = await asking.http.post(query, json=asked, headers=media)
        assert (told.status_code, told.json()["code"]) == (404, "not_registered")
        for command in ("Catalog", "DeviceInfo", None):
            told = await asking.http.post(query, json={"command": command}, headers=media)
            assert (told.status_code, told.json()["code"]) == (403, "not_allowed")
        assert (await asking.http.get(query, headers=media)).status_code == 405
        control = f"/control/devices/{DEVICE}/control"
        assert (await asking.http.post(control, json={"record": True}, headers=media)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"sip_id": "123"},
        {"sip_domain": ""},
        {"credential": "short"},
        {"media_credential": CREDENTIAL},
        {"sip_port": 70_000},
        {"sip_port": "5060"},
        {"assignment_file": "/x", "assignment_key": "none"},
    ],
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Signal(config(None, **wrong), SystemClock())


async def test_a_port_that_is_taken_is_said() -> None:
    async with running() as asking:
        taken = config(None, sip_port=asking.sip_port)
        with pytest.raises(StartError, match=str(asking.sip_port)):
            await serve(Signal(taken, SystemClock()), taken, asyncio.Event())


# --- registrations


async def test_a_device_is_told_of_from_knocking_to_leaving() -> None:
    async with running() as asking:
        await asking.assign(NO_DEVICES)
        device = await camera(asking)
        await device.register()
        told = await asking.event("unknown")
        assert (told["device"], told["address"]) == (DEVICE, f"127.0.0.1:{device.local.port}")
        assert await asking.assign(assignment()) == 204
        await device.register()
        told = await asking.event("registered")
        assert {**told, "seq": 0, "at": ""} == {
            "seq": 0,
            "at": "",
            "kind": "registered",
            "device": DEVICE,
            "address": f"127.0.0.1:{device.local.port}",
            "transport": "udp",
            "version": "3.0",
            "fresh": True,
            "realm_differs": False,
            "user_agent": "Bingjian",
            "expires_s": 86_432,
        }
        binding = (await asking.http.get(f"/control/devices/{DEVICE}")).json()
        assert (binding["online"], binding["transport"], binding["realm_as_sent"]) == (
            True,
            "udp",
            "9901010000",
        )
        wish = {"devices": [DEVICE, "23010200001180000099", 7]}
        answer = await asking.http.post("/control/bindings", json=wish)
        ((answered, told),) = answer.json()["bindings"].items()
        moves = {"seen_at": "", "expires_at": ""}  # with each message, and by the fineness of the clock
        assert (answered, {**told, **moves}) == (DEVICE, {**binding, **moves})
        for nonsense in ({}, {"devices": DEVICE}, {"devices": [DEVICE] * 1001}):
            assert (await asking.http.post("/control/bindings", json=nonsense)).status_code == 400
        await device.leave()
        await asking.event("removed")
        assert (await asking.http.post("/control/bindings", json=wish)).json() == {"bindings": {}}
        answer = await asking.http.get(f"/control/devices/{DEVICE}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_registered")
        device.close()


async def test_an_unknown_id_is_told_of_once_an_hour_and_a_flood_of_them_is_bounded() -> None:
    clock = Moved()
    async with running(None, clock) as asking:
        await asking.assign(NO_DEVICES)
        device = await camera(asking)
        await device.register()
        await device.register()
        assert [event["kind"] for event in await asking.events()] == ["unknown"]
        clock.pushed_s = 3_601.0
        await device.register()
        assert [event["kind"] for event in await asking.events()] == ["unknown"]
        device.close()


async def test_refusals_replays_and_silence_are_told_of() -> None:
    clock = Moved()
    async with running(None, clock) as asking:
        await asking.assign(assignment(keep_alive_s=10))
        wrong = await camera(asking, password="guess")
        await wrong.register()
        assert (await asking.event("refused"))["why"] == "password"
        device = await camera(asking)
        await device.register()
        clock.pushed_s = 40.0
        asking.process.platform.endpoint.tick()
        assert (await asking.event("gone"))["why"] == "silent"
        answer = await asking.query(DEVICE, "DeviceInfo")
        assert (answer.status_code, answer.json()["code"]) == (409, "offline")
        await device.keep_alive()
        await asking.event("returned")
        wrong.close()
        device.close()


async def test_old_and_broken_assignments_are_refused() -> None:
    async with running() as asking:
        assert await asking.assign(assignment(epoch=5)) == 204
        assert await asking.assign(assignment(epoch=4)) == 409
        for wrong in (
            b"",
            b"[]",
            b"{}",
            b'{"epoch": 6}',
            b'{"epoch": 6, "devices": [{}]}',
            json.dumps({"epoch": 6, "devices": [{"id": DEVICE, "charset": "latin"}]}).encode(),
            json.dumps({"epoch": 6, "devices": [{"id": DEVICE, "keep_alive_s": 0}]}).encode(),
            json.dumps({"epoch": 6, "devices": [{"id": DEVICE}, {"id": DEVICE}]}).encode(),
        ):
            assert await asking.assign(wrong) == 400, wrong
        assert (await asking.http.get("/control/state")).json()["epoch"] == 5


async def test_a_device_that_is_listed_no_longer_is_gone() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        await asking.assign(json.dumps({"epoch": 2, "devices": []}).encode())
        assert (await asking.http.get(f"/control/devices/{DEVICE}")).status_code == 404
        assert await device.keep_alive() == 404
        device.close()


async def test_registrations_and_what_we_were_told_outlive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        port = asking.sip_port
        await until(lambda: device.of(DeviceInfoQuery), "what we want to know of it")
        device.heard.clear()
    assert PASSWORD.encode() not in (tmp_path / "signal.sealed").read_bytes()
    async with running(tmp_path, sip_port=port) as asking:
        binding = (await asking.http.get(f"/control/devices/{DEVICE}")).json()
        assert (binding["online"], binding["address"]) == (False, f"127.0.0.1:{device.local.port}")
        assert await device.keep_alive() == 200
        await asking.event("returned")
        await until(lambda: device.of(DeviceInfoQuery), "what we want to know of it, anew")
        device.close()


async def test_another_password_ends_what_the_old_one_proved() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        changed = json.dumps({"epoch": 2, "devices": [{"id": DEVICE, "password": "another"}]})
        await asking.assign(changed.encode())
        await asking.event("removed")
        assert await device.keep_alive() == 404
        await device.register()
        assert (await asking.event("refused"))["why"] == "password"
        device.close()


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><Notify CmdType="Keepalive" SN="1"><DeviceID>1</DeviceID></Notify>',
        '<?xml version="1.0"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN></Notify>'.encode("utf-16"),
        b"<notify><cmdtype> keepalive </cmdtype></notify>",
    ],
)
async def test_a_keep_alive_is_known_in_any_spelling(body: bytes) -> None:
    clock = Moved()
    async with running(None, clock) as asking:
        await asking.assign(assignment(keep_alive_s=10))
        device = await camera(asking)
        await device.register()
        clock.pushed_s = 40.0
        asking.process.platform.endpoint.tick()
        await asking.event("gone")
        assert await device.say_bytes(body) == 200
        await asking.event("returned")
        device.close()


# --- what we want to know of every device


async def test_a_fresh_device_is_asked_what_it_is_and_subscribed_to() -> None:
    async with running() as asking:
        await asking.assign(assignment(keep_alive_s=10))
        device = await camera(asking)
        info = DeviceInfo(sn=0, device_id=DEVICE, manufacturer="Acme", model="X1", firmware="2", channels=1)
        device.answers_to[DeviceInfoQuery] = [lambda sn: _with_sn(info, sn)]
        basic = BasicParam(heartbeat_interval=30, heartbeat_count=3)
        device.answers_to[ConfigDownloadQuery] = [
            lambda sn: Configuration(sn=sn, device_id=DEVICE, basic=basic)
        ]
        device.answers_to[CatalogQuery] = [page(item(CHANNEL), total=1)]
        await device.register()
        told = await asking.event("info")
        assert (told["manufacturer"], told["model"], told["firmware"], told["channels"]) == (
            "Acme",
            "X1",
            "2",
            1,
        )
        told = await asking.event("catalog")
        assert (told["last"], told["complete"], told["total"]) == (True, True, 1)
        assert told["items"][0]["id"] == CHANNEL
        await until(lambda: len(device.subscribed) == 2, "two subscriptions")
        headers = [asked.request.headers.get("Event").partition(";")[0] for asked in device.subscribed]
        assert sorted(headers) == ["Catalog", "presence"]
        state = (await asking.http.get("/control/state")).json()
        assert (state["registered"], state["online"], state["subscriptions"]) == (1, 1, 2)
        registrar = asking.process.platform.endpoint.registrar
        assert registrar._devices[DEVICE].terms.keep_alive_s == 30  # as the device says, for it is longer
        device.close()


def _with_sn(told: Any, sn: int) -> Any:
    from dataclasses import replace

    return replace(told, sn=sn)


async def test_a_change_that_a_subscription_tells_waits_for_the_catalogue() -> None:
    """gb28181.md, quirk 10."""
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        await until(lambda: device.of(CatalogQuery), "a catalogue query")
        sn = device.of(CatalogQuery)[0].sn
        await device.say(page(item(CHANNELS[0]), total=2)(sn))
        change = CatalogChange(sn=9, device_id=DEVICE, items=(item(CHANNELS[1], event="ADD"),))
        await device.say(change)
        await device.say(page(item(CHANNELS[1]), total=2)(sn))
        kinds = [(await asking.event("catalog"))["kind"], (await asking.event("catalog_change"))["kind"]]
        assert kinds == ["catalog", "catalog_change"]
        device.close()


async def test_pages_in_any_order_with_repetitions_become_one_catalogue() -> None:
    """gb28181.md, quirk 6."""
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        pages = [CHANNELS[2:4], CHANNELS[0:2], CHANNELS[2:4], CHANNELS[4:5]]
        device.answers_to[CatalogQuery] = [page(*map(item, some), total=5) for some in pages]
        await device.register()
        told = await asking.event("catalog")
        assert sorted(one["id"] for one in told["items"]) == CHANNELS
        assert told["complete"]
        device.close()


async def test_a_catalogue_that_never_ends_is_told_as_incomplete_and_asked_for_again() -> None:
    """gb28181.md, quirk 6."""
    clock = Moved()
    async with running(None, clock) as asking:
        await asking.assign(assignment(keep_alive_s=600))
        device = await camera(asking)
        device.answers_to[CatalogQuery] = [page(item(CHANNELS[0]), total=7)]
        await device.register()
        await until(lambda: device.of(CatalogQuery), "a catalogue query")
        await asyncio.sleep(0.1)
        clock.pushed_s += 21.0
        asking.process.platform.endpoint.tick()
        told = await asking.event("catalog")
        assert (len(told["items"]), told["total"], told["complete"]) == (1, 7, False)
        await asyncio.sleep(0.05)
        clock.pushed_s += 61.0
        asking.process.platform.endpoint.tick()
        await until(lambda: len(device.of(CatalogQuery)) == 2, "a second query")
        device.close()


async def test_a_page_that_nobody_asked_for_replaces_nothing() -> None:
    """gb28181.md, quirk 7."""
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        device.answers_to[CatalogQuery] = [page(*map(item, CHANNELS), total=5)]
        await device.register()
        await asking.event("catalog")
        await device.say(CatalogPage(sn=4711, device_id=DEVICE, total=1, items=(item(CHANNELS[0]),)))
        told = await asking.event("catalog_change")
        assert [(one["id"], one["change"]) for one in told["items"]] == [(CHANNELS[0], "UPDATE")]
        device.close()


async def test_a_large_catalogue_comes_in_parts_of_one_run() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking, tcp=True)
        many = [f"99010100001310{n:06d}" for n in range(1_200)]
        device.answers_to[CatalogQuery] = [page(*map(item, many), total=1_200)]
        await device.register()
        parts = [await asking.event("catalog") for _ in range(3)]
        assert [len(part["items"]) for part in parts] == [500, 500, 200]
        assert [part["last"] for part in parts] == [False, False, True]
        assert len({part["run"] for part in parts}) == 1
        device.close()


async def test_a_device_without_channels_is_its_own() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        device.answers_to[CatalogQuery] = [page(total=0)]
        await device.register()
        assert [one["id"] for one in (await asking.event("catalog"))["items"]] == [DEVICE]
        device.close()


@pytest.mark.parametrize("charset", [Charset.GB, Charset.UTF8])
async def test_a_device_is_written_to_as_it_writes(charset: Charset) -> None:
    """gb28181.md, quirk 21."""
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        told = CatalogPage(sn=1, device_id=DEVICE, total=1, items=(Item(device_id=CHANNEL, name="东门"),))
        await device.say(told, charset=charset)
        assert (await asking.event("catalog_change"))["items"][0]["name"] == "东门"
        device.asked.clear()
        answer = asyncio.create_task(asking.query(DEVICE, "DeviceStatus"))
        await until(lambda: device.asked, "a query")
        declared = device.asked[-1].body.partition(b"?>")[0]
        assert (b"UTF-8" in declared) is (charset is Charset.UTF8)
        answer.cancel()
        device.close()


# --- alarms and other news


def alarm(**more: Any) -> Alarm:
    at = datetime(2026, 11, 26, 8, 0, 0, tzinfo=BEIJING)
    told = {"sn": 5, "device_id": CHANNEL, "priority": "1", "method": "5", "time": at, "description": "线"}
    return Alarm(**{**told, "info": AlarmInfo(type="5"), **more})  # type: ignore[arg-type]


async def test_an_alarm_is_told_of_once_and_answered_each_time() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        await device.say(alarm())
        await device.say(alarm(sn=6))
        told = await asking.event("alarm")
        told = {name: told[name] for name in ("device", "channel", "method", "type", "time", "description")}
        assert told == {
            "device": DEVICE,
            "channel": CHANNEL,
            "method": "5",
            "type": "5",
            "time": "2026-11-26T00:00:00.000Z",
            "description": "线",
        }
        await until(lambda: len(device.of(AlarmTaken)) == 2, "two answers")
        assert [answer.sn for answer in device.of(AlarmTaken)] == [5, 6]
        assert device.of(DeviceControl) == []
        assert "alarm" not in [event["kind"] for event in await asking.events()]
        device.close()


async def test_a_devices_own_alarm_is_reset_so_that_the_next_comes() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        await device.say(alarm(method="2", info=AlarmInfo(type="2")))
        await until(lambda: device.of(DeviceControl), "a reset")
        reset = device.of(DeviceControl)[0]
        assert (reset.alarm, reset.alarm_method, reset.alarm_type, reset.device_id) == (
            "ResetAlarm",
            "2",
            "2",
            CHANNEL,
        )
        device.close()


async def test_a_flood_of_alarms_of_one_device_is_bounded() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        for number in range(150):
            await device.say(alarm(sn=number + 1, description=str(number), info=AlarmInfo(type=str(number))))
        told = [event for event in await asking.events() if event["kind"] == "alarm"]
        assert len(told) == 120
        device.close()


async def test_upgrades_and_snapshots_are_told_of() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        await device.say(
            UpgradeResult(sn=2, device_id=DEVICE, session_id="s" * 32, upgrade_result="OK", firmware="2")
        )
        assert (await asking.event("upgrade"))["result"] == "OK"
        await device.say(SnapShotsUploaded(sn=3, device_id=DEVICE, session_id="s" * 32, files=("a", "b")))
        assert (await asking.event("snapshots"))["files"] == ["a", "b"]
        device.close()


async def test_what_a_device_says_that_is_no_manscdp_is_counted_and_answered() -> None:
    async with running() as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        await device.register()
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><Notify><CmdType>&a;</CmdType></Notify>'
        )
        for body in (b"", b"\xff\x00", b"<Notify>", bomb):
            assert await device.say_bytes(body) == 200
        assert (await asking.http.get("/control/state")).json()["unreadable"] == 4
        device.close()


# --- questions


async def ready(asking: Asking, **more: Any) -> Camera:
    """Registered, and no longer asked of our own accord."""
    await asking.assign(assignment(**more))
    device = await camera(asking)
    await device.register()
    await until(lambda: device.of(DeviceInfoQuery), "the first query")
    return device


async def test_a_question_is_answered_with_the_answers_fields() -> None:
    async with running() as asking:
        device = await ready(asking)
        from bingjian.protocols.gb28181.manscdp.queries import PresetQuery

        presets = (Preset(number="1", name="门"), Preset(number="2", name="院"))
        device.answers_to[PresetQuery] = [
            lambda sn: PresetList(sn=sn, device_id=CHANNEL, total=2, presets=presets)
        ]
        answer = await asking.query(DEVICE, "PresetQuery", channel=CHANNEL)
        assert answer.status_code == 200
        assert answer.json()["presets"] == [{"number": "1", "name": "门"}, {"number": "2", "name": "院"}]
        assert device.of(PresetQuery)[0].device_id == CHANNEL
        device.close()


async def test_a_status_says_how_far_the_devices_clock_is_off() -> None:
    async with running() as asking:
        device = await ready(asking)
        from datetime import timedelta

        from bingjian.protocols.gb28181.manscdp.queries import DeviceStatusQuery

        late = datetime.now(BEIJING) - timedelta(seconds=100)
        device.answers_to[DeviceStatusQuery] = [
            lambda sn: DeviceStatus(
                sn=sn, device_id=DEVICE, result="OK", online="ONLINE", record="ON", time=late
            )
        ]
        assert (await asking.query(DEVICE, "DeviceStatus")).json()["record"] == "ON"
        told = await asking.event("status")
        assert told["record"] is True
        assert -103 < told["time_offset_s"] < -98
        device.close()


async def test_recordings_come_page_by_page_and_sorted() -> None:
    async with running() as asking:
        device = await ready(asking)

        def part(hour: int) -> Recording:
            start = datetime(2026, 1, 31, hour, tzinfo=BEIJING)
            return Recording(
                device_id=CHANNEL, start_time=start, end_time=start.replace(minute=30), type="time"
            )

        device.answers_to[RecordInfoQuery] = [
            lambda sn, hour=hour: RecordPage(sn=sn, device_id=CHANNEL, total=3, items=(part(hour),))
            for hour in (9, 7, 8)
        ]
        window = {"start_time": "2026-01-31T00:00:00+08:00", "end_time": "2026-01-31T23:59:59+08:00"}
        answer = (await asking.query(DEVICE, "RecordInfo", channel=CHANNEL, **window)).json()
        assert answer["complete"]
        starts = [one["start_time"] for one in answer["recordings"]]
        assert starts == [f"2026-01-3{day}T{hour:02d}:00:00.000Z" for day, hour in ((0, 23), (1, 0), (1, 1))]
        asked = device.of(RecordInfoQuery)[0]
        assert (asked.secrecy, asked.type) == ("0", "all")
        device.close()


async def test_blocks_of_a_configuration_are_put_together() -> None:
    async with running() as asking:
        device = await ready(asking)
        from bingjian.protocols.gb28181.manscdp.configuration import VideoParamOpt

        device.answers_to[ConfigDownloadQuery] = [
            lambda sn: Configuration(sn=sn, device_id=DEVICE, result="OK", basic=BasicParam(name="n")),
            lambda sn: Configuration(sn=sn, device_id=DEVICE, video_options=VideoParamOpt(resolution="5/6")),
        ]
        wanted = "BasicParam/VideoParamOpt"
        answer = (await asking.query(DEVICE, "ConfigDownload", config_type=wanted)).json()
        assert (answer["basic"]["name"], answer["video_options"]["resolution"]) == ("n", "5/6")
        device.close()


async def test_problems_have_their_codes() -> None:
    clock = Moved()
    async with running(None, clock) as asking:
        unknown = await asking.query("99010100001180000099", "DeviceInfo")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_registered")
        device = await ready(asking, edition="2016")
        newer = await asking.query(DEVICE, "SDCardStatus")
        assert (newer.status_code, newer.json()["code"]) == (501, "not_supported")
        from bingjian.protocols.gb28181.manscdp.queries import DeviceStatusQuery

        device.answers_to[DeviceStatusQuery] = [
            lambda sn: DeviceStatus(sn=sn, device_id=DEVICE, result="ERROR", others=())
        ]
        refused = await asking.query(DEVICE, "DeviceStatus")
        assert (refused.status_code, refused.json()["code"]) == (502, "device_error")
        device.answers_to.clear()
        silent = asyncio.create_task(asking.query(DEVICE, "DeviceStatus"))
        await until(lambda: len(device.of(DeviceStatusQuery)) == 2, "the second query")
        clock.pushed_s = 11.0
        asking.process.platform.endpoint.tick()
        assert ((await silent).status_code, (await silent).json()["code"]) == (504, "no_answer")
        for wrong in (
            {"command": "Nothing"},
            {"command": "DeviceInfo", "more": 1},
            {"command": "RecordInfo"},
        ):
            answer = await asking.http.post(f"/control/devices/{DEVICE}/query", json=wrong)
            assert answer.status_code == 400, wrong
        device.close()


async def test_who_goes_offline_leaves_nobody_waiting() -> None:
    async with running() as asking:
        device = await ready(asking)
        waiting = asyncio.create_task(asking.query(DEVICE, "DeviceStatus"))
        from bingjian.protocols.gb28181.manscdp.queries import DeviceStatusQuery

        await until(lambda: device.of(DeviceStatusQuery), "the query")
        await device.leave()
        assert (await waiting).status_code == 409
        device.close()


async def test_one_catalogue_at_a_time() -> None:
    async with running() as asking:
        device = await ready(asking)
        await until(lambda: device.of(CatalogQuery), "the first catalogue query")
        assert (await asking.query(DEVICE, "Catalog")).json() == {"started": False}
        sn = device.of(CatalogQuery)[0].sn
        await device.say(page(total=0)(sn))
        await asking.event("catalog")
        assert (await asking.query(DEVICE, "Catalog")).json() == {"started": True}
        await until(lambda: len(device.of(CatalogQuery)) == 2, "the second")
        device.close()


# --- controls


async def test_a_move_and_its_stop_which_goes_out_twice() -> None:
    async with running() as asking:
        device = await ready(asking)
        answer = await asking.control(DEVICE, channel=CHANNEL, ptz={"pan": -32})
        assert answer.json() == {"result": "ok", "confirmed": True}
        assert (await asking.control(DEVICE, channel=CHANNEL, ptz={})).status_code == 200
        await until(lambda: len(device.of(DeviceControl)) == 3, "a second stop")
        controls = device.of(DeviceControl)
        assert [one.ptz_cmd for one in controls] == ["A50F0102200000D7"] + ["A50F0100000000B5"] * 2
        assert {one.device_id for one in controls} == {CHANNEL}
        device.close()


async def test_a_stop_is_not_repeated_into_the_next_move() -> None:
    async with running() as asking:
        device = await ready(asking)
        await asking.control(DEVICE, channel=CHANNEL, ptz={})
        await asking.control(DEVICE, channel=CHANNEL, ptz={"pan": 10})
        await asyncio.sleep(0.25)
        assert len(device.of(DeviceControl)) == 2
        device.close()


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ({"preset": {"action": "go", "number": 5}}, "ptz_cmd", "A50F01820005003C"),
        ({"lens": {"focus": 1}}, "ptz_cmd", "A50F0142010000F8"),
        ({"cruise": {"action": "start", "group": 1}}, "ptz_cmd", "A50F01880100003E"),
        ({"scan": {"action": "start", "group": 1}}, "ptz_cmd", "A50F01890100003F"),
        ({"switch": {"number": 1, "on": True}}, "ptz_cmd", "A50F018C01000042"),
        ({"key_frame": True}, "key_frame", "Send"),
        ({"restart": True}, "tele_boot", "Boot"),
        ({"precise": {"pan": 10, "tilt": 5, "zoom": 2}}, "precise.pan", 10.0),
        (
            {
                "drag_zoom": {
                    "in": True,
                    "length": 9,
                    "width": 8,
                    "mid_x": 1,
                    "mid_y": 2,
                    "length_x": 3,
                    "length_y": 4,
                }
            },
            "zoom_in.length",
            3,
        ),
    ],
)
async def test_each_control_reaches_the_device(wish: dict[str, Any], field: str, value: Any) -> None:
    async with running() as asking:
        device = await ready(asking)
        assert (await asking.control(DEVICE, channel=CHANNEL, **wish)).json()["confirmed"]
        told: Any = device.of(DeviceControl)[0]
        for name in field.split("."):
            told = getattr(told, name)
        assert told == value
        device.close()


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ({"guard": True}, "guard", "SetGuard"),
        ({"record": False}, "record", "StopRecord"),
        ({"home": {"enabled": True, "reset_s": 60, "preset": 3}}, "home_position.preset", 3),
        ({"reset_alarm": {"method": "2", "type": ""}}, "alarm", "ResetAlarm"),
    ],
)
async def test_what_the_device_has_to_confirm_waits_for_it(
    wish: dict[str, Any], field: str, value: Any
) -> None:
    async with running() as asking:
        device = await ready(asking)
        device.answers_to[DeviceControl] = [
            lambda sn: DeviceControlResult(sn=sn, device_id=CHANNEL, result="OK")
        ]
        assert (await asking.control(DEVICE, channel=CHANNEL, **wish)).json()["confirmed"]
        told: Any = device.of(DeviceControl)[0]
        for name in field.split("."):
            told = getattr(told, name)
        assert told == value
        device.answers_to[DeviceControl] = [
            lambda sn: DeviceControlResult(sn=sn, device_id=CHANNEL, result="ERROR")
        ]
        assert (await asking.control(DEVICE, channel=CHANNEL, **wish)).status_code == 502
        device.close()


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"ptz": {"pan": 256}},
        {"ptz": 5},
        {"ptz": {}, "guard": True},
        {"preset": {"action": "go", "number": 0}},
        {"preset": {"action": "fly", "number": 1}},
        {"guard": "yes"},
        {"key_frame": False},
        {"precise": {"pan": 10}},
        {"reset_alarm": {"method": "<x/>"}},
        {"cruise": {"action": "start"}},
    ],
)
async def test_a_control_that_is_none_is_refused(wish: dict[str, Any]) -> None:
    async with running() as asking:
        device = await ready(asking)
        answer = await asking.control(DEVICE, **wish)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_command")
        assert device.of(DeviceControl) == []
        device.close()


async def test_precise_control_is_of_2022_only_and_the_key_frame_has_its_old_name() -> None:
    async with running() as asking:
        device = await ready(asking, edition="2016")
        answer = await asking.control(DEVICE, precise={"pan": 10, "tilt": 5, "zoom": 2})
        assert (answer.status_code, answer.json()["code"]) == (501, "not_supported")
        device.asked.clear()
        await asking.control(DEVICE, key_frame=True)
        assert any(b"IFameCmd" in request.body for request in device.asked)
        device.close()


# --- logs and figures


async def test_the_log_shows_messages_without_what_opens_doors() -> None:
    async with running() as asking:
        device = await ready(asking)
        for _ in range(3):
            await device.keep_alive()
        body = b"<Notify><CmdType>X</CmdType><SN>1</SN><Password>hunter2</Password></Notify>"
        await device.say_bytes(body)
        told = (await asking.http.get(f"/control/devices/{DEVICE}/log")).json()["messages"]
        text = "".join(message["text"] for message in told)
        assert "hunter2" not in text
        assert re.search(r'response="\*{32,}"', text)
        assert [m["direction"] for m in told[:4]] == ["in", "out", "in", "out"]
        assert told[0]["peer"] == f"127.0.0.1:{device.local.port}"
        assert told[0]["local"] == f"127.0.0.1:{asking.sip_port}"
        assert sum(m["keep_alives"] for m in told if not m["text"]) == 3
        seq = told[-2]["seq"]
        later = (await asking.http.get(f"/control/devices/{DEVICE}/log", params={"after": seq})).json()
        assert next(m["seq"] for m in later["messages"]) == told[-1]["seq"]
        device.close()


async def test_the_metrics_count() -> None:
    async with running() as asking:
        device = await ready(asking)
        await device.keep_alive()
        text = (await asking.http.get("/metrics")).text
        assert "bingjian_signal_online 1.0" in text
        assert "bingjian_signal_keep_alives_total 1.0" in text
        device.close()


async def test_events_wait_and_a_reader_of_another_run_is_told_of_its_loss() -> None:
    async with running() as asking:
        await asking.assign(NO_DEVICES)
        first = (await asking.http.get("/control/events")).json()
        assert (first["events"], first["lost"]) == ([], False)
        waiting = asyncio.create_task(asking.events(wait_s=20))
        await asyncio.sleep(0.05)
        device = await camera(asking)
        await device.register()
        assert [event["kind"] for event in await waiting] == ["unknown"]
        ahead = (await asking.http.get("/control/events", params={"after": 10**6})).json()
        assert ahead["lost"]
        assert [event["seq"] for event in ahead["events"]] == [1]
        device.close()
