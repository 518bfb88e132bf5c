"""What a device is to be set to, as JSON."""

from typing import Any

import pytest

from bingjian.protocols.gb28181.manscdp import binding
from bingjian.protocols.gb28181.manscdp.configuration import (
    BasicParam,
    DeviceConfig,
    OsdConfig,
    OsdText,
    RecordSchedule,
    SnapShotConfig,
    TimeSegment,
    VideoParam,
    VideoRecordPlan,
)
from bingjian.signalling.configure import OPAQUE, configured
from bingjian.signalling.problems import BadWish

SESSION = "0123456789abcdef0123456789abcdef"
SNAP = {"count": 2, "interval_s": 1, "upload_url": "http://192.0.2.10/snap", "session_id": SESSION}
WISHES: dict[str, tuple[Any, Any]] = {
    "basic": ({"name": "北门", "heartbeat_interval": 60}, BasicParam(name="北门", heartbeat_interval=60)),
    "video_options": ({"resolution": "6"}, None),
    "video_params": ([{"stream_number": 1}], (VideoParam(stream_number=1),)),
    "record_plan": (
        {"enabled": "1", "schedules": [{"week_day": 1, "segments": [{"start_hour": 8}]}]},
        VideoRecordPlan(
            enabled="1", schedules=(RecordSchedule(week_day=1, segments=(TimeSegment(start_hour=8),)),)
        ),
    ),
    "alarm_record": ({"enabled": "1", "after_s": 30}, None),
    "mask": ({"on": "1", "count": 1, "regions": [{"number": 1, "corners": "0,0,9,9"}]}, None),
    "mirror": ("2", "2"),
    "alarm_report": ({"motion": "1"}, None),
    "osd": ({"texts": [{"content": "东门", "x": 1}]}, OsdConfig(texts=(OsdText(content="东门", x=1),))),
    "snapshot": (
        SNAP,
        SnapShotConfig(count=2, interval_s=1, upload_url=SNAP["upload_url"], session_id=SESSION),
    ),
}


@pytest.mark.parametrize("block", WISHES)
def test_a_block_by_the_names_of_its_fields(block: str) -> None:
    wish, meant = WISHES[block]
    config = configured({"channel": "1", block: wish}, 7, "1")
    assert (config.sn, config.device_id) == (7, "1")
    assert getattr(config, block) == meant or meant is None
    named = [name for name in binding.bindings(DeviceConfig) if getattr(config, name) not in (None, "", ())]
    assert named == [block]


def test_every_block_can_be_set() -> None:
    assert set(WISHES) | OPAQUE == set(binding.bindings(DeviceConfig))


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"channel": "1"},
        {"svac_encode": {}},
        {"nothing": 1},
        {"basic": {}},
        {"basic": "x"},
        {"basic": {"name": 5}},
        {"basic": {"others": []}},
        {"basic": {"name": "x" * 256}},
        {"basic": {"heartbeat_interval": 0}},
        {"basic": {"heartbeat_interval": 601}},
        {"basic": {"heartbeat_interval": True}},
        {"basic": {"heartbeat_count": 0}},
        {"basic": {"expiration": 1}},
        {"basic": {"longitude": float("nan")}},
        {"mirror": "9"},
        {"video_params": []},
        {"video_params": [{}]},
        {"video_params": [{"stream_number": 1}] * 65},
        {"snapshot": {**SNAP, "count": 0}},
        {"snapshot": {**SNAP, "count": 11}},
        {"snapshot": {**SNAP, "interval_s": 0}},
        {"snapshot": {**SNAP, "upload_url": "file://192.0.2.1/etc/passwd"}},
        {"snapshot": {**SNAP, "upload_url": "http://"}},
        {"snapshot": {**SNAP, "upload_url": "http://[::1"}},
        {"snapshot": {**SNAP, "session_id": "short"}},
        {"snapshot": {"count": 1}},
    ],
)
def test_what_no_device_is_set_to(wish: dict[str, Any]) -> None:
    with pytest.raises(BadWish):
        configured(wish, 1, "1")
