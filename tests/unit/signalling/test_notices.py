"""Alarms that devices repeat, send without a time, or send too many of."""

from datetime import UTC, datetime

from structlog.testing import capture_logs

from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.controls import DeviceControl
from bingjian.protocols.gb28181.manscdp.notifies import Alarm
from bingjian.signalling import notices
from tests.unit.signalling.scripted import CHANNEL, DEVICE
from tests.unit.signalling.unwired import Unwired, unwired

AT = datetime(2026, 3, 1, tzinfo=UTC)


def alarm(sn: int, at: datetime | None = AT, description: str = "door", method: str = "2") -> Alarm:
    return Alarm(sn=sn, device_id=CHANNEL, method=method, time=at, description=description)


def resets(here: Unwired) -> int:
    told = [manscdp.parse(request.body) for request in here.take("MESSAGE")]
    return sum(isinstance(one, DeviceControl) and one.alarm == "ResetAlarm" for one in told)


async def test_alarms_without_a_time_are_told_apart_by_number_and_description() -> None:
    with unwired() as here:
        here.register()
        for told in (alarm(1, None), alarm(2, None), alarm(2, None, "window"), alarm(2, None)):
            here.say(told)
        assert [event["description"] for event in here.events("alarm")] == ["door", "door", "window"]
        here.pass_s(notices.SAME_UNTIMED_S)
        here.say(alarm(2, None))
        assert len(here.events("alarm")) == 4


async def test_an_alarm_with_a_time_counts_once_whatever_its_number() -> None:
    with unwired() as here:
        here.register()
        here.say(alarm(1))
        here.pass_s(notices.SAME_UNTIMED_S)
        here.say(alarm(2))
        assert len(here.events("alarm")) == 1


async def test_a_device_that_repeats_its_alarm_is_reset_again_but_not_in_a_storm() -> None:
    with unwired() as here:
        here.register()
        for sn in range(20):
            here.say(alarm(sn))
        assert resets(here) == 1
        here.pass_s(notices.RESET_AGAIN_S)
        here.take("MESSAGE")
        here.say(alarm(20))
        assert resets(here) == 1
        assert len(here.events("alarm")) == 1


async def test_alarms_that_are_too_many_are_counted_and_said_once_a_minute() -> None:
    with unwired() as here, capture_logs() as logs:
        here.register()
        for minute in range(2):
            for n in range(notices.ALARMS_PER_MINUTE + 3):
                here.say(alarm(n + 1, None, f"{minute} {n}", method="5"))
            here.pass_s(60.0)
            here.register()
        told = [line for line in logs if line["event"] == "device_floods_alarms"]
        assert [line["device"] for line in told] == [DEVICE, DEVICE]
        assert here.platform.state()["alarms_refused"] == 6
        assert len(here.events("alarm")) == 2 * notices.ALARMS_PER_MINUTE
