"""May a camera stand there: asked before its file is filled in, answered as the file would be."""

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas, is_inside
from bingjian.db.session import Database
from bingjian.inventory.errors import NotThere
from bingjian.inventory.place_parts import part_of
from bingjian.inventory.places import LawAt, Person, place_of
from bingjian.inventory.siting import ConsentsOf, Siting, Standing, no_consents
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import Grant, granted
from bingjian.rules.library import law


class SiteQuestions:
    """Nothing is kept of a question but its refusal."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        law_at: LawAt,
        consents_of: ConsentsOf = no_consents,
    ) -> None:
        """``law_at``: what of the law binds at an instant; ``consents_of``: the consents registered (N10)."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at
        self._consents_of = consents_of

    async def ask(self, standing: Standing, who: Person, areas: Areas) -> Grant:
        """The articles that allow it. Raises NotThere, Refused."""

        async def answer() -> Grant:
            now = utc_now(self._clock)
            async with self._database.read() as session:
                await let_in(session, standing, areas)
                siting = await Siting.around(session, standing)
                consents = await self._consents_of(session, now)
            told = standing.with_consents(consents)
            return granted(siting.may_stand(self._law_at(now), told, now))

        return await written_down(self._journal, answer(), who, "siting.ask", standing.place)


async def let_in(session: AsyncSession, standing: Standing, areas: Areas) -> None:
    """Raises NotThere: something that is named lies outside the areas, or nowhere."""
    if standing.division in law().codes("division") and not is_inside(standing.division, areas):
        raise NotThere
    if standing.place is not None:
        await place_of(session, standing.place, areas)
    if standing.part is not None:
        await part_of(session, standing.part, areas)
