"""Every kind of procedure that the platform knows."""

from bingjian.procedures.acceptance import ACCEPTANCE
from bingjian.procedures.archive import ARCHIVE
from bingjian.procedures.kinds import Kind
from bingjian.procedures.link import LINK
from bingjian.procedures.plan import PLAN
from bingjian.procedures.products import PRODUCT
from bingjian.procedures.qualifications import QUALIFICATION
from bingjian.procedures.signs import SIGN, SIGN_TEMPLATE
from bingjian.procedures.specification import SPECIFICATION
from bingjian.procedures.system import SYSTEM

KINDS: tuple[Kind, ...] = (
    PLAN,
    SYSTEM,
    ACCEPTANCE,
    ARCHIVE,
    LINK,
    PRODUCT,
    QUALIFICATION,
    SIGN_TEMPLATE,
    SIGN,
    SPECIFICATION,
)
