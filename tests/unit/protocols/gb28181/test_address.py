"""Addresses of channels."""

import pytest

from bingjian.protocols.gb28181.address import ChannelAddress, is_channel, parse
from bingjian.protocols.url import UrlError

DEVICE, CHANNEL = "34020000001180000001", "34020000001310000001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"gb28181://{DEVICE}/{CHANNEL}", ChannelAddress(DEVICE, CHANNEL)),
        (f"GB28181://{DEVICE}/{CHANNEL}?stream=0", ChannelAddress(DEVICE, CHANNEL)),
        (f"gb28181://{DEVICE}/{CHANNEL}?stream=1", ChannelAddress(DEVICE, CHANNEL, 1)),
        ("gb28181://A1/2b", ChannelAddress("A1", "2b")),
    ],
)
def test_what_is_one(text: str, expected: ChannelAddress) -> None:
    assert is_channel(text)
    assert parse(text) == expected
    assert parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"gb28181://{DEVICE}",
        f"gb28181://{DEVICE}/",
        f"gb28181://{DEVICE}/{CHANNEL}/",
        f"gb28181://{DEVICE}/{CHANNEL}?stream=",
        f"gb28181://{DEVICE}/{CHANNEL}?stream=12",
        f"gb28181://{DEVICE}/{CHANNEL}\n",
        f"gb28181://u:p@{DEVICE}/{CHANNEL}",
        f"gb28181://{DEVICE}:5060/{CHANNEL}",
        f"gb28181://{'1' * 65}/{CHANNEL}",
        "gb28181://３４/1",
        "gb28181:",
    ],
)
def test_what_is_none(text: str) -> None:
    assert is_channel(text)
    with pytest.raises(UrlError) as refused:
        parse(text)
    assert text == "gb28181:" or text not in str(refused.value)


def test_other_schemes_are_not_meant() -> None:
    assert not is_channel("rtsp://gb28181/")
    assert not is_channel("")
