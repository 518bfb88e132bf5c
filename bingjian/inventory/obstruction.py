"""Would a facility hide a camera (R11.4): yes or no, how many, and a case number. Nothing else leaves.

Whoever asks may not know where cameras are. So a question is bound to the areas of the person, each is kept
with its answer and in the journal, and nothing of a camera has a place in the answer.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Float, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.clock import CHINA, Clock, utc_now
from bingjian.db.areas import Areas, is_inside
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.inventory.divisions import boundaries_of, encloses, prepared
from bingjian.inventory.errors import NotThere
from bingjian.inventory.ground import Frame, Point
from bingjian.inventory.history import Subject, differences, remember
from bingjian.inventory.places import LawAt, Person
from bingjian.inventory.standpoints import HEIGHT_ASSUMED_M, Standpoint, box_around, standpoints
from bingjian.inventory.view import DISTANCE_MOST_M
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import Refusal, Refused
from bingjian.rules.decisions.surroundings import Facility, FacilityAnswer, Sight, would_hide

KIND = "obstruction_query"
PREFIX = "ZD"  # 遮挡


class ObstructionQueryRow(Base):
    """One question and what was answered."""

    __tablename__ = "obstruction_queries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case: Mapped[str] = mapped_column("case_number", String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    longitude: Mapped[float] = mapped_column(Float(53))  # WGS-84
    latitude: Mapped[float] = mapped_column(Float(53))
    height_m: Mapped[float] = mapped_column(Float(53))
    conflict: Mapped[bool]
    count: Mapped[int] = mapped_column("cameras")
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class FacilityWish:
    """Something that is to be built."""

    name: str
    longitude: float  # WGS-84
    latitude: float
    height_m: float

    @property
    def position(self) -> Point:
        return self.longitude, self.latitude


class Obstructions:
    """Every question is in the journal before it is answered."""

    def __init__(self, database: Database, journal: Journal, clock: Clock, law_at: LawAt) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at

    async def ask(self, wish: FacilityWish, who: Person, areas: Areas) -> FacilityAnswer:
        """Raises NotThere: it lies in no division of theirs; Refused."""

        async def work(session: AsyncSession) -> FacilityAnswer:
            now = utc_now(self._clock)
            await require_area(session, wish.position, areas)
            near = await standpoints(session, box_around(wish.position, DISTANCE_MOST_M))
            facility = Facility(0, 0, wish.height_m)
            case = await next_case(session, now)
            sights = [sight_of(one, Frame(*wish.position)) for one in near]
            answer = would_hide(self._law_at(now), facility, sights, case)
            if isinstance(answer, Refusal):
                raise Refused(answer)
            await self._keep(session, wish, answer, who, now)
            return answer

        return await written_down(self._journal, self._database.run(work), who, "obstruction.ask", None)

    async def _keep(
        self, session: AsyncSession, wish: FacilityWish, answer: FacilityAnswer, who: Person, now: datetime
    ) -> None:
        told = {"name": wish.name, "height_m": wish.height_m, "position": list(wish.position)}
        told |= {"conflict": answer.conflict, "count": answer.count, "case": answer.case}
        row = ObstructionQueryRow(
            id=uuid4(),
            case=answer.case,
            name=wish.name,
            longitude=wish.longitude,
            latitude=wish.latitude,
            height_m=wish.height_m,
            conflict=answer.conflict,
            count=answer.count,
            asked_by=who.id,
            asked_at=now,
        )
        session.add(row)
        subject = Subject(KIND, row.id, 1)
        await remember(session, self._journal, subject, "asked", differences({}, told), who, now)


async def require_area(session: AsyncSession, position: Point, areas: Areas) -> None:
    """Raises NotThere: outside the areas there is nothing to ask about."""
    for code, boundary in (await boundaries_of(session)).items():
        if is_inside(code, areas) and encloses(prepared(boundary), position):
            return
    raise NotThere


async def next_case(session: AsyncSession, now: datetime) -> str:
    """ "ZD-2026-000001": counted by year in China. Writers come one at a time, so none is given twice."""
    head = f"{PREFIX}-{now.astimezone(CHINA):%Y}-"
    table = ObstructionQueryRow
    last = await session.scalar(select(func.max(table.case)).where(table.case.startswith(head)))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:06}"


def sight_of(standpoint: Standpoint, frame: Frame) -> Sight:
    """As R11.4 asks; what a file does not say is assumed so that the camera counts."""
    look = standpoint.widest
    east, north = frame.metres((standpoint.longitude, standpoint.latitude))
    start, width = look.directions
    height = standpoint.height_m or HEIGHT_ASSUMED_M
    return Sight(east, north, height, start + width / 2, width, look.distance_m)
