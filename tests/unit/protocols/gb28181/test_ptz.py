"""PTZ commands against the worked examples of the reference, and every form both ways."""

import pytest

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import ptz


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("A50F0100000000B5", ptz.STOP),
        ("A50F0102200000D7", ptz.Move(pan=-1, pan_speed=0x20)),
        ("A50F01820005003C", ptz.Preset("goto", 5)),
    ],
)
def test_the_reference_s_examples(text: str, command: ptz.Command) -> None:
    assert ptz.build(command) == text
    assert ptz.parse(text.lower()) == command


ALL = [
    ptz.Move(1, 1, 1, 255, 1, 15),
    ptz.Move(-1, -1, -1),
    ptz.STOP_LENS,
    ptz.Lens(iris=-1, focus=1, iris_speed=3, focus_speed=200),
    ptz.Lens(iris=1, focus=-1),
    *(ptz.Preset(action, 255) for action in ("set", "goto", "delete")),
    *(ptz.CruisePoint(action, 3, 7) for action in ("add", "delete")),
    ptz.CruisePoint("delete", 3, 0),
    *(ptz.CruisePace(what, 3, 0xABC) for what in ("speed", "dwell")),
    ptz.StartCruise(9),
    *(ptz.Scan(action, 2) for action in ("start", "left", "right")),
    ptz.ScanSpeed(1, 4095),
    *(ptz.Switch(ptz.WIPER, on) for on in (True, False)),
    ptz.Other(0xC3, 1, 2, 3),
]


@pytest.mark.parametrize("command", ALL, ids=str)
def test_every_command_both_ways(command: ptz.Command) -> None:
    assert ptz.parse(ptz.build(command)) == command


def test_bits_are_where_the_standard_has_them() -> None:
    def byte4(command: ptz.Command) -> str:
        return ptz.build(command)[6:8]

    assert [
        byte4(ptz.Move(pan=p, tilt=t, zoom=z))
        for p, t, z in ((1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
    ] == [*("01", "08", "04", "10", "20")]
    assert [byte4(ptz.Lens(iris=i, focus=f)) for i, f in ((1, 0), (-1, 0), (0, 1), (0, -1))] == [
        *("44", "48", "42", "41")
    ]
    assert ptz.build(ptz.CruisePace("dwell", 2, 0x123))[8:14] == "022310"


@pytest.mark.parametrize(
    "text", ["", "A50F01", "A50F0100000000B4", "B50F0100000000C5", "Z50F0100000000B5", "A5" * 9]
)
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(PeerError):
        ptz.parse(text)


@pytest.mark.parametrize(
    "command",
    [
        ptz.Move(pan=2),
        ptz.Move(pan_speed=256),
        ptz.Move(zoom_speed=16),
        ptz.Preset("goto", 0),
        ptz.Preset("go", 1),
    ],
    ids=str,
)
def test_what_does_not_fit_is_ours_to_prevent(command: ptz.Command) -> None:
    with pytest.raises(ValueError):
        ptz.build(command)


def test_addresses_have_12_bits() -> None:
    assert ptz.build(ptz.STOP, 0xABC)[4:6] + ptz.build(ptz.STOP, 0xABC)[12:14] == "BC0A"
    with pytest.raises(ValueError):
        ptz.build(ptz.STOP, 4096)


def test_both_bits_of_a_pair_cancel_out() -> None:
    assert ptz.parse("A50F010300000000B8"[:14] + "B8") == ptz.STOP
