"""Every kind of procedure that the platform knows."""

from bingjian.procedures.kinds import Kind
from bingjian.procedures.plan import PLAN

KINDS: tuple[Kind, ...] = (PLAN,)
