"""Every kind of procedure that the platform knows."""

from bingjian.procedures.contract import CONTRACT
from bingjian.procedures.daily_check import DAILY_CHECK
from bingjian.procedures.inspection import INSPECTION_KIND, INSPECTION_PLAN
from bingjian.procedures.kinds import Kind
from bingjian.procedures.plan import PLAN
from bingjian.procedures.rule_papers import KEEPING_RULES, MANAGEMENT_SYSTEM
from bingjian.procedures.shift import SHIFT
from bingjian.procedures.training import TRAINING

UPKEEP = (MANAGEMENT_SYSTEM, KEEPING_RULES, CONTRACT, TRAINING, SHIFT, INSPECTION_PLAN, INSPECTION_KIND)
KINDS: tuple[Kind, ...] = (PLAN, *UPKEEP, DAILY_CHECK)
