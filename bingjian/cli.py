"""The command line: what there is to ask for. What is done stands in ``bingjian.commands``, imported then.

Exit codes: 0 done; 1 refused, or a check found something; 2 a wrong argument, option or setting; 3 this
machine does not let us (a port is taken, a path cannot be written, a program is missing).
"""

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bingjian import __version__
from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit, secret_from_stdin, settings_with


class Transport(StrEnum):
    AUTO = "auto"
    TCP = "tcp"
    UDP = "udp"


class DeviceTransport(StrEnum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class DeviceEdition(StrEnum):
    E2016 = "2016"
    E2022 = "2022"


class RoleName(StrEnum):
    """As ``access.decisions.Role``, which would take the database along."""

    WATCHER = "watcher"
    SHIFT_LEAD = "shift_lead"
    CUSTODIAN = "custodian"
    MAINTAINER = "maintainer"
    BUILDER = "builder"
    CONSTRUCTION_UNIT = "construction_unit"
    REGISTRAR = "registrar"
    ARCHIVIST = "archivist"
    PLANNER = "planner"
    DEPARTMENT_USER = "department_user"
    CITY_DATA_AUTHORITY = "city_data_authority"
    WORKGROUP_OFFICE = "workgroup_office"
    PUBLIC_SECURITY = "public_security"
    INSPECTOR = "inspector"
    DISCIPLINE_BODY = "discipline_body"
    GOVERNMENT = "government"
    TELECOM = "telecom"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


FAULTS = "drop silent freeze black blur cover shift skew loss resolution long_gop b_frames"
EPILOGUE = either(
    "Exit codes: 0 done; 1 refused, or a check found something; 2 wrong usage; 3 this machine is in the way.",
    "退出码：0 完成；1 被拒绝或检查发现问题；2 用法错误；3 本机条件不满足。",
)


def group(en: str, zh: str) -> typer.Typer:
    return typer.Typer(
        help=either(en, zh), no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )


app = group("Bingjian: cameras recorded, watched and played back.", "冰鉴：摄像机的录制、观看与回放。")
camera = group("Register, list, test and remove cameras.", "登记、列出、测试和移除摄像机。")
user = group("People who may sign in.", "可以登录的人员。")
simulate = group("Simulated cameras: real streams for tests and trials.", "模拟摄像机：用于测试和试用。")
volume = group("Directories that footage is kept in.", "存放录像的目录。")
duties = group("What everybody owes, and by when.", "各方负有的义务及期限。")
app.add_typer(camera, name="camera")
app.add_typer(user, name="user")
app.add_typer(simulate, name="simulate")
app.add_typer(volume, name="volume")
app.add_typer(duties, name="duties")
journal = group("The journal's log, and proofs out of it.", "日志簿的透明日志及其证明。")
app.add_typer(journal, name="journal")
report = group("Reports of what the law asks for.", "法规要求的各类报告。")
app.add_typer(report, name="report")


def command(
    where: typer.Typer, name: str, en: str, zh: str, **more: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return where.command(name, help=either(en, zh), epilog=EPILOGUE, **more)


def option(name: str, en: str, zh: str, **more: Any) -> Any:
    return typer.Option(name, help=either(en, zh), **more)


StateDir = Annotated[
    Path | None,
    option("--state-dir", "Database, keys, journal, footage.", "数据库、密钥、日志簿和录像所在目录。"),
]
Json = Annotated[bool, option("--json", "One JSON document, for programs.", "输出 JSON，供程序读取。")]
Username = Annotated[
    str | None,
    option("--username", "The camera's user, if not in the URL.", "摄像机用户名（若不在 URL 中）。"),
]
PasswordStdin = Annotated[
    bool,
    option(
        "--password-stdin",
        "Read a password from standard input, where other users of this machine cannot see it.",
        "从标准输入读取密码，本机其他用户看不到。",
    ),
]
How = Annotated[Transport, option("--transport", "How RTP travels.", "RTP 传输方式。")]
Insecure = Annotated[
    bool, option("--no-verify-tls", "Accept any certificate (rtsps only).", "接受任何证书（仅 rtsps）。")
]
Port = Annotated[int | None, option("--port", "0 finds a free one.", "0 表示任选空闲端口。")]


Footage = Annotated[
    str | None,
    option(
        "--footage",
        "auto (Debian's street film, or drawn), drawn, debian, or a film's file name.",
        "auto（Debian 的街道影片，否则绘制）、drawn、debian，或影片文件名。",
    ),
]
Control = Annotated[Path | None, option("--control", "Socket that takes faults.", "接收故障命令的套接字。")]


@app.callback(invoke_without_command=True)
def main_options(
    version: Annotated[bool, option("--version", "Print the version.", "显示版本。", is_eager=True)] = False,
) -> None:
    if version:
        print(f"bingjian {__version__}")
        raise typer.Exit


@command(app, "serve", "Run the platform until Ctrl-C or SIGTERM.", "运行平台，直到 Ctrl-C 或 SIGTERM。")
def serve(
    state_dir: StateDir = None,
    host: Annotated[str | None, option("--host", "Address to listen on.", "监听地址。")] = None,
    port: Port = None,
    media_workers: Annotated[
        int | None, option("--media-workers", "Recording processes.", "录制进程数。")
    ] = None,
    log_level: Annotated[LogLevel | None, option("--log-level", "How much to say.", "日志级别。")] = None,
    log_file: Annotated[
        Path | None, option("--log-file", "Instead of standard error.", "代替标准错误。")
    ] = None,
) -> None:
    settings = settings_with(
        state_dir=state_dir,
        host=host,
        port=port,
        media_workers=media_workers,
        log_level=log_level,
        log_file=log_file,
    )
    from bingjian.commands import serve as part

    raise typer.Exit(part.run(settings))


@command(
    app,
    "demo",
    "Simulated cameras, recorder and web page on this machine, in a fresh directory.",
    "在本机以全新目录运行模拟摄像机、录制与网页。",
)
def demo(
    check: Annotated[
        bool,
        option(
            "--check",
            "Headless: wait until a browser shows every camera and plays back the past, then exit.",
            "无界面：直到浏览器显示每台摄像机并能回放，然后退出。",
        ),
    ] = False,
    cameras: Annotated[int, option("--cameras", "How many.", "摄像机数量。", min=4, max=16)] = 6,
    state_dir: Annotated[
        Path | None,
        option("--state-dir", "Kept; otherwise all is removed at the end.", "保留在此；否则结束时删除。"),
    ] = None,
    port: Port = None,
    footage: Footage = None,
    control: Control = None,
    screenshot: Annotated[
        Path | None,
        option(
            "--screenshot", "With --check: keep a picture of the wall.", "与 --check 同用：保存画面墙截图。"
        ),
    ] = None,
    no_city: Annotated[
        bool,
        option(
            "--no-city",
            "Only the cameras, without the small city around them (a check never has it).",
            "只有摄像机，不生成演示城市（检查时从不生成）。",
        ),
    ] = False,
    gb28181: Annotated[
        bool,
        option(
            "--gb28181",
            "With four more devices that register over SIP, in the small city (also for a check).",
            "另有四台通过 SIP 注册的国标设备，并生成演示城市（检查时也是）。",
        ),
    ] = False,
) -> None:
    from bingjian.commands import demo as part

    film = footage or ("drawn" if check else "auto")  # a check waits for no download
    city = gb28181 or not (no_city or check)
    wish = part.Wish(cameras, state_dir, port, film, control, screenshot, city, gb28181)
    raise typer.Exit(part.run(wish, check=check))


@command(camera, "add", "Register a camera; recording begins at once.", "登记摄像机并立即开始录制。")
def camera_add(
    name: Annotated[str, typer.Argument(help=either("What people call it.", "名称。"))],
    url: Annotated[
        str,
        typer.Argument(help=either("rtsp://, rtsps:// or gb28181:// of the main stream.", "主码流地址。")),
    ],
    sub_url: Annotated[
        str | None, option("--sub-url", "Smaller stream for the wall.", "子码流地址，用于多画面。")
    ] = None,
    username: Username = None,
    password_stdin: PasswordStdin = False,
    transport: How = Transport.AUTO,
    no_verify_tls: Insecure = False,
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import camera as part

    wish = {
        "name": name,
        "url": url,
        "sub_url": sub_url,
        "username": username,
        "password": secret_from_stdin() if password_stdin else None,
        "transport": transport.value,
        "verify_tls": not no_verify_tls,
    }
    part.add(settings_with(state_dir=state_dir), wish, as_json=as_json)


@command(camera, "list", "All cameras and what each is doing.", "列出摄像机及其状态。")
def camera_list(
    search: Annotated[
        str | None, typer.Argument(help=either("Part of a name or address.", "名称或地址的一部分。"))
    ] = None,
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import camera as part

    part.listing(settings_with(state_dir=state_dir), search, as_json=as_json)


@command(
    camera,
    "test",
    "Look at an address and say what it offers, or what is wrong.",
    "查看某个地址能提供什么，或问题在哪里。",
)
def camera_test(
    url: Annotated[str, typer.Argument(help=either("rtsp:// or rtsps://", "rtsp:// 或 rtsps://"))],
    username: Username = None,
    password_stdin: PasswordStdin = False,
    transport: How = Transport.AUTO,
    no_verify_tls: Insecure = False,
    seconds: Annotated[float, option("--seconds", "How long to look.", "查看多久。", min=1, max=60)] = 6.0,
    as_json: Json = False,
) -> None:
    from bingjian.commands import camera_test as part

    code = part.run(
        url,
        username=username,
        password=secret_from_stdin() if password_stdin else None,
        transport=transport.value,
        verify_tls=not no_verify_tls,
        seconds=seconds,
        as_json=as_json,
    )
    raise typer.Exit(code)


@command(camera, "remove", "Stop recording a camera; its footage stays.", "停止录制；已录内容保留。")
def camera_remove(
    name: Annotated[str, typer.Argument(help=either("Name or id.", "名称或编号。"))],
    reason: Annotated[
        str, option("--reason", "Why; wanted where its recording ends.", "理由；停止录像时必须填写。")
    ] = "",
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import camera as part

    part.remove(settings_with(state_dir=state_dir), name, reason, as_json=as_json)


@command(
    user,
    "add",
    "Add a person; without --password-stdin a random password is made and shown once.",
    "添加人员；不用 --password-stdin 时随机生成密码并只显示一次。",
)
def user_add(
    name: Annotated[str, typer.Argument(help=either("Sign-in name.", "登录名。"))],
    role: Annotated[
        list[RoleName],
        option(
            "--role",
            "watcher looks, custodian keeps marks and holds, registrar keeps cameras, "
            "sysadmin keeps accounts, auditor reads the journal.",
            "watcher 观看，custodian 管理标记和保全，registrar 管理摄像机，"
            "sysadmin 管理账号，auditor 查看日志簿。",
        ),
    ],
    language: Annotated[str, option("--language", "zh or en.", "zh 或 en。")] = "zh",
    password_stdin: PasswordStdin = False,
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import user as part

    wish = {
        "name": name,
        "roles": sorted({one.value for one in role}),
        "language": language,
        "password": secret_from_stdin() if password_stdin else None,
    }
    part.add(settings_with(state_dir=state_dir), wish, as_json=as_json)


@command(
    simulate,
    "rtsp",
    "Play cameras over RTSP until Ctrl-C: H.264 and H.265, with and without sound, TCP and UDP, Digest.",
    "通过 RTSP 播放模拟摄像机，直到 Ctrl-C：H.264 与 H.265，有声与无声，TCP 与 UDP，Digest 认证。",
)
def simulate_rtsp(
    cameras: Annotated[int, option("--cameras", "How many.", "摄像机数量。", min=1, max=1000)] = 4,
    equal: Annotated[
        bool, option("--equal", "All 720p H.264 at 3 Mbit/s.", "全部为 720p H.264、3 兆位/秒。")
    ] = False,
    host: Annotated[str, option("--host", "Address to listen on.", "监听地址。")] = "127.0.0.1",
    port: Annotated[int, option("--port", "0 finds a free one.", "0 表示任选空闲端口。")] = 0,
    password_stdin: PasswordStdin = False,
    footage: Footage = None,
    control: Control = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import simulate as part
    from bingjian.simulate.simulator import SimulatorConfig, equal_cameras, mixed_cameras

    config = SimulatorConfig(
        cameras=(equal_cameras if equal else mixed_cameras)(cameras),
        host=host,
        port=port,
        password=secret_from_stdin() if password_stdin else "",
        footage=footage or "auto",
        control_socket=control,
    )
    raise typer.Exit(part.rtsp(config, as_json=as_json))


@command(
    simulate,
    "fault",
    "Make something go wrong with a simulated camera for a while.",
    "让模拟摄像机在一段时间内出现故障。",
)
def simulate_fault(
    name: Annotated[str, typer.Argument(help=either("For example cam01.", "例如 cam01。"))],
    kind: Annotated[str, typer.Argument(help=FAULTS)],
    seconds: Annotated[float, option("--seconds", "How long.", "持续时间（秒）。")] = 10,
    parameter: Annotated[
        list[str] | None, option("--parameter", "For example percent=20.", "例如 percent=20。")
    ] = None,
    control: Control = None,
) -> None:
    from bingjian.commands import simulate as part

    part.fault(control, name, kind, seconds, parameter or [])


@command(
    simulate,
    "gb28181",
    "Register simulated GB/T 28181 devices at a platform until Ctrl-C: live, playback, PTZ, alarms.",
    "将模拟国标设备注册到平台，直到 Ctrl-C：实时、回放、云台、报警。",
)
def simulate_gb28181(
    platform: Annotated[str, option("--platform", "Its ADDRESS:PORT.", "平台的 IP 地址:端口。")],
    platform_id: Annotated[str, option("--platform-id", "Its 20 digits.", "平台的 20 位编码。")],
    password_file: Annotated[
        Path | None,
        option("--password-file", "Its first line is the devices' password.", "首行为设备密码的文件。"),
    ] = None,
    password_stdin: PasswordStdin = False,
    devices: Annotated[int, option("--devices", "How many.", "设备数量。", min=1, max=50_000)] = 1,
    channels: Annotated[
        int, option("--channels", "Of each device.", "每台设备的通道数。", min=0, max=999)
    ] = 4,
    first: Annotated[
        int, option("--first", "Number of the first device.", "首台设备的序号。", min=1, max=99_999)
    ] = 1,
    domain: Annotated[
        str, option("--domain", "First ten digits of ids; the platform's.", "编码前十位，默认与平台相同。")
    ] = "",
    transport: Annotated[DeviceTransport, option("--transport", "Of SIP.", "SIP 的传输方式。")] = (
        DeviceTransport.UDP
    ),
    ca_file: Annotated[
        Path | None,
        option(
            "--ca-file",
            "With tls: who has to have signed the platform's certificate; else any will do.",
            "tls 时：平台证书须由其签发；不设则接受任何证书。",
        ),
    ] = None,
    edition: Annotated[
        DeviceEdition, option("--edition", "X-GB-Ver 2.0 or 3.0.", "X-GB-Ver 2.0 或 3.0。")
    ] = (DeviceEdition.E2016),
    expires: Annotated[
        int, option("--expires", "Of a registration, s.", "注册有效期（秒）。", min=10)
    ] = 3600,
    keep_alive: Annotated[
        float, option("--keep-alive", "Between keep-alives, s.", "心跳间隔（秒）。", min=0.1)
    ] = 60,
    quirk: Annotated[
        list[str] | None,
        option("--quirk", "Number or word of a departure from the standard.", "与标准不符之处的编号或名称。"),
    ] = None,
    host: Annotated[
        str, option("--host", "Our address, if several reach the platform.", "本机地址（有多个时）。")
    ] = "",
    footage: Footage = None,
    control: Control = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import simulate_gb28181 as part

    password = part.password_of(password_file) if password_file else ""
    if password_stdin:
        password = secret_from_stdin()
    wish = part.Wish(
        platform=platform,
        platform_id=platform_id,
        devices=devices,
        channels=channels,
        first=first,
        domain=domain,
        transport=transport.value,
        edition=edition.value,
        expires_s=expires,
        keep_alive_s=keep_alive,
        quirks=quirk or [],
        ca_file=ca_file,
    )
    raise typer.Exit(part.run(wish, password, footage or "auto", control, host, as_json=as_json))


@command(
    simulate,
    "order",
    "Order a simulated device: quirk, fault, alarm, change, position, video, register, leave, hang_up.",
    "向模拟国标设备下指令：quirk、fault、alarm、change、position、video、register、leave、hang_up。",
)
def simulate_order(
    device: Annotated[str, typer.Argument(help=either("Its 20 digits.", "设备的 20 位编码。"))],
    order: Annotated[str, typer.Argument(help=either("For example alarm.", "例如 alarm。"))],
    parameter: Annotated[
        list[str] | None,
        option("--parameter", "For example quirk=6 or kind=loss.", "例如 quirk=6 或 kind=loss。"),
    ] = None,
    control: Control = None,
) -> None:
    from bingjian.commands import simulate_gb28181 as part

    part.tell(control, device, order, parameter or [])


@command(
    volume,
    "accept",
    "Whatever volume is at this path now is the right one, though another was there before.",
    "认可此路径上现有的存储卷，即使此前是另一个。",
)
def volume_accept(
    path: Annotated[Path, typer.Argument(help=either("The volume's directory.", "存储卷目录。"))],
    state_dir: StateDir = None,
) -> None:
    from bingjian.commands import volume as part

    part.accept(settings_with(state_dir=state_dir), path)


@command(
    duties,
    "recompute",
    "Compute what everybody owes anew, as it happens every night.",
    "重新计算各方义务（每夜自动进行）。",
)
def duties_recompute(state_dir: StateDir = None, as_json: Json = False) -> None:
    from bingjian.commands import duties as part

    part.recompute(settings_with(state_dir=state_dir), as_json=as_json)


@command(app, "doctor", "Is this machine fit, and is the platform well?", "检查本机条件与平台运行状况。")
def doctor(state_dir: StateDir = None, as_json: Json = False) -> None:
    from bingjian.commands import doctor as part

    raise typer.Exit(part.run(settings_with(state_dir=state_dir), as_json=as_json))


@command(
    app,
    "check",
    "Does what docs/recording.md promises hold of a store? Changes nothing, also while it is recorded into.",
    "检查录像存储是否符合 docs/recording.md 的各条约定。只读，录制期间也可运行。",
)
def check(
    only: Annotated[Path | None, option("--volume", "Only this one.", "只检查这个存储卷。")] = None,
    deep: Annotated[bool, option("--deep", "Read every byte.", "读取每一个字节。")] = False,
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import check as part

    raise typer.Exit(part.run(settings_with(state_dir=state_dir), only, deep=deep, as_json=as_json))


@command(
    app,
    "rules",
    "The law that binds: its articles, what each demands, its numbers, and what decides on them here.",
    "约束本系统的法规：条文、要求、数字，以及本系统如何判定。",
)
def rules(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="ARTICLE|CODE|KEY",
            help=either(
                "28, 28¶2 (or 28.2), N17, R28.1, C2, retention.default; without: a table of contents.",
                "28、28¶2（或 28.2）、N17、R28.1、C2、retention.default；不填则列出目录。",
            ),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import rules as part

    part.run(name, as_json=as_json)


@command(
    report,
    "compliance",
    "Every breach by article, with the ids of its evidence: the same events give the same bytes.",
    "按条文列出全部违规及其证据编号；相同事件得到逐字节相同的报告。",
)
def report_compliance(
    at: Annotated[
        str | None,
        option("--at", "Of this instant, RFC 3339; otherwise now.", "截至时刻（RFC 3339）；不填为现在。"),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "A file ending in .json, .csv or .pdf; otherwise JSON to standard output.",
            "以 .json、.csv 或 .pdf 结尾的文件；不填则向标准输出 JSON。",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    from bingjian.commands import report as part

    part.compliance(settings_with(state_dir=state_dir), at, output)


@command(
    report,
    "inspection",
    "All breaches in the area of an inspection by article, with their evidence: same instant, same bytes.",
    "按条文列出检查辖区内的全部违规及证据；截至时刻相同则逐字节相同。",
)
def report_inspection(
    number: Annotated[
        str,
        typer.Argument(help=either("Of the inspection: JD-2026-0001.", "监督检查编号：JD-2026-0001。")),
    ],
    at: Annotated[
        str | None,
        option(
            "--at",
            "Of this instant, RFC 3339; otherwise now, or the end of the inspection.",
            "截至时刻（RFC 3339）；不填为现在或者检查结束时。",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "A file ending in .json or .pdf (in the terminal's language); otherwise JSON to standard output.",
            "以 .json 或 .pdf（按终端语言）结尾的文件；不填则向标准输出 JSON。",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    from bingjian.commands import report as part

    part.inspection(settings_with(state_dir=state_dir), number, at, output)


@command(
    app,
    "trace",
    "To whom a copy that turned up had been given: the recipient, the grant, the journal's entry.",
    "查明流出的副本当初交给了谁：接收人、授权与日志序号。",
)
def trace(
    file: Annotated[Path, typer.Argument(help=either("It stays where it is.", "文件；不会上传。"))],
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import trace as part

    raise typer.Exit(part.trace(settings_with(state_dir=state_dir), file, as_json=as_json))


witness = group("A witness of other platforms' logs.", "为其他平台的日志作见证。")
app.add_typer(witness, name="witness")


@command(
    witness,
    "serve",
    "Cosign the checkpoints of known logs, each only if it continues the last, until Ctrl-C.",
    "为已知日志的检查点联署（须延续上一次），直到 Ctrl-C。",
)
def witness_serve(
    log: Annotated[list[str], option("--log", "A known log's public key.", "已知日志的公钥。")],
    name: Annotated[
        str | None, option("--name", "Of the witness, at its first start.", "见证方名称（首次启动时）。")
    ] = None,
    host: Annotated[str, option("--host", "Address to listen on.", "监听地址。")] = "127.0.0.1",
    port: Annotated[int, option("--port", "Port to listen on.", "监听端口。")] = 8830,
    state_dir: StateDir = None,
) -> None:
    from bingjian.commands import witness as part

    part.serve(settings_with(state_dir=state_dir), log, name, host, port)


Key = Annotated[
    str | None,
    option(
        "--key",
        "The log's public key, kept elsewhere; otherwise the one beside the log.",
        "另行保存的日志公钥；不填则用日志旁的公钥。",
    ),
]


@command(
    journal,
    "verify",
    "Is the log what was signed? Names the first entry that is not. Changes nothing.",
    "日志是否与签名一致？指出第一条不一致的记录。只读。",
)
def journal_verify(
    records: Annotated[
        bool, option("--records", "Also every record against the log.", "并逐条核对记录内容。")
    ] = False,
    key: Key = None,
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import journal as part

    settings = settings_with(state_dir=state_dir)
    raise typer.Exit(part.verify(settings, key, records=records, as_json=as_json))


@command(journal, "checkpoint", "The log's signed head and its public key.", "日志的签名检查点及其公钥。")
def journal_checkpoint(state_dir: StateDir = None, as_json: Json = False) -> None:
    from bingjian.commands import journal as part

    part.checkpoint(settings_with(state_dir=state_dir), as_json=as_json)


@command(
    journal,
    "proof",
    "A proof (C2SP tlog-proof) that an entry is in the log, with what it says.",
    "证明某条记录在日志中（C2SP tlog-proof），附记录内容。",
)
def journal_proof(
    entry: Annotated[int, typer.Argument(help=either("Its number.", "序号。"), min=0)],
    output: Annotated[Path | None, option("--output", "To this file.", "写入此文件。")] = None,
    no_opening: Annotated[
        bool, option("--no-opening", "Without what the entry says.", "不附记录内容。")
    ] = False,
    state_dir: StateDir = None,
) -> None:
    from bingjian.commands import journal as part

    part.proof(settings_with(state_dir=state_dir), entry, output, opening=not no_opening)


@command(
    journal,
    "check",
    "Does a proof hold? Needs the proof and the log's public key, and nothing of the platform.",
    "证明是否成立？只需证明文件和日志公钥，无需平台。",
)
def journal_check(
    proof: Annotated[Path, typer.Argument(help=either("The proof's file.", "证明文件。"))],
    key: Annotated[str, option("--key", "The log's public key.", "日志公钥。")],
    witness: Annotated[
        str | None,
        option("--witness", "Must also be cosigned by this key.", "还须有此公钥的联署。"),
    ] = None,
    as_json: Json = False,
) -> None:
    from bingjian.commands import journal as part

    part.check(proof, key, witness, as_json=as_json)


@command(
    app,
    "bench",
    "A benchmark of the source tree, for example: bingjian bench record --cameras 50 --seconds 30 --json",
    "运行源代码树中的基准测试，例如：bingjian bench record --cameras 50 --seconds 30 --json",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=either("Which one.", "名称。"))] = None,
) -> None:
    from bingjian.commands import bench as part

    raise typer.Exit(part.run(name, context.args))


def main() -> None:
    """The console script: every way a command can end, as an exit code."""
    try:
        app()
    except CommandFailed as error:
        print(f"bingjian: {error}", file=sys.stderr)
        sys.exit(error.code)
    except KeyboardInterrupt:
        sys.exit(128 + 2)  # as a shell reports SIGINT
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing is left to say
        sys.exit(Exit.OK)


if __name__ == "__main__":
    main()
