"""How a system is tied to a platform (art. 13¶1): link test, catalogue, or an interface kept ready."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from bingjian.access.decisions import BASE_READERS, Role
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
    Code,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Nothing,
    Opening,
    said,
)
from bingjian.procedures.step import Step
from bingjian.procedures.system_facts import rows_of
from bingjian.rules.decisions import connection
from bingjian.rules.edition import Words


class Link(Data):
    platform: Line = said("接入平台", "Platform", default="")
    tested: AwareDatetime | None = said("联网测试通过时间", "Link test passed", default=None)
    test: DocumentId | None = said("测试报告", "Test report", default=None)
    catalogue: tuple[CameraId, ...] = said("平台目录中的摄像机", "Cameras in the catalogue", default=())
    protocol: str = said("接口协议", "Protocol", of="interface_protocol", default="")
    address: str = said("接口地址", "Address", default="")
    handshake: AwareDatetime | None = said("最近握手成功", "Last handshake", default=None)
    exemption: str | None = said("免设接口的国家规定", "Rule of the state that exempts it", default=None)

    @property
    def interface(self) -> connection.Interface | None:
        if not self.protocol and self.exemption is None:
            return None
        return connection.Interface(self.protocol, self.address, self.handshake, self.exemption)


class LinkOpening(Opening):
    platform: Line = said("接入平台", "Platform", default="")


class Test(Data):
    passed: bool = said("通过", "Passed")
    document: DocumentId = said("测试报告", "Test report")


class Catalogue(Data):
    cameras: Annotated[tuple[CameraId, ...], Field(max_length=100_000)] = said("摄像机", "Cameras")


class SetInterface(Data):
    protocol: Code = said("接口协议", "Protocol", of="interface_protocol")
    address: Line = said("接口地址", "Address", min_length=1)


class Exempt(Data):
    citation: Line = said("国家规定名称和条款", "The state's rule and its article")


async def begin(step: Step, wish: LinkOpening) -> Link:
    return Link(platform=wish.platform)


async def record_test(step: Step, link: Link, wish: Test) -> Link:
    """The last test decides."""
    tested = step.now if wish.passed else None
    return link.model_copy(update={"tested": tested, "test": wish.document})


async def send_catalogue(step: Step, link: Link, wish: Catalogue) -> Link:
    """These cameras are in the platform's catalogue; they are of this system."""
    rows = await rows_of(step.session, CameraFileRow, wish.cameras)
    if any(row.system != step.record.subject for row in rows):
        raise RefersToNothing("cameras", "camera of this system")
    return link.model_copy(update={"catalogue": tuple(dict.fromkeys(wish.cameras))})


async def set_interface(step: Step, link: Link, wish: SetInterface) -> Link:
    """Another interface has had no handshake yet."""
    changed = {"protocol": wish.protocol, "address": wish.address, "handshake": None, "exemption": None}
    return link.model_copy(update=changed)


async def record_handshake(step: Step, link: Link, wish: Nothing) -> Link:
    """It succeeded just now; no media has to pass (R13.2)."""
    kept = connection.Interface(link.protocol, link.address, step.now)
    step.require(connection.has_interface(step.law, kept, step.now))
    return link.model_copy(update={"handshake": step.now})


async def exempt(step: Step, link: Link, wish: Exempt) -> Link:
    claimed = connection.Interface("", "", None, wish.citation)
    step.require(connection.has_interface(step.law, claimed, step.now))
    return link.model_copy(update={"exemption": wish.citation})


WORKERS = frozenset({Role.BUILDER, Role.CONSTRUCTION_UNIT, Role.REGISTRAR})
KEPT = ("kept",)
LINK = Kind(
    name="link",
    path="links",
    words=Words("联网接入", "connection of a system"),
    order="R13.1",
    prefix="LW",
    data=Link,
    states={"kept": Words("登记中", "on record")},
    opening=LinkOpening,
    openers=WORKERS,
    readers=BASE_READERS | WORKERS,
    subject="record:system",
    open=begin,
    moves=(
        Move(
            "record_test",
            Words("登记联网测试", "record the link test"),
            KEPT,
            STAYS,
            WORKERS,
            record_test,
            Test,
        ),
        Move(
            "send_catalogue",
            Words("报送目录", "send the catalogue"),
            KEPT,
            STAYS,
            WORKERS,
            send_catalogue,
            Catalogue,
        ),
        Move(
            "set_interface",
            Words("设置预留接口", "set the interface"),
            KEPT,
            STAYS,
            WORKERS,
            set_interface,
            SetInterface,
        ),
        Move(
            "record_handshake",
            Words("登记握手", "record a handshake"),
            KEPT,
            STAYS,
            WORKERS,
            record_handshake,
        ),
        Move("exempt", Words("申明免设接口", "claim an exemption"), KEPT, STAYS, WORKERS, exempt, Exempt),
    ),
)
