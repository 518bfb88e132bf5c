"""What a device is set to, block by block: told by ConfigDownload, changed by DeviceConfig."""

from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from functools import cache
from typing import Any, cast

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import binding
from bingjian.protocols.gb28181.manscdp import configuration as blocks
from bingjian.simulate.gb28181.spec import DeviceSpec

HEARTBEATS_MISSED = 3
EMPTY = (None, "", ())
# What is an order, and no setting to be told again
ORDERS = frozenset({"snapshot"})


class Settings:
    """Registration and keep-alive follow ``basic`` from the next registration on."""

    def __init__(self, spec: DeviceSpec) -> None:
        self._edition = spec.edition
        self._keep_alive_s = spec.keep_alive_s
        self._held = initial(spec)

    @property
    def basic(self) -> blocks.BasicParam:
        return cast(blocks.BasicParam, self._held["basic"])

    @property
    def keep_alive_s(self) -> float:
        """Parts of a second, which tests have, are nothing that can be told."""
        told = self.basic.heartbeat_interval
        return self._keep_alive_s if told == int(self._keep_alive_s) else float(told or self._keep_alive_s)

    def told(self, name: str) -> Mapping[str, Any]:
        """A block by its name in ConfigType; nothing of what is not there."""
        field, since = fields_by_block().get(name, ("", Edition.V2011))
        held = self._held.get(field)
        return {} if held in EMPTY or since > self._edition else {field: held}

    def take(self, config: blocks.DeviceConfig) -> None:
        """What the edition does not know is not heard."""
        for field, since in fields_by_block().values():
            wished = getattr(config, field)
            if wished in EMPTY or since > self._edition or field in ORDERS:
                continue
            held = self._held.get(field)
            self._held[field] = merged(held, wished) if is_dataclass(wished) and held else wished


@cache
def fields_by_block() -> Mapping[str, tuple[str, Edition]]:
    """By the name of a block: its field in DeviceConfig and Configuration, and since when it is there."""
    bound = binding.bindings(blocks.DeviceConfig)
    return {each.names[0]: (field, each.since) for field, each in bound.items()}


def merged(held: Any, wished: Any) -> Any:
    """What a block does not name stays as it is."""
    cls: Any = type(wished)
    given = {name: getattr(wished, name) for name in binding.bindings(cls)}
    return replace(held, **{name: value for name, value in given.items() if value not in EMPTY})


def initial(spec: DeviceSpec) -> dict[str, Any]:
    """As it left the factory: no masks, no mirror, its own recording all day."""
    day = blocks.TimeSegment(
        start_hour=0, start_minute=0, start_second=0, stop_hour=23, stop_minute=59, stop_second=59
    )
    week = tuple(
        blocks.RecordSchedule(week_day=day_, segment_count=1, segments=(day,)) for day_ in range(1, 8)
    )
    return {
        "basic": blocks.BasicParam(
            name=spec.name,
            expiration=spec.expires_s,
            heartbeat_interval=int(spec.keep_alive_s),
            heartbeat_count=HEARTBEATS_MISSED,
        ),
        "video_options": blocks.VideoParamOpt(download_speed="1/2/4/8", resolution="5/3"),
        "video_params": (
            blocks.VideoParam(
                stream_number=0, video_format="2", resolution="5", frame_rate="25", video_bit_rate="3000"
            ),
        ),
        "record_plan": blocks.VideoRecordPlan(
            enabled="1", schedule_count=len(week), schedules=week, stream_number=0
        ),
        "alarm_record": blocks.VideoAlarmRecord(enabled="1", after_s=30, before_s=5, stream_number=0),
        "mask": blocks.PictureMask(on="0", count=0),
        "mirror": "0",
        "alarm_report": blocks.AlarmReport(motion="1", field="0"),
        "osd": blocks.OsdConfig(
            length=1280,
            width=720,
            time_x=16,
            time_y=16,
            time_enabled="1",
            time_type="0",
            text_enabled="1",
            count=1,
            texts=(blocks.OsdText(content=spec.name, x=16, y=680),),
        ),
    }
