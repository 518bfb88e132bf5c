"""Every kind of procedure that the platform knows, and where they meet."""

from bingjian.procedures.acceptance import ACCEPTANCE
from bingjian.procedures.archive import ARCHIVE
from bingjian.procedures.consent import CONSENT
from bingjian.procedures.filing import FILING
from bingjian.procedures.filing_facts import filing_due
from bingjian.procedures.junctions import JUNCTIONS
from bingjian.procedures.kinds import Kind
from bingjian.procedures.link import LINK
from bingjian.procedures.plan import PLAN
from bingjian.procedures.platform import PLATFORM
from bingjian.procedures.products import PRODUCT
from bingjian.procedures.project import PROJECT
from bingjian.procedures.qualifications import QUALIFICATION
from bingjian.procedures.relocation import RELOCATION
from bingjian.procedures.relocation_facts import has_notice
from bingjian.procedures.responsibility import RESPONSIBILITY
from bingjian.procedures.responsibility_facts import responsibility_answer
from bingjian.procedures.signs import SIGN, SIGN_TEMPLATE
from bingjian.procedures.specification import SPECIFICATION
from bingjian.procedures.system import SYSTEM

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
)

JUNCTIONS.accepted = [filing_due]
JUNCTIONS.used = [filing_due]
JUNCTIONS.noticed = has_notice
JUNCTIONS.answers["R23.1"] = responsibility_answer
