"""Device models and their certificates (art. 14, Decree 799 art. 12)."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import BASE_READERS, Role
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.kinds import STAYS, Data, DocumentId, Kind, Line, Move, Nothing, Opening, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decisions import qualification
from bingjian.rules.edition import Words


class Certificate(Data):
    certificate: Line = said("合格证书或者检验报告编号", "Number of its certificate", default="")
    issuer: Line = said("发证机构", "Issuer", default="")
    valid_to: date | None = said("有效期至", "Last day", default=None)
    document: DocumentId | None = said("证书", "Document", default=None)
    is_up_to_mandatory: bool | None = said("符合强制性国家标准", "Meets mandatory standards", default=None)
    is_free_of_malware: bool | None = said("不含恶意程序", "Holds no malicious program", default=None)


class Product(Certificate):
    model: Line = said("设备型号", "Model", min_length=1)


class ProductOpening(Opening, Product):
    pass


async def begin(step: Step, wish: ProductOpening) -> Product:
    return Product(**wish.model_dump(include=set(Product.model_fields)))


async def certify(step: Step, product: Product, wish: Certificate) -> Product:
    return Product(model=product.model, **wish.model_dump())


async def withdraw(step: Step, product: Product, wish: Nothing) -> Product:
    return product


async def products_of(
    session: AsyncSession, files: Iterable[CameraFileRow], today: date
) -> tuple[qualification.Product, ...]:
    """The models of these cameras, each with the day on which the last was installed (unknown: today), and
    the certificate that is valid for longest."""
    installed = dict[str, date]()
    for row in files:
        model, day = str(row.fields.get("model") or "").strip(), row.install_date or today
        installed[model] = max(installed.get(model, day), day)
    known = await certificates(session) if installed else {}
    return tuple(told(model, day, known.get(model.casefold())) for model, day in sorted(installed.items()))


async def certificates(session: AsyncSession) -> dict[str, Product]:
    """By model, the certificate that is valid for longest."""
    query = select(RecordRow).where(RecordRow.kind == "product", RecordRow.state == "registered")
    found = dict[str, Product]()
    for row in await session.scalars(query.order_by(RecordRow.opened_at)):
        product = data_of(row, Product)
        key, day = product.model.casefold(), product.valid_to or date.min
        if key not in found or day >= (found[key].valid_to or date.min):
            found[key] = product
    return found


def told(model: str, installed: date, product: Product | None) -> qualification.Product:
    name = model or "（型号未填 / no model given）"
    if product is None:
        return qualification.Product(name, "", "", None, installed, None, None)
    return qualification.Product(
        name,
        product.certificate,
        product.issuer,
        product.valid_to,
        installed,
        product.is_up_to_mandatory,
        product.is_free_of_malware,
    )


KEEPERS = frozenset({Role.BUILDER, Role.REGISTRAR})
PRODUCT = Kind(
    name="product",
    path="products",
    words=Words("设备型号", "device model"),
    order="R14.1",
    prefix="SB",
    data=Product,
    states={"registered": Words("已登记", "registered"), "withdrawn": Words("已停用", "withdrawn")},
    opening=ProductOpening,
    openers=KEEPERS,
    readers=BASE_READERS | KEEPERS,
    open=begin,
    moves=(
        Move(
            "certify",
            Words("更新证书", "renew its certificate"),
            ("registered",),
            STAYS,
            KEEPERS,
            certify,
            Certificate,
        ),
        Move("withdraw", Words("停用", "withdraw"), ("registered",), "withdrawn", KEEPERS, withdraw),
    ),
)
