"""Networks, classes of device, and the cookie of a known one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.access.known_devices import ACCOUNTS_MAX, COOKIE_MAX, KnownDevices
from bingjian.access.source import ADDRESS_MAX, Device, device_of, network_of

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CHROME, Device.DESKTOP),
        (PHONE, Device.PHONE),
        (IPHONE, Device.PHONE),
        ("curl/8.9", Device.COMMAND_LINE),
        ("python-httpx/0.28", Device.COMMAND_LINE),
        ("", Device.COMMAND_LINE),
    ],
)
def test_classes_of_device(agent: str, device: Device) -> None:
    assert device_of(agent) is device


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.77:5060", "192.0.2.0/24"),
        ("[2001:db8:1:2:3:4:5:6]:5061", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("x" * 500, "x" * ADDRESS_MAX),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_device_knows_the_accounts_it_signed_in_to_and_no_others() -> None:
    devices = KnownDevices(b"k" * 32)
    one = devices.remember(None, b"a")
    both = devices.remember(one, b"b")
    assert devices.id_of(both, b"a") == devices.id_of(both, b"b") == devices.id_of(one, b"a") is not None
    assert devices.id_of(one, b"b") is None
    assert KnownDevices(b"x" * 32).id_of(one, b"a") is None
    assert devices.remember(both, b"a").count(".") == 2  # it is not there twice


def test_only_the_last_accounts_of_a_device_are_kept() -> None:
    devices, cookie = KnownDevices(b"k" * 32), None
    for number in range(ACCOUNTS_MAX + 1):
        cookie = devices.remember(cookie, bytes([number]))
    assert cookie is not None
    assert len(cookie) <= COOKIE_MAX
    assert devices.id_of(cookie, bytes([0])) is None
    assert devices.id_of(cookie, bytes([1])) is not None


@given(st.text(max_size=COOKIE_MAX + 1))
def test_nonsense_is_no_known_device(cookie: str) -> None:
    devices = KnownDevices(b"k" * 32)
    assert devices.id_of(cookie, b"a") is None
    assert devices.id_of(devices.remember(cookie, b"a"), b"a") is not None
