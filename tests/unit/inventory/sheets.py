"""Spreadsheets for tests and benchmarks, made in memory."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from xlsxwriter import Workbook

HEADER = [
    *("设备编码", "设备名称", "设备厂商", "行政区域", "监控点位类型", "IPV4", "摄像机类型", "安装地址"),
    *("经度", "纬度", "摄像机位置类型", "联网属性", "所属辖区公安机关", "管理单位联系方式", "安装时间"),
    *("录像保存天数", "设备状态", "坐标系"),
]
STREETS = ("中央大街", "果戈里大街", "红军街", "友谊路", "新阳路", "建设街", "学府路", "和兴路")
SPOTS = ("地铁口", "路口", "东门", "西门", "广场", "停车场", "桥头", "校门")


def camera(number: int, **other: Any) -> list[Any]:
    """One row under ``HEADER``; every number another camera in Daoli District."""
    row = dict(
        zip(
            HEADER,
            [
                f"23010200001320{number:06}",
                f"道里区{STREETS[number % 8]}{SPOTS[number // 8 % 8]}{number}号枪机",
                "海康威视",
                "230102",
                "1",
                f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                "3",
                f"道里区{STREETS[number % 8]}{number}号",
                round(126.53 + number % 317 * 0.0001, 7),
                round(45.72 + number % 211 * 0.0001, 7),
                "10",
                "0",
                "230102000000",
                "0451-8400000",
                "2024-05-31",
                90,
                "1",
                "wgs84",
            ],
            strict=True,
        )
    )
    return list((row | other).values())


def xlsx(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, merged: str = "") -> bytes:
    out = io.BytesIO()
    book = Workbook(out, {"constant_memory": not merged, "strings_to_formulas": False})
    sheet = book.add_worksheet("摄像机")
    for at, row in enumerate([header, *rows]):
        sheet.write_row(at, 0, row)
    if merged:
        sheet.merge_range(merged, "x")
    book.close()
    return out.getvalue()


def text(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig", header: Sequence[str] = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)
