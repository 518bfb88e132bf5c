"""Every kind of procedure that the platform knows, and where they meet."""

from bingjian.procedures.acceptance import ACCEPTANCE
from bingjian.procedures.access_request import ACCESS_REQUEST
from bingjian.procedures.alert import ALERT
from bingjian.procedures.appointment import APPOINTMENT
from bingjian.procedures.archive import ARCHIVE
from bingjian.procedures.blockage import BLOCKAGE
from bingjian.procedures.breach_case import CASE
from bingjian.procedures.consent import CONSENT
from bingjian.procedures.contract import CONTRACT
from bingjian.procedures.coordination import COORDINATION
from bingjian.procedures.daily_check import DAILY_CHECK
from bingjian.procedures.emergency_order import EMERGENCY_ORDER
from bingjian.procedures.filing import FILING
from bingjian.procedures.filing_facts import filing_due
from bingjian.procedures.flaw import FLAW
from bingjian.procedures.incident import INCIDENT
from bingjian.procedures.individual_view import INDIVIDUAL_VIEW
from bingjian.procedures.inquiry import INQUIRY
from bingjian.procedures.inspection import INSPECTION_KIND, INSPECTION_PLAN
from bingjian.procedures.junctions import JUNCTIONS
from bingjian.procedures.kinds import Kind
from bingjian.procedures.link import LINK
from bingjian.procedures.plan import PLAN
from bingjian.procedures.platform import PLATFORM
from bingjian.procedures.products import PRODUCT
from bingjian.procedures.project import PROJECT, follow_system
from bingjian.procedures.pruning import PRUNING
from bingjian.procedures.public_report import PUBLIC_REPORT
from bingjian.procedures.qualifications import QUALIFICATION
from bingjian.procedures.rectification import RECTIFICATION
from bingjian.procedures.relocation import RELOCATION
from bingjian.procedures.relocation_facts import has_notice
from bingjian.procedures.responsibility import RESPONSIBILITY
from bingjian.procedures.responsibility_facts import responsibility_answer
from bingjian.procedures.room_log import ROOM_LOG
from bingjian.procedures.rule_papers import KEEPING_RULES, MANAGEMENT_SYSTEM
from bingjian.procedures.service_answers import keeping_answer, management_answer
from bingjian.procedures.share_entry import SHARE_ENTRY
from bingjian.procedures.share_request import SHARE_REQUEST
from bingjian.procedures.shift import SHIFT
from bingjian.procedures.signs import SIGN, SIGN_TEMPLATE
from bingjian.procedures.specification import SPECIFICATION
from bingjian.procedures.staff_case import STAFF_CASE
from bingjian.procedures.supervision import SUPERVISION
from bingjian.procedures.support_request import SUPPORT_REQUEST
from bingjian.procedures.system import SYSTEM
from bingjian.procedures.training import TRAINING
from bingjian.procedures.validity import VALIDITY

KINDS: tuple[Kind, ...] = (
    PLAN,
    PROJECT,
    SYSTEM,
    ACCEPTANCE,
    ARCHIVE,
    LINK,
    PRODUCT,
    QUALIFICATION,
    SIGN_TEMPLATE,
    SIGN,
    SPECIFICATION,
    FILING,
    RELOCATION,
    RESPONSIBILITY,
    CONSENT,
    PLATFORM,
    EMERGENCY_ORDER,
    MANAGEMENT_SYSTEM,
    KEEPING_RULES,
    CONTRACT,
    TRAINING,
    SHIFT,
    ROOM_LOG,
    INSPECTION_PLAN,
    INSPECTION_KIND,
    DAILY_CHECK,
    COORDINATION,
    APPOINTMENT,
    RECTIFICATION,
    SUPPORT_REQUEST,
    PRUNING,
    BLOCKAGE,
    INCIDENT,
    ALERT,
    CASE,
    STAFF_CASE,
    FLAW,
    SUPERVISION,
    INQUIRY,
    PUBLIC_REPORT,
    VALIDITY,
    ACCESS_REQUEST,
    INDIVIDUAL_VIEW,
    SHARE_ENTRY,
    SHARE_REQUEST,
)

JUNCTIONS.accepted = [filing_due]
JUNCTIONS.used = [filing_due]
JUNCTIONS.moved = [follow_system]
JUNCTIONS.noticed = has_notice
JUNCTIONS.answers["R23.1"] = responsibility_answer
JUNCTIONS.answers["R25.1"] = management_answer
JUNCTIONS.answers["R28.10"] = keeping_answer
