"""Devices as we were told of them, and what is known of them through assignments."""

from bingjian.protocols.gb28181.manscdp.text import Charset
from bingjian.signalling.devices import Devices, read_assignment
from tests.unit.signalling.scripted import CHANNEL, DEVICE, assignment

OTHER = "99010100001180000008"


def test_who_is_as_before_stays_the_value_that_it_was() -> None:
    devices = Devices()
    devices.replace(read_assignment(assignment(DEVICE, OTHER, admitted=[CHANNEL])))
    before = devices.get(DEVICE)
    assert devices.replace(read_assignment(assignment(DEVICE, epoch=2, admitted=[CHANNEL]))) == ([OTHER], [])
    assert devices.get(DEVICE) is before


def test_what_a_device_has_said_stays_known_when_it_is_listed_otherwise() -> None:
    devices = Devices()
    devices.replace(read_assignment(assignment(DEVICE)))
    before = devices.get(DEVICE)
    assert before is not None
    devices.learn(DEVICE, "Acme/1", "other")
    devices.learn_charset(DEVICE, Charset.UTF8)
    _, (changed,) = devices.replace(read_assignment(assignment(DEVICE, epoch=2, media="tcp")))
    assert changed.habits.media == "tcp"
    assert changed.id is before.id, "one text for all who hold it"
    assert devices.facts(DEVICE)[:3] == ("Acme/1", "other", Charset.UTF8)
    assert devices.replace(read_assignment(assignment(OTHER, epoch=3))) == ([DEVICE], [])
    assert devices.facts(DEVICE).user_agent == ""


def test_devices_that_are_alike_share_what_is_alike() -> None:
    devices = Devices()
    devices.replace(read_assignment(assignment(DEVICE, OTHER)))
    for device in (DEVICE, OTHER):
        devices.learn(device, "Acme/1", "3402000000")
    one, other = devices.get(DEVICE), devices.get(OTHER)
    assert one is not None
    assert other is not None
    assert one.habits is other.habits
    assert one.facts is other.facts
