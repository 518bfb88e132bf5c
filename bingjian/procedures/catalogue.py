"""Every kind of procedure that the platform knows."""

from bingjian.procedures.consent import CONSENT
from bingjian.procedures.filing import FILING
from bingjian.procedures.kinds import Kind
from bingjian.procedures.plan import PLAN
from bingjian.procedures.platform import PLATFORM
from bingjian.procedures.project import PROJECT
from bingjian.procedures.relocation import RELOCATION
from bingjian.procedures.responsibility import RESPONSIBILITY

KINDS: tuple[Kind, ...] = (PLAN, PROJECT, PLATFORM, CONSENT, FILING, RELOCATION, RESPONSIBILITY)
