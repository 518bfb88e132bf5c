"""Recorded exchanges (``tests/corpus/gb28181``): whole SIP messages of both sides, a kind a file, by edition.

Each was written by hand from what the standard and its readers say of it, none by our own writers. A file
holds its messages one behind the other, as over TCP; those of the platform are ours byte for byte.
"""

import re
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from bingjian.protocols.gb28181 import Edition, manscdp, ptz
from bingjian.protocols.gb28181.manscdp import binding, values
from bingjian.protocols.gb28181.manscdp import catalog as cat
from bingjian.protocols.gb28181.manscdp import configuration as conf
from bingjian.protocols.gb28181.manscdp.controls import (
    Area,
    DeviceControl,
    DeviceControlResult,
    HomePosition,
    PrecisePosition,
    Upgrade,
)
from bingjian.protocols.gb28181.manscdp.message import NAMES, Message
from bingjian.protocols.gb28181.manscdp.notifies import (
    Alarm,
    AlarmInfo,
    AlarmTaken,
    Broadcast,
    BroadcastResult,
    Keepalive,
    MediaStatus,
    MobilePosition,
    Position,
    PtzPositionChange,
    UpgradeResult,
    VideoUpload,
)
from bingjian.protocols.gb28181.manscdp.queries import (
    AlarmQuery,
    ConfigDownloadQuery,
    CruiseTrackListQuery,
    CruiseTrackQuery,
    DeviceInfoQuery,
    DeviceStatusQuery,
    HomePositionQuery,
    MobilePositionQuery,
    PresetQuery,
    PtzPositionQuery,
    RecordInfoQuery,
    StorageCardQuery,
)
from bingjian.protocols.gb28181.manscdp.responses import (
    AlarmInput,
    CruisePoint,
    CruiseTrack,
    CruiseTrackList,
    CruiseTrackName,
    DeviceInfo,
    DeviceStatus,
    HomePositionFound,
    MobilePositionResult,
    Preset,
    PresetList,
    PtzPosition,
    Recording,
    RecordPage,
    StorageCard,
    StorageCards,
)
from bingjian.protocols.sip import compose
from bingjian.protocols.sip.message import Message as Sip
from bingjian.protocols.sip.message import Request, Response, serialise
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.stream import Reader

CORPUS = Path(__file__).parents[4] / "corpus" / "gb28181"
FILES = sorted(CORPUS.glob("*.sip"))
PLATFORM, DOMAIN = "99010100002000000001", "9901010000"
NVR, CAM, CAM2 = "99010100001180000007", "99010100001310000001", "99010100001310000002"
GROUP, ORGANISATION, INPUT = "99010100002150000001", "99010100002160000001", "99010100001340000001"
SPEAKER, SESSION = "99010100001370000001", "0123456789abcdef0123456789abcdef"
SNAP = "http://192.0.2.10:8080/snap/1"
AREA = Area(window_length=800, window_width=600, mid_x=600, mid_y=300, length=400, width=300)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 31, micros: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, second, micros, values.BEIJING)


def window(day: int = 31) -> dict[str, datetime]:
    return {"start_time": at(0, day=day), "end_time": at(23, 59, 59, day)}


def order(sn: int, device_id: str = CAM, **command: object) -> DeviceControl:
    return DeviceControl(sn=sn, device_id=device_id, **command)  # type: ignore[arg-type]


def done(sn: int, device_id: str = CAM, result: str = "OK") -> DeviceControlResult:
    return DeviceControlResult(sn=sn, device_id=device_id, result=result)


def upgrade(sn: int) -> DeviceControl:
    url = "http://192.0.2.10:8080/v41.bin"
    return order(sn, NVR, upgrade=Upgrade(firmware="V4.1", url=url, manufacturer="Acme", session_id=SESSION))


MEANINGS: dict[str, tuple[Message, ...]] = {
    "catalog-2016": (
        cat.CatalogQuery(sn=7001, device_id=NVR),
        cat.CatalogPage(
            sn=7001,
            device_id=NVR,
            total=4,
            items=(
                cat.Item(device_id=GROUP, name="治安视频", civil_code="990101", parent_id=PLATFORM),
                cat.Item(
                    device_id=CAM,
                    name="东门喆球机",
                    manufacturer="Acme",
                    model="X1",
                    owner="Owner",
                    civil_code="990101",
                    address="北大街1号A&B座",
                    parental="0",
                    parent_id=f"{NVR}/{ORGANISATION}",
                    safety_way="0",
                    register_way="1",
                    secrecy="0",
                    status="ON",
                    longitude=126.642464,
                    latitude=45.756967,
                    business_group_id=GROUP,
                    info=cat.ItemInfo(ptz_type="1"),
                ),
            ),
        ),
        cat.CatalogPage(
            sn=7001,
            device_id=NVR,
            total=4,
            items=(
                cat.Item(device_id=ORGANISATION, name="南岗", business_group_id=GROUP),
                cat.Item(device_id=CAM2, name="Gate 2", status="OFF"),
            ),
        ),
    ),
    "catalog-2022": (
        cat.CatalogQuery(sn=7002, device_id=NVR),
        cat.CatalogPage(
            sn=7002,
            device_id=NVR,
            total=1,
            items=(
                cat.Item(
                    device_id=CAM,
                    name="东门𠮷全景",
                    manufacturer="Acme",
                    model="X9",
                    civil_code="99010101",
                    address="北大街1号",
                    parental="0",
                    parent_id=NVR,
                    register_way="4",
                    security_level="A",
                    secrecy="0",
                    ip_address="192.0.2.80",
                    port=5060,
                    status="ON",
                    longitude=126.642464,
                    latitude=45.756967,
                    business_group_id=GROUP,
                    info=cat.ItemInfo(
                        ptz_type="6",
                        photoelectric_imaging_type="1",
                        capture_position_type="0101001",
                        room_type="1",
                        supply_light_type="4",
                        direction_type="5",
                        resolution="6/5",
                        stream_numbers="0/1",
                        download_speed="1/2/4",
                        horizontal_field_angle=62.5,
                        vertical_field_angle=37.5,
                        max_view_distance=120.0,
                        grassroots_code="001000",
                        mac="02-00-5E-00-00-01",
                        encode_type="2",
                        install_time=datetime(2025, 6, 1, tzinfo=values.BEIJING),
                        record_save_days=90,
                    ),
                ),
            ),
        ),
    ),
    "catalog-subscription-2016": (
        cat.CatalogQuery(sn=7003, device_id=NVR),
        cat.CatalogChange(
            sn=12,
            device_id=NVR,
            total=2,
            items=(
                cat.Item(device_id=CAM, event="OFF"),
                cat.Item(device_id=CAM2, event="ADD", name="西门", status="ON"),
            ),
        ),
    ),
    "deviceinfo-2016": (
        DeviceInfoQuery(sn=7004, device_id=NVR),
        DeviceInfo(
            sn=7004,
            device_id=NVR,
            result="OK",
            name="门卫录像机",
            manufacturer="Acme",
            model="N8",
            firmware="V3.1",
            others=(("DeviceType", "DVR"), ("MaxCamera", "8"), ("MaxAlarm", "4")),
        ),
    ),
    "deviceinfo-2022": (
        DeviceInfoQuery(sn=7005, device_id=NVR),
        DeviceInfo(
            sn=7005,
            device_id=NVR,
            result="OK",
            name="门卫录像机",
            manufacturer="Acme",
            model="N9",
            firmware="V4.0",
            channels=8,
        ),
    ),
    "devicestatus-2016": (
        DeviceStatusQuery(sn=7006, device_id=NVR),
        DeviceStatus(
            sn=7006,
            device_id=NVR,
            result="OK",
            online="ONLINE",
            status="OK",
            encode="ON",
            record="ON",
            time=at(8),
            alarm_inputs=(AlarmInput(device_id=INPUT, duty_status="ONDUTY"),),
        ),
    ),
    "recordinfo-2016": (
        RecordInfoQuery(sn=7007, device_id=CAM, **window(), secrecy="0", type="all"),
        RecordPage(
            sn=7007,
            device_id=CAM,
            name="东门",
            total=2,
            items=(
                Recording(
                    device_id=CAM,
                    name="东门",
                    file_path="/disk1/0002.ps",
                    address="Address 1",
                    start_time=at(8, 20),
                    end_time=at(8, 40),
                    secrecy="0",
                    type="alarm",
                    recorder_id=CAM,
                    file_size=45_000_000,
                ),
            ),
        ),
        RecordPage(
            sn=7007,
            device_id=CAM,
            name="东门",
            total=2,
            items=(
                Recording(
                    device_id=CAM,
                    name="东门",
                    start_time=at(8),
                    end_time=at(8, 20),
                    secrecy="0",
                    type="time",
                ),
            ),
        ),
    ),
    "recordinfo-2022": (
        RecordInfoQuery(
            sn=7008,
            device_id=CAM,
            **window(),
            secrecy="0",
            type="alarm",
            indistinct="0",
            stream_number=0,
            alarm_method="5",
            alarm_type="2",
        ),
        RecordPage(
            sn=7008,
            device_id=CAM,
            name="东门",
            total=1,
            items=(
                Recording(
                    device_id=CAM,
                    start_time=at(8),
                    end_time=at(8, 20),
                    secrecy="0",
                    type="alarm",
                    file_size=45_000_000,
                    record_location="1",
                    stream_number=0,
                ),
            ),
        ),
    ),
    "recordinfo-none-2016": (
        RecordInfoQuery(sn=7009, device_id=CAM, **window(30), secrecy="0", type="all"),
        RecordPage(sn=7009, device_id=CAM, name="东门", total=0),
    ),
    "configdownload-2016": (
        ConfigDownloadQuery(sn=7010, device_id=NVR, config_type="BasicParam/VideoParamOpt"),
        conf.Configuration(
            sn=7010,
            device_id=NVR,
            result="OK",
            basic=conf.BasicParam(
                name="门卫录像机",
                expiration=3600,
                heartbeat_interval=60,
                heartbeat_count=3,
                position_capability="0",
                longitude=0.0,
                latitude=0.0,
                others=(("DeviceID", NVR),),
            ),
        ),
        conf.Configuration(
            sn=7010,
            device_id=NVR,
            result="OK",
            video_options=conf.VideoParamOpt(download_speed="1/2/4", resolution="6/5/4"),
        ),
    ),
    "configdownload-2022": (
        ConfigDownloadQuery(
            sn=7011,
            device_id=CAM,
            config_type="VideoParamAttribute/VideoRecordPlan/VideoAlarmRecord/PictureMask/FrameMirror/"
            "AlarmReport/OSDConfig/SVACEncodeConfig/SVACDecodeConfig",
        ),
        conf.Configuration(
            sn=7011,
            device_id=CAM,
            result="OK",
            video_params=(
                conf.VideoParam(
                    stream_number=0,
                    video_format="5",
                    resolution="6",
                    frame_rate="25",
                    bit_rate_type="2",
                    video_bit_rate="4096",
                ),
                conf.VideoParam(
                    stream_number=1,
                    video_format="2",
                    resolution="640x360",
                    frame_rate="25",
                    bit_rate_type="1",
                    video_bit_rate="512",
                ),
            ),
            record_plan=conf.VideoRecordPlan(
                enabled="1",
                schedule_count=1,
                schedules=(
                    conf.RecordSchedule(
                        week_day=1,
                        segment_count=1,
                        segments=(
                            conf.TimeSegment(
                                start_hour=0,
                                start_minute=0,
                                start_second=0,
                                stop_hour=23,
                                stop_minute=59,
                                stop_second=59,
                            ),
                        ),
                    ),
                ),
                stream_number=0,
            ),
            alarm_record=conf.VideoAlarmRecord(enabled="1", after_s=30, before_s=5, stream_number=0),
            mask=conf.PictureMask(
                on="1", count=1, regions=(conf.MaskRegion(number=1, corners="100,80,300,200"),)
            ),
            mirror="2",
            alarm_report=conf.AlarmReport(motion="1", field="0"),
            osd=conf.OsdConfig(
                length=1920,
                width=1080,
                time_x=16,
                time_y=16,
                time_enabled="1",
                time_type="1",
                text_enabled="1",
                count=1,
                texts=(conf.OsdText(content="东门", x=16, y=1040),),
            ),
            svac_encode=conf.OpaqueBlock(others=(("ROIParam", ""),)),
        ),
    ),
    "deviceconfig-2016": (
        conf.DeviceConfig(
            sn=7012,
            device_id=NVR,
            basic=conf.BasicParam(name="北门", expiration=3600, heartbeat_interval=60, heartbeat_count=3),
        ),
        conf.DeviceConfigResult(sn=7012, device_id=NVR, result="OK"),
    ),
    "presetquery-2016": (
        PresetQuery(sn=7013, device_id=CAM),
        PresetList(
            sn=7013,
            device_id=CAM,
            presets=(Preset(number="1", name="大门"), Preset(number="2", name="预置点 2")),
        ),
    ),
    "alarm-2016": (
        Alarm(
            sn=31,
            device_id=INPUT,
            priority="1",
            method="2",
            time=at(8),
            description="防拆",
            longitude=126.642464,
            latitude=45.756967,
            info=AlarmInfo(type="2"),
        ),
        AlarmTaken(sn=31, device_id=INPUT, result="OK"),
        order(7014, INPUT, alarm="ResetAlarm", alarm_method="2", alarm_type="2"),
        done(7014, INPUT),
    ),
    "alarm-subscription-2022": (
        AlarmQuery(sn=7015, device_id=NVR, start_priority="0", end_priority="0", method="0"),
        Alarm(
            sn=32,
            device_id=CAM,
            priority="4",
            method="5",
            time=at(8, 0, 1, micros=250_000),
            info=AlarmInfo(type="6", event_type="2"),
            extra=("zone 3",),
        ),
    ),
    "mobileposition-2016": (
        MobilePositionQuery(sn=7016, device_id=NVR, interval=5),
        MobilePositionResult(sn=7016, device_id=NVR, result="OK"),
        MobilePosition(
            sn=33,
            device_id=NVR,
            time=at(8, 0, 2),
            longitude=126.642464,
            latitude=45.756967,
            speed=36.5,
            direction=90.0,
            altitude=120.5,
        ),
    ),
    "mobileposition-2022": (
        MobilePositionQuery(sn=7017, device_id=NVR, interval=10),
        MobilePosition(
            sn=34,
            device_id=NVR,
            time=at(8, 0, 2),
            total=1,
            devices=(
                Position(
                    device_id=CAM,
                    time=at(8, 0, 1),
                    longitude=126.642464,
                    latitude=45.756967,
                    speed=36.5,
                    direction=90.0,
                    altitude=120.5,
                    height=2.5,
                ),
            ),
        ),
    ),
    "homepositionquery-2022": (
        HomePositionQuery(sn=7018, device_id=CAM),
        HomePositionFound(
            sn=7018,
            device_id=CAM,
            home_position=HomePosition(enabled="1", reset_time_s=300, preset=1),
        ),
    ),
    "cruisetracklistquery-2022": (
        CruiseTrackListQuery(sn=7019, device_id=CAM),
        CruiseTrackList(sn=7019, device_id=CAM, total=1, tracks=(CruiseTrackName(number=1, name="夜间"),)),
    ),
    "cruisetrackquery-2022": (
        CruiseTrackQuery(sn=7020, device_id=CAM, number=1),
        CruiseTrack(
            sn=7020,
            device_id=CAM,
            number=1,
            name="夜间",
            total=2,
            points=(
                CruisePoint(preset=1, stay_s=10, speed=8),
                CruisePoint(preset=2, stay_s=5, speed=8),
            ),
        ),
    ),
    "ptzposition-2022": (
        PtzPositionQuery(sn=7021, device_id=CAM),
        PtzPosition(
            sn=7021,
            device_id=CAM,
            pan=350.5,
            tilt=-10.0,
            zoom=2.0,
            horizontal_field_angle=30.25,
            vertical_field_angle=17.0,
            max_view_distance=200.0,
        ),
    ),
    "ptzposition-subscription-2022": (
        PtzPositionQuery(sn=7022, device_id=CAM),
        PtzPositionChange(sn=35, device_id=CAM, pan=351.0, tilt=-10.0, zoom=2.0),
    ),
    "sdcardstatus-2022": (
        StorageCardQuery(sn=7023, device_id=NVR),
        StorageCards(
            sn=7023,
            device_id=NVR,
            total=2,
            cards=(
                StorageCard(number=1, name="SD1", status="ok", capacity_mb=128_000, free_mb=64_000),
                StorageCard(
                    number=2,
                    name="SD2",
                    status="formatting",
                    format_progress=40,
                    capacity_mb=128_000,
                    free_mb=0,
                ),
            ),
        ),
    ),
    "keepalive-2016": (Keepalive(sn=43, device_id=NVR, status="OK", faulty=(CAM2,)),),
    "keepalive-attributes-2016": (Keepalive(sn=44, device_id=NVR, status="OK"),),
    "mediastatus-2016": (MediaStatus(sn=45, device_id=CAM, notify_type="121"),),
    "broadcast-2016": (
        Broadcast(sn=7024, device_id="", source_id=PLATFORM, target_id=SPEAKER),
        BroadcastResult(sn=7024, device_id=SPEAKER, result="OK"),
    ),
    "videouploadnotify-2022": (
        VideoUpload(sn=46, device_id=CAM, time=at(8, 0, 3), longitude=126.642464, latitude=45.756967),
    ),
    "snapshotconfig-2022": (
        conf.DeviceConfig(
            sn=7025,
            device_id=CAM,
            snapshot=conf.SnapShotConfig(count=2, interval_s=1, upload_url=SNAP, session_id=SESSION),
        ),
        conf.DeviceConfigResult(sn=7025, device_id=CAM, result="OK"),
        conf.SnapShotsUploaded(
            sn=47,
            device_id=CAM,
            session_id=SESSION,
            files=(f"{CAM}022026013108000012301", f"{CAM}022026013108000112302"),
        ),
    ),
    "deviceupgrade-2022": (
        upgrade(7026),
        done(7026, NVR),
        UpgradeResult(sn=1, device_id=NVR, session_id=SESSION, upgrade_result="OK", firmware="V4.1"),
    ),
    "deviceupgrade-failed-2022": (
        upgrade(7027),
        done(7027, NVR),
        UpgradeResult(
            sn=2,
            device_id=NVR,
            session_id=SESSION,
            upgrade_result="ERROR",
            firmware="V4.0",
            failed_reason="02",
        ),
    ),
    "devicecontrol-ptz-left-2016": (
        order(7030, ptz_cmd=ptz.build(ptz.Move(pan=-1, pan_speed=0x20)), control_priority=5),
    ),
    "devicecontrol-ptz-stop-2016": (order(7031, ptz_cmd=ptz.build(ptz.STOP), control_priority=5),),
    "devicecontrol-preset-goto-2016": (
        order(7032, ptz_cmd=ptz.build(ptz.Preset("goto", 5)), control_priority=5),
    ),
    "devicecontrol-preset-set-2022": (
        order(7033, ptz_cmd=ptz.build(ptz.Preset("set", 5)), control_priority=5, preset_name="大门"),
    ),
    "devicecontrol-cruise-point-2022": (
        order(
            7034,
            ptz_cmd=ptz.build(ptz.CruisePoint("add", 1, 5)),
            control_priority=5,
            cruise_track_name="夜间",
        ),
    ),
    "devicecontrol-teleboot-2016": (order(7035, NVR, tele_boot="Boot"),),
    "devicecontrol-record-2016": (order(7036, record="Record"), done(7036)),
    "devicecontrol-record-2022": (order(7037, record="StopRecord", stream_number=0), done(7037)),
    "devicecontrol-guard-2016": (order(7038, NVR, guard="SetGuard"), done(7038, NVR)),
    "devicecontrol-guard-refused-2016": (
        order(7039, NVR, guard="ResetGuard"),
        done(7039, NVR, "ERROR"),
    ),
    "devicecontrol-iframe-2016": (order(7040, key_frame="Send"),),
    "devicecontrol-iframe-2022": (order(7041, key_frame="Send"),),
    "devicecontrol-dragzoomin-2016": (order(7042, zoom_in=AREA),),
    "devicecontrol-dragzoomout-2016": (order(7043, zoom_out=AREA),),
    "devicecontrol-homeposition-2016": (
        order(7044, home_position=HomePosition(enabled="1", reset_time_s=300, preset=1)),
        done(7044),
    ),
    "devicecontrol-ptzprecise-2022": (order(7045, precise=PrecisePosition(pan=350.5, tilt=-10.0, zoom=2.0)),),
    "devicecontrol-formatsdcard-2022": (order(7046, NVR, format_card=1),),
    "devicecontrol-targettrack-2022": (order(7047, track="Manual", panorama_id=CAM2, track_area=AREA),),
}


@cache
def messages(stem: str) -> tuple[Sip, ...]:
    """All of a file, in order."""
    reader = Reader()
    found = reader.receive_data((CORPUS / f"{stem}.sip").read_bytes())
    read = tuple(each for each in found if isinstance(each, Request | Response))
    assert len(read) == len(found)
    assert not reader.receive_data(b"")
    return read


def edition_of(stem: str) -> Edition:
    return Edition.V2022 if stem.endswith("2022") else Edition.V2016


def is_ours(message: Sip) -> bool:
    return isinstance(message, Request) and message.sender.user == PLATFORM


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_exchange_means_what_it_says(path: Path) -> None:
    said = [each for each in messages(path.stem) if each.body]
    assert tuple(manscdp.parse(each.body) for each in said) == MEANINGS[path.stem]
    assert {each.content_type for each in said} == {manscdp.CONTENT_TYPE.lower()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_stands_in_its_envelope_and_each_request_has_its_answer(path: Path) -> None:
    found = messages(path.stem)
    for request, answer in zip(found[::2], found[1::2], strict=True):
        assert isinstance(request, Request)
        assert isinstance(answer, Response)
        assert request.method in ("MESSAGE", "SUBSCRIBE", "NOTIFY")
        assert (answer.status, answer.cseq, answer.call_id) == (200, request.cseq, request.call_id)
        assert {request.sender.user, request.to.user} & {PLATFORM}
        assert request.via.transport == ("TCP" if path.stem.endswith("2022") else "UDP")
        assert answer.via.branch == request.via.branch


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_we_send_is_this_byte_for_byte(path: Path) -> None:
    meanings = iter(MEANINGS[path.stem])
    for each in (each for each in messages(path.stem) if each.body):
        meaning = next(meanings)
        if is_ours(each):
            assert each.body == manscdp.build(meaning, edition=edition_of(path.stem))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_messages_have_these_headers_in_this_order(path: Path) -> None:
    local, recorded = compose.Local(PLATFORM, DOMAIN, "192.0.2.10", 5060), unrandom(path.read_bytes())
    for each in filter(is_ours, messages(path.stem)):
        assert isinstance(each, Request)
        if each.method == "MESSAGE":
            peer = Peer(each.via.transport, "192.0.2.77", 5060)
            made = compose.message(local, peer, each.to.user, manscdp.CONTENT_TYPE, each.body)
            assert unrandom(serialise(made)) in recorded


def unrandom(sent: bytes) -> bytes:
    """Without what is another each time: the branch, the tag, the Call-ID."""
    return re.sub(rb"(branch=z9hG4bK|tag=|Call-ID: )[0-9a-f]+", rb"\1", sent)


# --- All of them -----------------------------------------------------------------------------------------


def test_every_kind_has_been_recorded() -> None:
    recorded = {type(meaning) for meanings in MEANINGS.values() for meaning in meanings}
    assert recorded == set(NAMES)
    assert {path.stem for path in FILES} == set(MEANINGS)


def test_every_command_and_every_parameter_of_one_has_been_recorded() -> None:
    controls = [
        each for meanings in MEANINGS.values() for each in meanings if isinstance(each, DeviceControl)
    ]
    held = {name for each in controls for name in binding.bindings(DeviceControl) if has(each, name)}
    assert held == set(binding.bindings(DeviceControl))


NOT_RECORDED = frozenset({"svac_decode"})  # plain values of either SVAC block are kept alike


def test_every_block_of_the_configuration_has_been_recorded() -> None:
    kinds = (conf.Configuration, conf.DeviceConfig)
    told = [each for meanings in MEANINGS.values() for each in meanings if isinstance(each, kinds)]
    held = {name for each in told for name in binding.bindings(type(each)) if has(each, name)}
    assert held == {"result", *binding.bindings(conf.DeviceConfig)} - NOT_RECORDED


def has(message: Message, name: str) -> bool:
    return getattr(message, name) not in (None, "", ())
