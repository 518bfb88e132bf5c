"""One filled-in form of each kind, as a small city would have them."""

from datetime import UTC, date, datetime
from typing import Any

from bingjian.documents.paper.forms import (
    AcceptanceRecord,
    ArchivedPaper,
    ArchivedWorker,
    ArchiveIndex,
    Breach,
    CheckedItem,
    ComplianceReport,
    FilingReceipt,
    Form,
    Move,
    Participant,
    RectificationOrder,
    RelocationNotice,
    TableReport,
)

AT = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
BASIS = ("《哈尔滨市公共安全视频图像系统管理办法》第十八条第一款",)
HEAD: dict[str, Any] = {"unit": "哈尔滨市道里区公安局", "at": AT, "basis": BASIS}
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BREACHES = (
    Breach("第十八条第一款", "R18.1", "“中央大街一期”投入使用后未按期备案。", AT, ("entry 1042",), "逾期"),
    Breach(
        "第二十八条第一款",
        "R28.1",
        "摄像机录像保存时间不足，自 1 月 3 日起磁盘空间不够，缺少的时段见证据。",
        None,
        ("finding 7f0d2c3a-31b0-4a53-9a55-3f1f5b2b8d10", "entry 2210"),
        "整改中",
    ),
)


def filing_receipt(**more: Any) -> FilingReceipt:
    given = {
        "number": "哈公视备〔2026〕0001号",
        "system": "中央大街公共安全视频图像信息系统（一期）",
        "category": "公共场所（政府投资）",
        "builder": "哈尔滨市道里区人民政府",
        "operator": "松花江安防运营有限公司",
        "contact": "王五 0451-8888 0000",
        "division": "道里区",
        "purpose": "维护公共安全、交通管理",
        "cameras": 128,
        "in_service": date(2025, 12, 20),
        "filed": AT,
        "papers": ("系统设计方案", "竣工验收记录", "摄像机清单（128 台）"),
        "receiver": "哈尔滨市公安局道里分局",
        "received_by": "李四",
        "corrections": (),
    }
    return FilingReceipt(**{**HEAD, **given, **more})


def acceptance_record(**more: Any) -> AcceptanceRecord:
    given = {
        "number": "验〔2026〕第3号",
        "system": "中央大街公共安全视频图像信息系统（一期）",
        "builder": "哈尔滨市道里区人民政府",
        "constructor": "北方智能工程有限公司",
        "attempt": 2,
        "scope": "整个系统",
        "cameras": 128,
        "accepted": date(2025, 12, 18),
        "items": (
            CheckedItem("GB 50348-2018", "图像分辨率与灰度等级", "1920×1080，11 级", True),
            CheckedItem("GB/T 28181-2022", "设备注册与目录查询", "128 台全部在线", True),
            CheckedItem("GB 35114-2017", "设备身份认证", "A 级，抽查 12 台", True),
            CheckedItem("GA/T 1400", "校时误差不大于 5 秒", "最大 6.2 秒（3 号机）", False),
        ),
        "participants": (
            Participant("哈尔滨市营商环境和数据局", "赵一", "科长"),
            Participant("哈尔滨市公安局", "钱二", "民警"),
            Participant("北方智能工程有限公司", "孙三", "项目经理"),
        ),
        "conclusion": "除第 4 项外均符合设计和标准要求。第 4 项整改后复验，结果见复验记录。",
        "is_passed": False,
        "report_sha256": SHA,
    }
    return AcceptanceRecord(**{**HEAD, **given, **more})


def relocation_notice(**more: Any) -> RelocationNotice:
    given = {
        "number": "迁报〔2026〕12号",
        "system": "中央大街公共安全视频图像信息系统（一期）",
        "operator": "松花江安防运营有限公司",
        "contact": "王五 0451-8888 0000",
        "reason": "地铁 3 号线施工占用原杆位。",
        "planned": date(2026, 2, 1),
        "moves": (
            Move("23010200001310000001", "中央大街北口东", "中央大街 1 号灯杆", "中央大街 3 号灯杆"),
            Move("23010200001310000002", "中央大街北口西", "中央大街 2 号灯杆", ""),
        ),
        "substitute": "施工期间由移动布控球替代。",
        "receiver": "哈尔滨市公安局道里分局",
    }
    return RelocationNotice(**{**HEAD, **given, **more})


def rectification_order(**more: Any) -> RectificationOrder:
    given = {
        "number": "哈公视改〔2026〕5号",
        "addressee": "松花江安防运营有限公司",
        "found": date(2025, 12, 30),
        "breaches": BREACHES,
        "demands": ("补办备案手续。", "扩充存储，使录像保存时间达到规定。"),
        "until": date(2026, 1, 15),
        "inspector": "李四、周六",
        "remedy": "如有异议，可以依法申请行政复议或者提起行政诉讼。",
    }
    return RectificationOrder(**{**HEAD, **given, **more})


def compliance_report(**more: Any) -> ComplianceReport:
    given = {
        "number": "合规〔2026〕1号",
        "scope": "道里区全部系统",
        "begins": date(2025, 10, 1),
        "ends": date(2025, 12, 31),
        "systems": 12,
        "cameras": 1288,
        "duties_met": 431,
        "breaches": BREACHES * 9,
        "journal_entries": 50231,
        "journal_hash": SHA,
    }
    return ComplianceReport(**{**HEAD, **given, **more})


def table_report(**more: Any) -> TableReport:
    given = {
        "number": "表〔2026〕1号",
        "title": "摄像机在线率统计表",
        "title_en": "Cameras online, by district",
        "columns": ("区县", "摄像机", "在线", "在线率"),
        "rows": (("道里区", "1288", "1279", "99.3%"), ("南岗区", "2210", "2180", "98.6%")),
        "notes": ("统计时点为每日 12:00。",),
    }
    return TableReport(**{**HEAD, **given, **more})


def archive_index(**more: Any) -> ArchiveIndex:
    given = {
        "number": "档〔2026〕8号",
        "system": "中央大街公共安全视频图像信息系统（一期）",
        "builder": "哈尔滨市道里区人民政府",
        "papers": (
            ArchivedPaper("设计资料", "系统设计方案", 2, date(2025, 3, 1), SHA),
            ArchivedPaper("施工资料", "隐蔽工程记录", 1, date(2025, 9, 12), SHA),
            ArchivedPaper("验收资料", "竣工验收记录", 1, date(2025, 12, 18), SHA),
        ),
        "workers": (
            ArchivedWorker(
                "设计资料", "寒地设计院", "91230100MA1B2C3D4E", "安防设计一级", "冯七", "ZS-2024-0012"
            ),
        ),
        "missing": ("维护资料",),
    }
    return ArchiveIndex(**{**HEAD, **given, **more})


def every() -> list[Form]:
    return [
        filing_receipt(),
        acceptance_record(),
        relocation_notice(),
        rectification_order(),
        compliance_report(),
        table_report(),
        archive_index(),
    ]
