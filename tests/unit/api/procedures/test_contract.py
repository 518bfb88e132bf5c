"""R25.2 and N15 through the API: a firm acts inside its contract, which has an agreement both have signed."""

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.api.procedures.setting import organisation, put, record

DAY_S, NOON_S = 86_400, 43_200


class Parties:
    """A body, its firm, and a system that the body answers for."""

    def __init__(self, enter: Enter, platform: Platform, database: Database, document: str) -> None:
        self.enter, self.platform, self.database, self.document = enter, platform, database, document

    async def meet(self) -> "Parties":
        self.body_id = await organisation(self.platform, self.database, "市公安局视频中心")
        self.firm_id = await organisation(self.platform, self.database, "龙江安防公司", "firm")
        self.system = record("system", organisation=self.body_id)
        await put(self.database, self.system)
        self.body = Desk(await self.enter(Role.REGISTRAR, organisation=self.body_id))
        self.firm = Desk(await self.enter(Role.MAINTAINER, organisation=self.firm_id))
        return self

    async def drafted(self, *scope: str, last_day: str = "2026-01-01") -> str:
        return await self.body.opened(
            "contracts", firm=str(self.firm_id), scope=scope or ("repair",), systems=[str(self.system.id)],
            first_day="2026-01-01", last_day=last_day, text=self.document,
        )  # fmt: skip

    async def running(self, *scope: str, last_day: str = "2026-01-01") -> str:
        contract = await self.drafted(*scope, last_day=last_day)
        await self.body.stepped("contracts", contract, "agree", agreement=self.document)
        await self.body.stepped("contracts", contract, "sign")
        await self.firm.stepped("contracts", contract, "sign")
        await self.body.stepped("contracts", contract, "start")
        return contract

    def job(self, work: str = "repair") -> dict[str, str]:
        return {"work": work, "system": str(self.system.id), "text": "更换电源"}


BOTH = ["R25.2", "N19"]  # the city's measure, and the decree


@pytest.fixture
async def parties(enter: Enter, platform: Platform, database: Database, document: str) -> Parties:
    return await Parties(enter, platform, database, document).meet()


@pytest.mark.parametrize(("seconds", "refusals"), [(-1, []), (0, BOTH), (1, BOTH)])
async def test_R25_2_N19_after_the_contracts_end_the_firm_is_refused(
    parties: Parties, enter: Enter, clock: StillClock, seconds: int, refusals: list[str]
) -> None:
    contract = await parties.running()
    clock.wait(NOON_S + seconds)  # to 24:00 of its last day
    firm = Desk(await enter(Role.MAINTAINER, organisation=parties.firm_id))
    answer = await firm.step("contracts", contract, "take_job", **parties.job())
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


async def test_R25_2_N19_what_the_scope_leaves_out_is_refused(parties: Parties) -> None:
    contract = await parties.running("repair", last_day="2026-12-31")
    job = parties.job("duty_watch")
    assert codes(await parties.firm.step("contracts", contract, "take_job", **job)) == BOTH
    elsewhere = record("system")
    await put(parties.database, elsewhere)
    job = {**parties.job(), "system": str(elsewhere.id)}
    assert codes(await parties.firm.step("contracts", contract, "take_job", **job)) == ["R25.2"]
    done = await parties.firm.stepped("contracts", contract, "take_job", **parties.job())
    assert len(done["data"]["jobs"]) == 1
    await parties.body.stepped("contracts", contract, "end", reason="合同解除")
    assert codes(await parties.firm.step("contracts", contract, "take_job", **parties.job())) == ["R25.2"]


async def test_R25_2_the_responsibility_stays_with_the_body(parties: Parties) -> None:
    contract = await parties.running()
    data = (await parties.body.look("contracts", contract))["data"]
    assert (data["body"], data["firm"]) == (str(parties.body_id), str(parties.firm_id))


async def test_R25_2_another_firm_knows_nothing_of_it(
    parties: Parties, enter: Enter, platform: Platform, database: Database
) -> None:
    contract = await parties.running()
    other = await organisation(platform, database, "另一公司", "firm")
    stranger = await enter(Role.MAINTAINER, organisation=other)
    assert (await stranger.get(f"/api/v1/contracts/{contract}")).status_code == 404


async def test_N15_nothing_is_entrusted_before_both_have_signed_the_agreement(parties: Parties) -> None:
    contract = await parties.drafted()
    assert codes(await parties.body.step("contracts", contract, "start")) == ["N15"]
    await parties.body.stepped("contracts", contract, "agree", agreement=parties.document)
    await parties.body.stepped("contracts", contract, "sign")
    assert codes(await parties.body.step("contracts", contract, "start")) == ["N15"]
    await parties.firm.stepped("contracts", contract, "sign")
    assert (await parties.body.stepped("contracts", contract, "start"))["state"] == "running"


async def test_N15_another_agreement_is_signed_anew_and_the_firm_does_not_supervise_itself(
    parties: Parties, enter: Enter
) -> None:
    contract = await parties.drafted(last_day="2026-12-31")
    for _ in range(2):
        await parties.body.stepped("contracts", contract, "agree", agreement=parties.document)
        assert codes(await parties.body.step("contracts", contract, "start")) == ["N15"]
        await parties.body.stepped("contracts", contract, "sign")
        await parties.firm.stepped("contracts", contract, "sign")
    await parties.body.stepped("contracts", contract, "start")
    done = await parties.body.stepped("contracts", contract, "supervise", text="现场抽查，记录完整")
    assert len(done["data"]["supervised"]) == 1
    clever = Desk(await enter(Role.REGISTRAR, organisation=parties.firm_id))
    answer = await clever.step("contracts", contract, "supervise", text="很好")
    assert answer.json()["code"] == "contradiction"
