"""Every kind of procedure by random steps, and the life of a system against a model of its own."""

from datetime import date, datetime
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bingjian.clock import utc_now
from bingjian.inventory.camera_files import CameraFileRow, files_of_system
from bingjian.inventory.organisations import body_id
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.procedures import archive, link, products, qualifications, signs
from bingjian.procedures.acceptance import ACCEPTANCE
from bingjian.procedures.acceptance_data import (
    AcceptanceOpening,
    Conclude,
    Item,
    Items,
    Report,
    Revoke,
    TakePart,
)
from bingjian.procedures.catalogue import KINDS
from bingjian.procedures.junctions import JUNCTIONS
from bingjian.procedures.kinds import Kind, Nothing, Opening
from bingjian.procedures.system import SYSTEM, Approve, Assign, When
from bingjian.procedures.system_data import SystemOpening, UnitUse
from bingjian.rules.decision import Refused
from bingjian.rules.decisions.lifecycle import STANDING
from tests.property.procedures import ANY_TEXT, Office, Walk
from tests.unit.api.procedures.works import ANSWERS, MODEL, MONEY, ROLES

CITY, POLICE, AUTHORITY = "city_government", "public_security", "city_data_authority"
DAY = date(2026, 1, 1)
STEPS = 25
NEXT = {"planned": "design", "designed": "approve", "approved": "start_building", "building": "start_trial"}


def place_row(office: Office) -> PlaceRow:
    row = PlaceRow(id=uuid4(), name="路口", division="230102", kind="road_crossing", search="路口")
    row.categories = ("1",)
    for name in ("citation", "likeness_note", "likeness_confirmed_by", "coordinate_system", "address"):
        setattr(row, name, "")
    row.is_like_those_named = row.counter_terror = row.is_secret_neighbour = False
    row.is_public, row.version, row.changed_at = True, 1, now_of(office)
    return row


def camera_row(office: Office, system: UUID, name: str) -> CameraFileRow:
    row = CameraFileRow(id=uuid4(), name=name, system=system, division="230102")
    for column in ("code_order", "point_type", "function_type", "structure_type", "crs", "decree_class"):
        setattr(row, column, "")
    for column in ("capture_position_type", "network_status", "missing", "faulty", "search_base"):
        setattr(row, column, "")
    row.counter_terror = row.is_article8 = row.is_government_built = False
    row.state, row.status, row.secrecy, row.view_json = "planned", "1", "none", "{}"
    row.fields_json, row.install_date, row.search = f'{{"model": "{MODEL}"}}', DAY, name
    row.fill_bp = row.correct_bp = 0
    row.version, row.created_at, row.changed_at = 1, now_of(office), now_of(office)
    return row


def now_of(office: Office) -> datetime:
    return utc_now(office.clock)


def planned(office: Office) -> UUID:
    """A system of the city government at a crossing, with two cameras."""
    place = place_row(office)
    office.keep(place)
    office.known.setdefault("place", []).append(place.id)
    wish = SystemOpening(
        title="路口",
        investment="government",
        purposes=("public_safety",),
        places=(place.id,),
        organiser=body_id(CITY),
        necessity="路口全景",
        **MONEY,
    )
    system = office.open(SYSTEM, wish).id
    cameras = [camera_row(office, system, name) for name in ("C1", "C2")]
    office.known["camera"] = [row.id for row in cameras]
    office.keep(*cameras)
    return system


def surroundings(office: Office) -> None:
    """What records of any kind may be about: a system on trial, a part, a template that is in use."""
    system = planned(office)
    approval = Approve(approval=office.document)
    steps = {"design": Nothing(), "approve": approval, "start_building": Nothing()}
    for name, wish in steps.items():
        office.move(SYSTEM, system, name, wish)
    office.move(SYSTEM, system, "start_trial", When())
    part = PartRow(id=uuid4(), place=office.known["place"][0], name="街", kind="street", is_key=False)
    part.floor = part.reviewer = part.review_reason = ""
    part.version, part.changed_at = 1, now_of(office)
    office.keep(part)
    template = signs.TemplateOpening(title="样式", version=ANY_TEXT, document=office.document)
    office.move(signs.SIGN_TEMPLATE, office.open(signs.SIGN_TEMPLATE, template).id, "issue", Nothing())
    office.known |= {"part": [part.id], "person": [UUID(int=7)]}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_steps_of_any_kind(kind: Kind, seed: int) -> None:
    office = Office()
    try:
        surroundings(office)
        walk = Walk(office, kind, Random(seed))  # repeatable, not secret
        if walk.begin():
            for _ in range(STEPS):
                walk.step()
            walk.end()
    finally:
        office.close()


class LifeOfASystem(RuleBasedStateMachine):
    """All that service asks is there, but the acceptance: the rest is the order of its states."""

    @initialize()
    def begin(self) -> None:
        self.answers, JUNCTIONS.answers = JUNCTIONS.answers, dict(ANSWERS)
        self.office = Office()
        self.system = planned(self.office)
        self.state, self.version = "planned", 1
        self.passed: UUID | None = None  # the deciding acceptance, if it stands
        self.prepare()

    def prepare(self) -> None:
        office, document = self.office, self.office.document
        template = signs.TemplateOpening(title="样式", version="1", document=document)
        office.move(signs.SIGN_TEMPLATE, office.open(signs.SIGN_TEMPLATE, template).id, "issue", Nothing())
        at = office.known["place"][0]
        told = {"template": "1", "photo": document, "position": "门口", "put_up": DAY}
        office.open(signs.SIGN, signs.SignOpening(title="标识", subject=at, **told))
        tied = office.open(link.LINK, link.LinkOpening(title="联网", subject=self.system)).id
        office.move(link.LINK, tied, "record_test", link.Test(passed=True, document=document))
        cameras = link.Catalogue(cameras=tuple(office.known["camera"]))
        office.move(link.LINK, tied, "send_catalogue", cameras)
        product = {"model": MODEL, "certificate": "1", "issuer": "1", "valid_to": date(2026, 12, 31)}
        product |= {"is_up_to_mandatory": True, "is_free_of_malware": True}
        office.open(products.PRODUCT, products.ProductOpening(title="型号", **product))
        self.firms(document)

    def firms(self, document: UUID) -> None:
        """One does everything, and is in the archive for it."""
        office, firm = self.office, body_id(AUTHORITY)
        paper = {"covers": ROLES, "name": "资质", "certificate": "1", "valid_to": date(2026, 12, 31)}
        opening = qualifications.QualificationOpening(title="资质", subject=firm, **paper)
        office.open(qualifications.QUALIFICATION, opening)
        for role in ROLES:
            unit = UnitUse(role=role, organisation=firm, contract_ends=date(2026, 12, 31))
            self.take("assign_unit", Assign(unit=unit))
        kept = office.open(archive.ARCHIVE, Opening(title="档案", subject=self.system)).id
        for part in ("design", "construction", "acceptance"):
            paper_ = archive.Paper(part=part, name="资料", document=document)
            office.move(archive.ARCHIVE, kept, "add_paper", archive.AddPaper(paper=paper_))
            told = {"qualification": "1", "staff": "李", "certificate": "1"}
            unit_ = archive.UnitRecord(part=part, organisation=firm, **told)
            office.move(archive.ARCHIVE, kept, "add_unit", archive.AddUnit(unit=unit_))

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.office.close()
            JUNCTIONS.answers = self.answers

    # --- steps

    def take(self, name: str, wish: object = None) -> None:
        row = self.office.move(SYSTEM, self.system, name, wish or Nothing())  # type: ignore[arg-type]  # its body
        self.state, self.version = row.state, self.version + 1
        assert row.version == self.version

    def attempt(self, name: str, expected: str | None, wish: object = None) -> None:
        """Take a step that must lead there, or be refused (None)."""
        if expected is None:
            with pytest.raises(Refused):
                self.office.move(SYSTEM, self.system, name, wish or Nothing())  # type: ignore[arg-type]  # its body
            return
        self.take(name, wish)
        assert self.state == expected

    @rule()
    def go_on(self) -> None:
        """The next step of building, if there is one."""
        name = NEXT.get(self.state)
        wish = {"approve": Approve(approval=self.office.document), "start_trial": When()}.get(name or "")
        targets = dict(zip(NEXT.values(), ("designed", "approved", "building", "trial"), strict=True))
        if name is not None:
            self.attempt(name, targets[name], wish)

    @rule(name=st.sampled_from(sorted(NEXT.values())))
    def out_of_order(self, name: str) -> None:
        if NEXT.get(self.state) != name:
            body = SYSTEM.move(name).body
            self.attempt(name, None, Approve(approval=self.office.document) if body is Approve else body())

    @rule()
    def build_again(self) -> None:
        self.attempt("build_again", "building" if self.state == "trial" else None)

    @rule()
    def accept(self) -> None:
        self.attempt("accept", "accepted" if self.state == "trial" and self.passed else None)

    @rule()
    def enter_service(self) -> None:
        is_ready = self.state == "accepted" and self.passed
        self.attempt("enter_service", "in_service" if is_ready else None, When())

    @rule()
    def suspend(self) -> None:
        self.attempt("suspend", "suspended" if self.state == "in_service" else None)

    @rule()
    def resume(self) -> None:
        self.attempt("resume", "in_service" if self.state == "suspended" and self.passed else None)

    @precondition(lambda self: self.state in STANDING)
    @rule()
    def retire(self) -> None:
        """Nobody gave notice (R19.1), and a retired system stays so: refused in every state that stands."""
        self.attempt("retire", None)

    @precondition(lambda self: self.state in ("trial", "accepted", "in_service", "suspended"))
    @rule(is_passed=st.booleans())
    def hold_acceptance(self, is_passed: bool) -> None:
        office = self.office
        record = office.open(ACCEPTANCE, AcceptanceOpening(title="验收", subject=self.system)).id
        item = Item(standard="GB 50348", item="1", is_mandatory=True, is_passed=is_passed)
        office.move(ACCEPTANCE, record, "record_items", Items(standards=("GB 50348",), items=(item,)))
        for body in (AUTHORITY, POLICE):
            office.move(ACCEPTANCE, record, "take_part", TakePart(name="张"), body)
        office.move(ACCEPTANCE, record, "attach_report", Report(report=office.document))
        office.move(ACCEPTANCE, record, "conclude_pass" if is_passed else "conclude_fail", Conclude())
        self.passed = record if is_passed else None
        self.lost()

    @precondition(lambda self: self.passed is not None)
    @rule()
    def revoke(self) -> None:
        assert self.passed is not None
        wish = Revoke(reason="弄虚作假", document=self.office.document)
        self.office.move(ACCEPTANCE, self.passed, "revoke", wish, POLICE)
        self.passed = None
        self.lost()

    def lost(self) -> None:
        """Service stops in the same transaction."""
        if self.state == "in_service" and self.passed is None:
            self.state, self.version = "suspended", self.version + 1

    # --- what always holds

    @invariant()
    def is_as_expected(self) -> None:
        row = self.office.record(self.system)
        assert (row.state, row.version) == (self.state, self.version)
        assert self.office.versions(self.system) == list(range(1, self.version + 1))

    @invariant()
    def cameras_serve_only_with_their_system(self) -> None:
        async def read() -> set[str]:
            async with self.office.database.read() as session:
                return {file.state for file in await files_of_system(session, self.system)}

        states = self.office.run(read())
        assert ("in_service" in states) == (self.state == "in_service")
        assert len(states) == 1


TestLifeOfASystem = LifeOfASystem.TestCase
TestLifeOfASystem.settings = settings(max_examples=6, stateful_step_count=20, deadline=None)
