"""Every kind of procedure that the platform knows."""

from bingjian.procedures.appointment import APPOINTMENT
from bingjian.procedures.breach_case import CASE
from bingjian.procedures.coordination import COORDINATION
from bingjian.procedures.flaw import FLAW
from bingjian.procedures.incident import INCIDENT
from bingjian.procedures.inquiry import INQUIRY
from bingjian.procedures.kinds import Kind
from bingjian.procedures.plan import PLAN
from bingjian.procedures.pruning import PRUNING
from bingjian.procedures.public_report import PUBLIC_REPORT
from bingjian.procedures.rectification import RECTIFICATION
from bingjian.procedures.staff_case import STAFF_CASE
from bingjian.procedures.supervision import SUPERVISION
from bingjian.procedures.support_request import SUPPORT_REQUEST
from bingjian.procedures.validity import VALIDITY

KINDS: tuple[Kind, ...] = (
    PLAN,
    COORDINATION,
    APPOINTMENT,
    RECTIFICATION,
    SUPPORT_REQUEST,
    PRUNING,
    INCIDENT,
    CASE,
    STAFF_CASE,
    FLAW,
    SUPERVISION,
    INQUIRY,
    PUBLIC_REPORT,
    VALIDITY,
)
