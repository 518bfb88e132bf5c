"""Messages as devices send them, and as each edition wants them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import Edition, ids, manscdp, ptz
from bingjian.protocols.gb28181.manscdp import Charset, text, values
from bingjian.protocols.gb28181.manscdp.catalog import (
    CatalogChange,
    CatalogPage,
    CatalogQuery,
    Item,
    ItemInfo,
)
from bingjian.protocols.gb28181.manscdp.configuration import BasicParam, Configuration, SnapShotsUploaded
from bingjian.protocols.gb28181.manscdp.controls import Area, DeviceControl, HomePosition
from bingjian.protocols.gb28181.manscdp.message import CLASSES, NAMES, Message, Unknown
from bingjian.protocols.gb28181.manscdp.notifies import (
    Alarm,
    AlarmInfo,
    Keepalive,
    MediaStatus,
    MobilePosition,
)
from bingjian.protocols.gb28181.manscdp.responses import DeviceInfo, PresetList, RecordPage

CORPUS = Path(__file__).parents[4] / "corpus" / "manscdp"
DEVICE, CHANNEL = "99010100001180000007", "99010100001310000001"


def corpus(name: str) -> Message:
    return manscdp.parse((CORPUS / f"{name}.xml").read_bytes())


def page(name: str) -> CatalogPage:
    found = corpus(name)
    assert isinstance(found, CatalogPage)
    return found


def written(message: Message, edition: Edition = Edition.V2016) -> str:
    return manscdp.build(message, edition=edition).decode("gb18030")


def envelope(root: str, command: str, inside: str, sn: int = 1, device_id: str = "1") -> str:
    head = f"<CmdType>{command}</CmdType><SN>{sn}</SN><DeviceID>{device_id}</DeviceID>"
    return f"<{root}>{head}{inside}</{root}>"


# --- What devices send -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CORPUS.glob("reads-catalog-*")), ids=lambda path: path.stem)
def test_a_catalogue_in_every_disguise(path: Path) -> None:
    found = page(path.stem)
    assert (found.sn, found.device_id, len(found.items)) == (7001, DEVICE, 2)
    assert all(item.device_id and item.is_online for item in found.items)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("refuses-*")), ids=lambda path: path.stem)
def test_what_is_no_message_is_refused(path: Path) -> None:
    with pytest.raises(PeerError):
        manscdp.parse(path.read_bytes())


@pytest.mark.parametrize(
    "name", ["gb2312", "gb2312-declared-utf-8-sent", "utf-8-with-mark"], ids=lambda name: str(name)
)
def test_text_is_what_it_is_not_what_is_declared(name: str) -> None:
    assert [item.name for item in page(f"reads-catalog-{name}").items] == ["东门", "西门"]


def test_rare_characters_and_illegal_ones() -> None:
    assert [item.name for item in page("reads-catalog-rare-characters").items] == ["喆堃𠮷", "镕"]
    assert page("reads-catalog-0x01-in-address").items[0].address == "ab"
    assert [item.name for item in page("reads-catalog-bare-ampersand").items] == ["A&B", "C & D"]
    assert [item.name for item in page("reads-catalog-character-references").items] == ["x中", "&nbsp;"]
    assert page("reads-catalog-less-than-in-address").items[1].name == "Gate"


def test_the_charset_to_answer_in() -> None:
    assert text.charset_of(b"plain") is None
    assert text.charset_of("东门".encode("gb18030")) is Charset.GB
    assert text.charset_of("东门".encode()) is Charset.UTF8
    for charset in Charset:
        body = manscdp.build(CatalogQuery(sn=1, device_id="东𠮷"), charset=charset)
        assert manscdp.parse(body).device_id == "东𠮷"
        assert f'encoding="{charset.value[1]}"'.encode() in body


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    body = "\ufeff" + envelope("Notify", "Keepalive", "<Status>东</Status>")
    assert manscdp.parse(body.encode(encoding)) == Keepalive(sn=1, device_id="1", status="东")


def test_an_element_with_nothing_in_it_counts_as_absent() -> None:
    assert manscdp.parse(envelope("Notify", "Alarm", "<Info/>").encode()) == Alarm(sn=1, device_id="1")


def test_keepalives_whatever_their_case() -> None:
    expected = Keepalive(sn=43, device_id=DEVICE, status="OK")
    assert corpus("reads-keepalive") == corpus("reads-keepalive-other-case") == expected


def test_a_command_that_we_do_not_know_keeps_its_values() -> None:
    assert corpus("reads-unknown-command") == Unknown(
        sn=1, device_id="1", root="Notify", command="Vendor", others=(("Heat", "hot"),)
    )


def test_passwords_are_never_read() -> None:
    body = envelope(
        "Response",
        "Catalog",
        "<DeviceList><Item><DeviceID>2</DeviceID><Password>secret</Password><Odd>1</Odd></Item></DeviceList>",
    )
    found = manscdp.parse(body.encode())
    assert "secret" not in repr(found)
    assert isinstance(found, CatalogPage)
    assert found.items[0].others == (("Odd", "1"),)


@pytest.mark.parametrize("sn", ["0", "-5", "x", "", "99999999999999999999"])
def test_an_sn_that_is_none(sn: str) -> None:
    assert manscdp.parse(f"<Query><CmdType>Catalog</CmdType><SN>{sn}</SN></Query>".encode()).sn == 0


def test_limits() -> None:
    with pytest.raises(PeerError, match="longer"):
        manscdp.parse(b"<Query>" + b" " * text.BODY_LIMIT)
    with pytest.raises(PeerError, match="elements"):
        manscdp.parse(b"<Query>" + b"<a/>" * text.TAG_LIMIT)


# --- Nodes of the catalogue ------------------------------------------------------------------------------


def test_parents_without_the_node_itself_and_the_platform() -> None:
    first, second = page("reads-catalog-self-and-platform-parents").items
    assert first.parents("99010100002000000001") == ()
    assert second.parents() == ("99010100002150000001", "99010100002160000002")


def test_what_a_node_says_of_itself() -> None:
    group = Item(device_id="99010100002150000001", business_group_id="", civil_code=" 990101 ")
    assert (group.kind, group.division) == (ids.Kind.BUSINESS_GROUP, "990101")
    assert [item.division for item in page("reads-catalog-civil-code-is-text").items] == ["", ""]
    assert [Item(status=status).is_online for status in ("", "ON", "OK", "1", "off", "OFFLINE")] == [
        *([True] * 4),
        *([False] * 2),
    ]
    assert [Item(event=event).change for event in ("del", "Whatever", "")] == ["DEL", "UPDATE", "UPDATE"]


def test_the_business_group_moved_between_editions() -> None:
    item = Item(device_id=CHANNEL, business_group_id="99010100002150000001", info=ItemInfo(ptz_type="1"))
    change = CatalogChange(sn=1, device_id=DEVICE, items=(item,))
    old, new = written(change), written(change, Edition.V2022)
    assert "<Info><BusinessGroupID>" in old
    assert old.count("<Info>") == 1
    assert "<BusinessGroupID>99010100002150000001</BusinessGroupID><Info>" in new
    for body in (old, new):
        assert manscdp.parse(body.encode()).items == (item,)


# --- Editions --------------------------------------------------------------------------------------------


def test_the_key_frame_command_is_misspelt_for_2016() -> None:
    command = DeviceControl(sn=1, device_id=CHANNEL, key_frame="Send")
    assert "<IFameCmd>Send</IFameCmd>" in written(command)
    assert "<IFrameCmd>Send</IFrameCmd>" in written(command, Edition.V2022)
    assert manscdp.parse(written(command).encode()) == manscdp.parse(written(command, Edition.V2022).encode())


def test_a_2016_device_is_told_nothing_of_2022() -> None:
    command = DeviceControl(
        sn=1, device_id=CHANNEL, ptz_cmd=ptz.build(ptz.STOP), preset_name="x", format_card=1
    )
    assert "PTZCmdParams" not in written(command)
    assert "FormatSDCard" not in written(command)
    assert "<PTZCmdParams><PresetName>x</PresetName></PTZCmdParams>" in written(command, Edition.V2022)


def test_positions_flat_and_in_a_list() -> None:
    time = datetime(2026, 1, 31, 8, tzinfo=values.BEIJING)
    flat = MobilePosition(sn=1, device_id=CHANNEL, time=time, longitude=116.5, latitude=39.9, speed=30.0)
    found = manscdp.parse(written(flat).encode())
    assert isinstance(found, MobilePosition)
    assert [(p.device_id, p.longitude, p.time) for p in found.positions] == [(CHANNEL, 116.5, time)]
    listed = MobilePosition(sn=1, device_id=DEVICE, time=time, total=1, devices=found.positions)
    again = manscdp.parse(written(listed, Edition.V2022).encode())
    assert isinstance(again, MobilePosition)
    assert again.positions == found.positions


# --- Single messages -------------------------------------------------------------------------------------


def test_the_reference_s_preset_command() -> None:
    command = DeviceControl(sn=7002, device_id=CHANNEL, ptz_cmd="A50F01820005003C", control_priority=5)
    assert written(command) == (
        '<?xml version="1.0" encoding="GB2312"?>\r\n'
        "<Control><CmdType>DeviceControl</CmdType><SN>7002</SN><DeviceID>99010100001310000001</DeviceID>"
        "<PTZCmd>A50F01820005003C</PTZCmd><Info><ControlPriority>5</ControlPriority></Info></Control>\r\n"
    )
    assert command.movement == ptz.Preset("goto", 5)
    assert not command.is_answered
    with pytest.raises(PeerError):
        _ = DeviceControl(sn=1, device_id="", ptz_cmd="zz").movement


def test_which_commands_are_answered() -> None:
    answered = [
        DeviceControl(sn=1, device_id="", record="Record"),
        DeviceControl(sn=1, device_id="", guard="SetGuard"),
        DeviceControl(sn=1, device_id="", alarm="ResetAlarm"),
        DeviceControl(sn=1, device_id="", home_position=HomePosition(enabled="1")),
    ]
    silent = [
        DeviceControl(sn=1, device_id="", tele_boot="Boot"),
        DeviceControl(sn=1, device_id="", zoom_in=Area()),
    ]
    assert [command.is_answered for command in (*answered, *silent)] == [True] * 4 + [False] * 2


def test_an_alarm() -> None:
    body = """<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>34020000001340000001</DeviceID>
        <AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod>
        <AlarmTime>2026-01-31 08:00:00.5</AlarmTime>
        <Info><AlarmType>6</AlarmType><AlarmTypeParam><EventType>1</EventType></AlarmTypeParam></Info>
        <ExtraInfo>a</ExtraInfo><ExtraInfo>b</ExtraInfo></Notify>"""
    alarm = manscdp.parse(body.encode())
    assert isinstance(alarm, Alarm)
    assert alarm.info == AlarmInfo(type="6", event_type="1")
    assert (alarm.extra, alarm.wants_reset) == (("a", "b"), False)
    assert alarm.key == ("34020000001340000001", "5", "6", alarm.time)
    assert Alarm(sn=1, device_id="", method="2").wants_reset


def test_what_else_devices_answer() -> None:
    info = envelope(
        "Response",
        "DeviceInfo",
        "<DeviceName>N</DeviceName><Result>OK</Result><MaxCamera>16</MaxCamera>",
        sn=2,
    )
    found = manscdp.parse(info.encode())
    assert found == DeviceInfo(sn=2, device_id="1", name="N", result="OK", others=(("MaxCamera", "16"),))
    presets = envelope(
        "Response",
        "PresetQuery",
        "<PresetList Num='1'><Item><PresetID>3</PresetID><PresetName>门</PresetName></Item></PresetList>",
        sn=2,
    )
    listed = manscdp.parse(presets.encode("gbk"))
    assert isinstance(listed, PresetList)
    assert [(preset.number, preset.name) for preset in listed.presets] == [("3", "门")]
    media = manscdp.parse(envelope("Notify", "MediaStatus", "<NotifyType>121</NotifyType>").encode())
    assert isinstance(media, MediaStatus)
    assert media.is_end_of_file
    record = manscdp.parse(envelope("Response", "RecordInfo", "<SumNum>0</SumNum>").encode())
    assert record == RecordPage(sn=1, device_id="1", total=0)
    assert DeviceInfo(sn=1, device_id="", result="error").is_error


def test_names_of_2022_in_any_case() -> None:
    files = "<SnapshotFileId>f1</SnapshotFileId><SnapshotFileId>f2</SnapshotFileId>"
    inside = f"<SessionId>s</SessionId><SnapshotList>{files}</SnapshotList>"
    body = envelope("Notify", "UploadSnapshotFinished", inside)
    found = manscdp.parse(body.encode())
    assert found == SnapShotsUploaded(sn=1, device_id="1", session_id="s", files=("f1", "f2"))


def test_heartbeats_that_cannot_be_meant() -> None:
    assert BasicParam(heartbeat_interval=0, heartbeat_count=-3).usable_heartbeat == (60, 3)
    assert BasicParam(heartbeat_interval=30, heartbeat_count=5).usable_heartbeat == (30, 5)
    assert BasicParam().usable_heartbeat == (60, 3)
    body = envelope(
        "Response",
        "ConfigDownload",
        "<Result>OK</Result><BasicParam><HeartBeatInterval> 45s</HeartBeatInterval></BasicParam>",
    )
    found = manscdp.parse(body.encode())
    assert isinstance(found, Configuration)
    assert found.basic == BasicParam(heartbeat_interval=45)


# --- Values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2026-01-31T08:00:00", datetime(2026, 1, 31, 0, tzinfo=UTC)),
        ("2026-01-31 08:00:00.250", datetime(2026, 1, 31, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-01-31T08:00:00Z", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T08:00:00+0900", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("2026-1-3T8:0:0-01:30", datetime(2026, 1, 3, 9, 30, tzinfo=UTC)),
        ("2026-02-30T00:00:00", None),
        ("2026-01-31", None),
        ("2026-01-31T08:00:00+99:99", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("", None),
    ],
)
def test_times_are_beijing_s_unless_they_say_otherwise(told: str, expected: datetime | None) -> None:
    assert values.moment(told) == expected


def test_times_are_written_for_beijing() -> None:
    assert values.written_moment(datetime(2026, 1, 31, 0, tzinfo=UTC)) == "2026-01-31T08:00:00"
    assert values.BEIJING.utcoffset(None) == timedelta(hours=8)


def test_numbers() -> None:
    assert [values.whole(told) for told in ("12", "-3", "12abc", "", "x", "٣")] == [
        12,
        -3,
        12,
        None,
        None,
        None,
    ]
    assert [values.real(told) for told in ("1.5", "-.5", "116.", "nan", "1e9")] == [
        1.5,
        -0.5,
        116.0,
        None,
        1.0,
    ]
    assert [values.written_real(value) for value in (1.5, 100.0, -0.00000001, 0.0)] == [
        "1.5",
        "100",
        "-0.00000001",
        "0",
    ]


def test_every_class_is_registered_under_the_name_it_is_written_with() -> None:
    assert {(root.lower(), command.lower()): cls for cls, (root, command) in NAMES.items()} == CLASSES
    assert all(cls.__slots__ is not None and cls.__dataclass_params__.frozen for cls in NAMES)
    assert {root for root, _ in NAMES.values()} == {"Control", "Query", "Notify", "Response"}


def test_control_characters_of_ours_do_not_leave() -> None:
    body = manscdp.build(Keepalive(sn=1, device_id="1\0<", status="\ud800O\x0bK"))
    assert etree.fromstring(body.split(b"?>", 1)[1].strip()).findtext("Status") == "OK"
