"""The catalogue: query, pages of the answer, and changes told to a subscriber."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bingjian.protocols.gb28181 import Edition, ids
from bingjian.protocols.gb28181.manscdp.binding import items, moment, part, real, text, whole
from bingjian.protocols.gb28181.manscdp.message import Message, Response, message

V2022 = Edition.V2022
OFF = frozenset({"OFF", "OFFLINE", "0", "FALSE", "NOTREACH", "ERROR"})  # values of Status that say so
EVENTS = frozenset({"ON", "OFF", "VLOST", "DEFECT", "DEL", "ADD", "UPDATE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInfo:
    """What further an item says of its camera; codes as in the standard."""

    READ_ABOVE: ClassVar[frozenset[str]] = frozenset({"businessgroupid"})  # 2016 has the item's group in here

    ptz_type: str = text("PTZType")  # 1 dome, 2 half dome, 3 fixed, 4 PTZ bullet, …
    position_type: str = text("PositionType", until=Edition.V2016)
    room_type: str = text("RoomType")
    use_type: str = text("UseType", until=Edition.V2016)
    supply_light_type: str = text("SupplyLightType")
    direction_type: str = text("DirectionType")
    resolution: str = text("Resolution")
    download_speed: str = text("DownloadSpeed")
    svc_space: str = text("SVCSpaceSupportMode")
    svc_time: str = text("SVCTimeSupportMode")
    ssvc_ratios: str = text("SSVCRatioSupportList", since=V2022)
    stream_numbers: str = text("StreamNumberList", since=V2022)
    photoelectric_imaging_type: str = text("PhotoelectricImagingType", since=V2022)
    capture_position_type: str = text("CapturePositionType", since=V2022)
    mobile_device_type: str = text("MobileDeviceType", since=V2022)
    horizontal_field_angle: float | None = real("HorizontalFieldAngle", since=V2022)  # degrees
    vertical_field_angle: float | None = real("VerticalFieldAngle", since=V2022)
    max_view_distance: float | None = real("MaxViewDistance", since=V2022)  # metres
    grassroots_code: str = text("GrassrootsCode", since=V2022)
    point_type: str = text("PointType", since=V2022)
    point_common_name: str = text("PointCommonName", since=V2022)
    mac: str = text("MAC", since=V2022)
    function_type: str = text("FunctionType", since=V2022)
    encode_type: str = text("EncodeType", since=V2022)
    install_time: datetime | None = moment("InstallTime", since=V2022)
    management_unit: str = text("ManagementUnit", since=V2022)
    contact_info: str = text("ContactInfo", since=V2022)
    record_save_days: int | None = whole("RecordSaveDays", since=V2022)
    industrial_classification: str = text("IndustrialClassification", since=V2022)
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A node of the catalogue: a division, a system, a group or organisation, a device or a channel.

    A password that a device sends along is never read.
    """

    device_id: str = text("DeviceID")
    name: str = text("Name")
    manufacturer: str = text("Manufacturer")
    model: str = text("Model")
    owner: str = text("Owner", until=Edition.V2016)
    civil_code: str = text("CivilCode")
    block: str = text("Block")
    address: str = text("Address")
    parental: str = text("Parental")  # 1: has children
    parent_id: str = text("ParentID")
    safety_way: str = text("SafetyWay", until=Edition.V2016)
    register_way: str = text("RegisterWay")
    certificate_number: str = text("CertNum", until=Edition.V2016)
    certifiable: str = text("Certifiable", until=Edition.V2016)
    error_code: str = text("ErrCode", until=Edition.V2016)
    end_time: str = text("EndTime", until=Edition.V2016)
    security_level: str = text("SecurityLevelCode", since=V2022)
    secrecy: str = text("Secrecy")
    ip_address: str = text("IPAddress")
    port: int | None = whole("Port")
    status: str = text("Status")
    longitude: float | None = real("Longitude")
    latitude: float | None = real("Latitude")
    business_group_id: str = text("BusinessGroupID", since=V2022, old="Info/BusinessGroupID")
    event: str = text("Event")  # in a notification
    info: ItemInfo | None = part(ItemInfo, "Info")
    others: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> ids.Kind:
        return ids.kind(ids.cleaned(self.device_id))

    @property
    def is_online(self) -> bool:
        """A device that says nothing is taken for there."""
        return self.status.upper() not in OFF

    @property
    def division(self) -> str:
        """The civil code, where it is one; devices send anything there."""
        code = ids.cleaned(self.civil_code)
        return code if code.isascii() and code.isdigit() and len(code) in ids.DIVISION_LENGTHS else ""

    @property
    def change(self) -> str:
        """What a notification tells of it; one that we do not know is an update."""
        event = self.event.upper()
        return event if event in EVENTS else "UPDATE"

    def parents(self, *platforms: str) -> tuple[str, ...]:
        """Ids of the nodes above, joined with ``/``; neither itself nor ``platforms``, as some say."""
        found = (ids.cleaned(each) for each in self.parent_id.split("/"))
        out = {"", ids.cleaned(self.device_id), *platforms}
        return tuple(each for each in dict.fromkeys(found) if each not in out)


@message("Query", "Catalog")
@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogQuery(Message):
    start_time: datetime | None = moment("StartTime")  # when the device was added
    end_time: datetime | None = moment("EndTime")


@message("Response", "Catalog")
@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogPage(Response):
    """One page; ``collector`` puts them together."""

    total: int | None = whole("SumNum")  # of all pages; devices count wrongly
    items: tuple[Item, ...] = items(Item, "DeviceList")


@message("Notify", "Catalog")
@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogChange(Message):
    total: int | None = whole("SumNum")  # of this message
    items: tuple[Item, ...] = items(Item, "DeviceList")
