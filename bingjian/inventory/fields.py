"""The fields of a camera file (一机一档): names in both languages, code lists, bounds.

Names and values are those of GB/T 28181-2022 (catalogue), where it has none those of the practice list of the
police; ``pinyin`` is the column heading of that list. Which fields are mandatory stands in the law
(``camera_file_field``), not here.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bingjian.rules.edition import Words
from bingjian.rules.library import law


class Kind(StrEnum):
    """What a value is, so that a page can ask for it and an import can read it."""

    TEXT = "text"
    WHOLE = "whole"  # a whole number
    NUMBER = "number"
    DATE = "date"  # ISO 8601, a day in China
    FLAG = "flag"
    CODE = "code"  # one of ``values``
    ORGANISATION = "organisation"  # id of one
    THING = "thing"  # id of a system, place or part


class Home(StrEnum):
    """Where a file keeps it."""

    COLUMN = "column"
    VIEW = "view"  # ``view_json``: what the camera sees
    FIELDS = "fields"  # ``fields_json``: the rest


@dataclass(frozen=True, slots=True)
class Value:
    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Lengths in characters, bounds inclusive."""

    name: str
    pinyin: str
    words: Words
    kind: Kind = Kind.TEXT
    home: Home = Home.FIELDS
    values: tuple[Value, ...] = ()
    of: str = ""  # a code list of the law that has the values
    least: float | None = None
    most: float | None = None
    length: int = 200
    pattern: str = ""
    unit: str = ""
    law_name: str = ""  # its code in the law's list where it differs
    aliases: tuple[str, ...] = ()  # other headings that spreadsheets have

    @property
    def code_in_law(self) -> str:
        return self.law_name or self.name


def values(*rows: tuple[str, str, str]) -> tuple[Value, ...]:
    return tuple(Value(code, Words(zh, en)) for code, zh, en in rows)


POINT_TYPES = values(
    ("1", "一类", "class one"),
    ("2", "二类", "class two"),
    ("3", "三类", "class three"),
    ("4", "公安内部", "police internal"),
    ("9", "其他", "other"),
)
CLASS_ONE = "1"  # of ``POINT_TYPES``: more fields are mandatory
STRUCTURE_TYPES = values(
    ("1", "球机", "dome, turns"),
    ("2", "半球", "hemisphere"),
    ("3", "固定枪机", "fixed bullet"),
    ("4", "遥控枪机", "remote bullet"),
    ("5", "遥控半球", "remote hemisphere"),
    ("6", "全景/拼接通道", "panorama or stitched channel"),
    ("7", "分割通道", "split channel"),
    ("99", "其他", "other"),
)
FUNCTION_TYPES = values(
    ("01", "人脸", "face"),
    ("02", "人员", "person"),
    ("03", "机动车", "motor vehicle"),
    ("04", "非机动车", "non-motor vehicle"),
    ("05", "物品", "thing"),
    ("99", "其他", "other"),
)
SUPPLY_LIGHTS = values(
    ("1", "无补光", "none"),
    ("2", "红外", "infrared"),
    ("3", "白光", "white"),
    ("4", "激光", "laser"),
    ("9", "其他", "other"),
)
ENCODINGS = values(
    ("1", "MPEG-4", "MPEG-4"), ("2", "H.264", "H.264"), ("3", "SVAC", "SVAC"), ("4", "H.265", "H.265")
)
CAPTURE_POSITIONS = values(
    ("1", "省际检查站", "provincial check station"),
    ("2", "党政机关", "party or government"),
    ("3", "车站码头", "station or dock"),
    ("4", "中心广场", "central square"),
    ("5", "体育场馆", "stadium"),
    ("6", "商业中心", "commercial centre"),
    ("7", "宗教场所", "religious place"),
    ("8", "校园周边", "surroundings of a school"),
    ("9", "治安复杂区域", "complex public order"),
    ("10", "交通干线", "traffic artery"),
    ("11", "医院周边", "surroundings of a hospital"),
    ("12", "金融机构周边", "surroundings of finance"),
    ("13", "危险物品场所周边", "surroundings of dangerous goods"),
    ("14", "博物馆展览馆", "museum or exhibition"),
    ("15", "重点水域", "key waters"),
    ("96", "市际公安检查站", "city check station"),
    ("97", "涉外场所", "foreign-related place"),
    ("98", "边境沿线", "border"),
    ("99", "旅游景区", "scenic area"),
)
DIRECTIONS = values(
    ("1", "东", "east"),
    ("2", "西", "west"),
    ("3", "南", "south"),
    ("4", "北", "north"),
    ("5", "东南", "south-east"),
    ("6", "东北", "north-east"),
    ("7", "西南", "south-west"),
    ("8", "西北", "north-west"),
    ("9", "全向", "all round"),
)
ROOMS = values(("1", "室外", "outdoor"), ("2", "室内", "indoor"))
NETWORKED = values(("0", "已联网", "networked"), ("1", "未联网", "not networked"))
STATUSES = values(("1", "在用", "in use"), ("2", "维修", "in repair"), ("3", "拆除", "removed"))
MOBILES = values(
    ("1", "机器人", "robot"),
    ("2", "穿戴", "worn"),
    ("3", "单兵", "single soldier"),
    ("4", "车载", "vehicle"),
    ("5", "无人机", "drone"),
    ("9", "其他", "other"),
)
SECURITY_LEVELS = values(("A", "A 级", "level A"), ("B", "B 级", "level B"), ("C", "C 级", "level C"))
REFERENCE_SYSTEMS = values(
    ("wgs84", "WGS-84", "WGS-84"),
    ("cgcs2000", "CGCS2000", "CGCS2000"),
    ("gcj02", "GCJ-02（火星坐标）", "GCJ-02"),
    ("bd09", "BD-09（百度坐标）", "BD-09"),
)
SHARES = values(("1", "已共享", "shared"), ("2", "未共享", "not shared"))
COLUMN, VIEW = Home.COLUMN, Home.VIEW
IP = r"(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)"
MAC = r"[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}"

FIELDS: tuple[Field, ...] = (
    Field("device_id", "SBBM", Words("设备编码", "device code"), home=COLUMN, length=20,
          aliases=("国标编码", "编码", "DeviceID", "GBID")),
    Field("name", "SBMC", Words("设备名称", "name"), home=COLUMN, aliases=("名称", "摄像机名称", "Name")),
    Field("manufacturer", "SBCS", Words("设备厂商", "manufacturer"),
          aliases=("厂商", "厂家", "品牌", "Manufacturer")),
    Field("division", "XZQY", Words("行政区域", "administrative division"), Kind.CODE, COLUMN, of="division",
          length=6, law_name="civil_code", aliases=("行政区划", "区县", "CivilCode", "区域")),
    Field("point_type", "JKDWLX", Words("监控点位类型", "type of point"), Kind.CODE, COLUMN, POINT_TYPES,
          aliases=("点位类型", "PointType")),
    Field("model", "SBXH", Words("设备型号", "model"), aliases=("型号", "Model")),
    Field("point_common_name", "DWSC", Words("点位俗称", "common name"),
          aliases=("俗称", "PointCommonName")),
    Field("ip", "IPV4", Words("IP 地址", "IP address"), pattern=IP, length=45,
          aliases=("IP", "IPV6", "IPAddress")),
    Field("mac", "MACDZ", Words("MAC 地址", "MAC address"), pattern=MAC, length=17, aliases=("MAC",)),
    Field("structure_type", "SXJLX", Words("摄像机类型", "type of camera"), Kind.CODE, COLUMN,
          STRUCTURE_TYPES, aliases=("设备类型", "PTZType")),
    Field("function_type", "SXJGNLX", Words("摄像机功能类型", "function"), Kind.CODE, COLUMN, FUNCTION_TYPES,
          aliases=("功能类型", "FunctionType")),
    Field("supply_light", "BGSX", Words("补光属性", "fill light"), Kind.CODE, values=SUPPLY_LIGHTS,
          aliases=("补光", "SupplyLightType")),
    Field("encode_type", "SXJBMGS", Words("编码格式", "encoding"), Kind.CODE, values=ENCODINGS),
    Field("address", "AZDZ", Words("安装地址", "address"), length=300,
          aliases=("地址", "详细地址", "安装位置", "Address")),
    Field("height_m", "AZGD", Words("安装高度", "height"), Kind.NUMBER, COLUMN, least=0, most=500, unit="m",
          aliases=("高度",)),
    Field("longitude", "JD", Words("经度", "longitude"), Kind.NUMBER, COLUMN, least=-180, most=180, unit="°",
          aliases=("Longitude", "lon", "lng", "经度坐标")),
    # As wide as longitude, so that two that have changed places are told as that.
    Field("latitude", "WD", Words("纬度", "latitude"), Kind.NUMBER, COLUMN, least=-180, most=180, unit="°",
          aliases=("Latitude", "lat", "纬度坐标")),
    Field("crs", "ZBX", Words("坐标系", "reference system"), Kind.CODE, COLUMN, REFERENCE_SYSTEMS,
          aliases=("坐标系统", "坐标类型")),
    Field("max_view_distance", "KSJL", Words("可视距离", "sight"), Kind.NUMBER, VIEW, least=0, most=10_000,
          unit="m", aliases=("可视距离(米)", "MaxViewDistance")),
    Field("azimuth", "FWJ", Words("方位角", "azimuth"), Kind.NUMBER, VIEW, least=0, most=360, unit="°"),
    Field("pitch", "FYJ", Words("俯仰角", "pitch"), Kind.NUMBER, VIEW, least=-90, most=90, unit="°"),
    Field("h_fov", "SPSCJ", Words("水平视场角", "horizontal field of view"), Kind.NUMBER, VIEW, least=0,
          most=360, unit="°", aliases=("视场角",)),
    Field("v_fov", "CZSCJ", Words("垂直视场角", "vertical field of view"), Kind.NUMBER, VIEW, least=0,
          most=180, unit="°"),
    Field("capture_position_type", "SXJWZLX", Words("摄像机位置类型", "type of place"), Kind.CODE, COLUMN,
          CAPTURE_POSITIONS, aliases=("位置类型", "CapturePositionType")),
    Field("direction", "JSFW", Words("监视方位", "direction"), Kind.CODE, values=DIRECTIONS,
          aliases=("DirectionType",)),
    Field("room_type", "SNW", Words("室内外", "indoor or outdoor"), Kind.CODE, values=ROOMS,
          aliases=("RoomType",)),
    Field("scene_photo", "SXJCJYSZP", Words("场景预设照片", "baseline picture")),
    Field("network_status", "LWSX", Words("联网属性", "networked or not"), Kind.CODE, COLUMN, NETWORKED,
          aliases=("联网状态",)),
    Field("police_org", "SSXQGAJG", Words("所属辖区公安机关", "police organ of the area"), pattern=r"\d{12}",
          length=12, aliases=("公安机关代码", "辖区公安机关")),
    Field("install_date", "AZSJ", Words("安装时间", "time of installation"), Kind.DATE, COLUMN,
          law_name="install_time", aliases=("安装日期", "建设时间", "InstallTime")),
    Field("management_unit", "GLDW", Words("管理单位", "managing unit"), Kind.ORGANISATION, COLUMN,
          aliases=("管理单位名称",)),
    Field("contact", "GLDWLXFS", Words("管理单位联系方式", "contact of the managing unit"),
          aliases=("联系方式", "联系电话")),
    Field("responsible_body", "ZRZT", Words("责任主体", "responsible body"), Kind.ORGANISATION, COLUMN),
    Field("record_save_days", "LXBCTS", Words("录像保存天数", "days footage is kept"), Kind.WHOLE, COLUMN,
          least=0, most=36_500, unit="d", aliases=("保存天数", "RecordSaveDays")),
    Field("status", "SBZT", Words("设备状态", "state of the device"), Kind.CODE, COLUMN, STATUSES,
          aliases=("状态", "Status")),
    Field("industry", "SSBMHY", Words("所属部门/行业", "industry"),
          aliases=("所属部门", "行业", "IndustrialClassification")),
    Field("grassroots_code", "JCZZ", Words("基层组织", "grass-roots organisation"), pattern=r"\d{6}",
          length=6, aliases=("GrassrootsCode",)),
    Field("mobile_type", "YDSB", Words("移动设备", "mobile device"), Kind.CODE, values=MOBILES,
          aliases=("MobileDeviceType",)),
    Field("security_level", "AQNL", Words("安全能力", "security level"), Kind.CODE, values=SECURITY_LEVELS,
          aliases=("SecurityLevelCode",)),
    Field("purpose", "YT", Words("用途", "purpose"), Kind.CODE, of="purpose"),
    Field("art8_category", "BATLB", Words("第八条类别", "category of article 8"), Kind.CODE,
          of="key_place_category"),
    Field("is_article8", "SFBAT", Words("第八条系统", "of article 8"), Kind.FLAG, COLUMN),
    Field("is_government_built", "SFZFJS", Words("政府建设", "built by government"), Kind.FLAG, COLUMN),
    Field("counter_terror", "SFFKMB", Words("反恐重点目标", "counter-terror target"), Kind.FLAG, COLUMN,
          aliases=("反恐重点",)),
    Field("decree_class", "TLLB", Words("条例类别", "class under the decree"), Kind.CODE, COLUMN,
          of="decree_class"),
    Field("secrecy", "SMDJ", Words("涉密情况", "secrecy"), Kind.CODE, COLUMN, of="secrecy"),
    Field("system", "SSXT", Words("所属系统", "system"), Kind.THING, COLUMN),
    Field("place", "SSCS", Words("所在场所", "place"), Kind.THING, COLUMN),
    Field("part", "SSBW", Words("所在部位", "part of the place"), Kind.THING, COLUMN),
    Field("baseline_version", "JZBB", Words("基准画面版本", "version of the baseline"), Kind.WHOLE, least=1,
          most=10_000),
    Field("retention_class", "BCLB", Words("保存类别", "retention class")),
    Field("sign_id", "BSPBH", Words("标识牌编号", "number of the sign")),
    Field("reserved_interface_id", "YLJKBH", Words("预留接口编号", "number of the reserved interface")),
    Field("share_status", "GXZT", Words("共享状态", "shared or not"), Kind.CODE, values=SHARES),
    Field("necessity_note", "BYXSM", Words("必要性说明", "why it is needed"), length=1000),
    Field("vehicle_id", "CLBH", Words("车辆编号", "vehicle")),
    Field("pole_no", "GH", Words("杆号", "pole number")),
    Field("power_source", "GDFS", Words("供电方式", "power source")),
    Field("resolution", "FBL", Words("分辨率", "resolution")),
    Field("frame_rate", "ZL", Words("帧率", "frame rate"), Kind.NUMBER, least=0, most=240, unit="1/s"),
    Field("bit_rate", "ML", Words("码率", "bit rate"), Kind.NUMBER, least=0, most=200_000, unit="kbit/s"),
    Field("project_no", "XMBH", Words("项目编号", "project number")),
    Field("build_unit", "JSDW", Words("建设单位", "building unit")),
    Field("construction_unit", "CJDW", Words("承建单位", "construction unit")),
    Field("maintenance_unit", "WHDW", Words("维护单位", "maintenance unit")),
    Field("maintenance_contact", "WHDWLXFS", Words("维护单位联系方式", "contact of the maintenance unit")),
    Field("note", "BZ", Words("备注", "note"), length=1000),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
LOCKED = {  # by code of ``locked_view`` the fields that it locks (art. 19)
    "position": ("longitude", "latitude"),
    "direction": ("azimuth", "pitch", "direction"),
    "coverage": ("h_fov", "v_fov", "max_view_distance", "sweep"),
}
SINGLE = frozenset(  # of one camera alone, or asked of the rules one by one: not for many at once
    {
        "device_id",
        "name",
        "crs",
        "height_m",
        "place",
        "part",
        "division",
        "is_article8",
        "secrecy",
        "mac",
        "ip",
    }
    | {name for names in LOCKED.values() for name in names}
)
VIEW_NUMBERS = tuple(field.name for field in FIELDS if field.home is VIEW)


@lru_cache(maxsize=2)
def mandatory(is_class_one: bool) -> tuple[Field, ...]:
    """The fields that the law wants of a file, in its order."""
    by_law = {field.code_in_law: field for field in FIELDS}
    codes = [*law().codes("camera_file_field")]
    if is_class_one:
        codes += law().codes("camera_file_field_class_one")
    return tuple(by_law[code] for code in codes)


@lru_cache(maxsize=len(FIELDS))
def values_of_field(name: str) -> tuple[Value, ...]:
    """Its code list, the law's where the field says so."""
    field = BY_NAME[name]
    if not field.of:
        return field.values
    return tuple(Value(code, texts[0].words) for code, texts in law().codes(field.of).items())
