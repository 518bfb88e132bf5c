"""Who may do what: one pure function over the table of rights (``rules/editions/rights.toml``).

What the table does not name is refused. Here is only which act of it each verb of a route asks for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from uuid import UUID

from bingjian.db.areas import CITY, is_inside
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions.rights import Deed as Act
from bingjian.rules.decisions.rights import Held, may_do, may_take
from bingjian.rules.law import Law
from bingjian.rules.library import rights


class Role(StrEnum):
    """A role is given to a person; one person may hold several, but see ``forbidden_together``."""

    WATCHER = "watcher"  # looks: live, playback, stills
    SHIFT_LEAD = "shift_lead"  # leads a watch; its roster and its reports
    CUSTODIAN = "custodian"  # marks, holds, releases, retention classes; decides requests of state organs
    OFFICER = "officer"  # of a state organ: asks to look, and looks by a grant under art. 22
    MAINTAINER = "maintainer"  # repairs, by work order
    BUILDER = "builder"  # commissions building: projects, acceptance, archive, filing
    CONSTRUCTION_UNIT = "construction_unit"  # builds, or works nearby
    REGISTRAR = "registrar"  # registers, changes and removes cameras
    ARCHIVIST = "archivist"  # keeps the papers
    PLANNER = "planner"  # proposes plans; asks whether something would hide a camera
    DEPARTMENT_USER = "department_user"  # one of the fifteen departments: opinions, answers, approvals
    CITY_DATA_AUTHORITY = "city_data_authority"  # plans, specifications, reclassification
    WORKGROUP_OFFICE = "workgroup_office"  # supervises: five themes, rectification orders
    PUBLIC_SECURITY = "public_security"  # receives filings, takes part in acceptance, inspects
    INSPECTOR = "inspector"  # reads and asks, changes nothing
    DISCIPLINE_BODY = "discipline_body"  # cases against staff
    GOVERNMENT = "government"  # approves plans, decides who answers
    TELECOM = "telecom"  # restores its own links
    AUDITOR = "auditor"  # reads the journal
    SYSADMIN = "sysadmin"  # accounts, nothing else


class Verb(StrEnum):
    """Everything that can be asked for. A route names exactly one."""

    SESSION_READ = "session.read"
    SESSION_END = "session.end"
    ACCOUNT_READ = "account.read"  # one's own: sessions, second factor
    ACCOUNT_CHANGE = "account.change"
    CAMERA_LIST = "camera.list"
    CAMERA_ADD = "camera.add"
    CAMERA_CHANGE = "camera.change"
    CAMERA_REMOVE = "camera.remove"
    CAMERA_TEST = "camera.test"
    LIVE = "live"
    CONTROL = "control"  # turns a camera (art. 27¶1): looking at it does not let anybody do that
    TRIAL = "trial"  # the builder's test view of a system that runs on trial (R16.5)
    PLAYBACK = "playback"
    COPY = "copy"  # takes a file of what was recorded away
    FORWARD = "forward"  # gives a copy that was made on to somebody else (art. 27¶1)
    PICTURE = "picture"
    TIMELINE = "timeline"
    RECORDING_READ = "recording.read"  # what is kept, and for how long
    MARK_LIST = "mark.list"
    MARK_SET = "mark.set"
    MARK_RELEASE = "mark.release"
    HOLD_LIST = "hold.list"
    HOLD_SET = "hold.set"
    HOLD_VERIFY = "hold.verify"
    HOLD_RELEASE = "hold.release"
    RETENTION_CHANGE = "retention.change"
    CAMERA_PAUSE = "camera.pause"
    PEOPLE_LIST = "people.list"
    PEOPLE_CHANGE = "people.change"
    JOURNAL_READ = "journal.read"
    JOURNAL_PROVE = "journal.prove"  # the log's head, its growth, that an entry is in it; not what others say
    SYSTEM_READ = "system.read"
    LAW_READ = "law.read"
    BASE_READ = "base.read"  # base information: camera files, places, devices, papers (art. 27)
    BASE_CHANGE = "base.change"
    BASE_IMPORT = "base.import"
    ORGANISATION_LIST = "organisation.list"
    ORGANISATION_CHANGE = "organisation.change"
    OBSTRUCTION_ASK = "obstruction.ask"  # would this hide a camera: yes or no, nothing else (R11.4)
    DUTY_LIST = "duty.list"
    DUTY_RECOMPUTE = "duty.recompute"
    DOCUMENT_READ = "document.read"
    DOCUMENT_ADD = "document.add"
    REPORT_READ = "report.read"  # compliance reports, the overview of the work group
    GRANT_READ = "grant.read"  # what one was granted under art. 22, or shared with one under art. 20
    CATALOGUE_READ = "catalogue.read"  # what is offered for sharing, and how much it is used (art. 20)
    REGISTER_READ = "register.read"  # who looked, copied and retrieved (art. 25(5))


@dataclass(frozen=True, slots=True)
class Deed:
    """A step of a procedure: what may be asked for by these roles, beside the verbs that routes share."""

    name: str  # "plan.approve"
    roles: frozenset["Role"]

    def __str__(self) -> str:
        return self.name


WHOLE_CITY = ("2301",)
NOTHING = frozenset[str]()


EVERYBODY = frozenset(Role)
SUPERVISORS = frozenset(
    {Role.CITY_DATA_AUTHORITY, Role.WORKGROUP_OFFICE, Role.PUBLIC_SECURITY, Role.INSPECTOR}
)
BASE_READERS = SUPERVISORS | {Role.REGISTRAR, Role.ARCHIVIST}  # who takes part in what concerns them


@dataclass(frozen=True, slots=True)
class Asking:
    """What a verb asks for: an act of the table of rights, and what need not be known at the door.

    Args:
        proves: conditions of the table that what serves the verb proves by itself, before anything is
            served or changed: that a list has only what lies in the person's areas, that a grant covers it.
    """

    act: str
    proves: frozenset[str] = frozenset()


LISTS = frozenset({"area"})  # it answers with what lies in the person's areas, and nothing else
BY_GRANT = frozenset({"grant", "share"})  # ``Grants.use``
ON_TRIAL = frozenset({"order", "trial"})  # ``Serving.require_test_view``: who builds it, and its state
BY_TWO = frozenset({"two"})  # ``Protections.release`` counts
ASKS: dict[Verb, Asking] = {
    Verb.SESSION_READ: Asking("own_account"),
    Verb.SESSION_END: Asking("own_account"),
    Verb.ACCOUNT_READ: Asking("own_account"),
    Verb.ACCOUNT_CHANGE: Asking("own_account"),
    Verb.CAMERA_LIST: Asking("camera_names", LISTS),
    Verb.CAMERA_ADD: Asking("register", LISTS),
    Verb.CAMERA_CHANGE: Asking("register"),
    Verb.CAMERA_REMOVE: Asking("register"),
    Verb.CAMERA_TEST: Asking("register", LISTS),
    Verb.LIVE: Asking("live", BY_GRANT),
    Verb.CONTROL: Asking("control"),
    Verb.TRIAL: Asking("live", ON_TRIAL),
    Verb.PLAYBACK: Asking("playback", BY_GRANT),
    Verb.COPY: Asking("copy", BY_GRANT),
    Verb.FORWARD: Asking("forward", BY_GRANT),
    Verb.PICTURE: Asking("playback", BY_GRANT),
    Verb.TIMELINE: Asking("recording_times"),
    Verb.RECORDING_READ: Asking("recording_state", LISTS),
    Verb.MARK_LIST: Asking("protections", LISTS),
    Verb.MARK_SET: Asking("hold_set"),
    Verb.MARK_RELEASE: Asking("hold_set"),
    Verb.HOLD_LIST: Asking("protections", LISTS),
    Verb.HOLD_SET: Asking("hold_set"),
    Verb.HOLD_VERIFY: Asking("hold_set"),
    Verb.HOLD_RELEASE: Asking("hold_release", BY_TWO),
    Verb.RETENTION_CHANGE: Asking("retention_class"),
    Verb.CAMERA_PAUSE: Asking("register"),
    Verb.PEOPLE_LIST: Asking("accounts"),
    Verb.PEOPLE_CHANGE: Asking("accounts"),
    Verb.JOURNAL_READ: Asking("journal"),
    Verb.JOURNAL_PROVE: Asking("journal", LISTS),  # of what an entry says, only what lies there is told
    Verb.SYSTEM_READ: Asking("platform_state"),
    Verb.LAW_READ: Asking("law"),
    Verb.BASE_READ: Asking("base_info", LISTS),
    Verb.BASE_CHANGE: Asking("register", LISTS),
    Verb.BASE_IMPORT: Asking("register", LISTS),
    Verb.ORGANISATION_LIST: Asking("organisations"),
    Verb.ORGANISATION_CHANGE: Asking("organisation_change"),
    Verb.OBSTRUCTION_ASK: Asking("base_query", LISTS),
    Verb.DUTY_LIST: Asking("duties", LISTS),
    Verb.DUTY_RECOMPUTE: Asking("duty_recompute"),
    Verb.DOCUMENT_READ: Asking("papers", LISTS),
    Verb.DOCUMENT_ADD: Asking("papers_add", LISTS),
    Verb.REPORT_READ: Asking("figures", LISTS),
    Verb.GRANT_READ: Asking("grants_own"),
    Verb.CATALOGUE_READ: Asking("catalogue", LISTS),
    Verb.REGISTER_READ: Asking("journal", LISTS),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a signed-in person, or the console of the machine itself."""

    id: UUID
    name: str
    roles: frozenset[Role]
    language: str
    address: str = ""  # where the request came from, for the journal
    organisation: UUID | None = None  # whom the person acts for; None: the platform's own
    areas: tuple[str, ...] = WHOLE_CITY  # prefixes of division codes (GB/T 2260) that every role is bound to


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked for, as far as permission depends on it."""

    id: str
    division: str | None  # GB/T 2260; empty: the city's; None: there is no such thing
    met: frozenset[str] = frozenset()  # further conditions of the table that hold for it


PLATFORM = Resource("platform", CITY)


def allowed(verb: Verb | Deed) -> frozenset[Role]:
    """The roles of which one is needed, if what their rows ask for beside can be proven at all."""
    return verb.roles if isinstance(verb, Deed) else _allowed(verb)


@cache
def _allowed(verb: Verb) -> frozenset[Role]:
    asking = ASKS[verb]
    return frozenset(role for role, only in _rows(verb).items() if only <= asking.proves | LISTS)


@cache
def _rows(verb: Verb) -> dict[Role, frozenset[str]]:
    """Of the roles that the table names for this verb: under which conditions."""
    rows = ((role, rights().row(role, ASKS[verb].act)) for role in Role)
    return {role: only for role, only in rows if only is not None}


def needs_grant(actor: Actor, verb: Verb | Deed) -> bool:
    """Whether only a grant lets this person look: no role of theirs does it alone."""
    if isinstance(verb, Deed):
        return False
    rows = _rows(verb)
    return not any(role in rows and not rows[role] & BY_GRANT for role in actor.roles)


def may_use_grant(actor: Actor, verb: Verb | Deed) -> bool:
    """Whether a grant lets this person look, by any role: then no other decision at the door is whole."""
    return not isinstance(verb, Deed) and any(
        only & BY_GRANT for role, only in _rows(verb).items() if role in actor.roles
    )


def forbidden_together(roles: frozenset[Role]) -> bool:
    """Who keeps the accounts does not audit them (R27.4), nor who keeps the footage."""
    return any(apart <= roles for apart in rights().apart)


def decide(
    law: Law,
    actor: Actor,
    verb: Verb | Deed,
    resource: Resource,
    purpose: str,
    now: datetime,
    until: datetime,
    proven: frozenset[str] | None = None,
) -> Grant | Refusal:
    """Deny by default (R27.1): granted only by a row of the table, or by a role that the step names.

    Args:
        purpose: what it is for; whatever is asked for has one.
        until: last instant of the person's session, and of their roles with it.
        proven: conditions proven by what serves it, or None for all that the verb's proves.
    """
    held = tuple(Held(role, until) for role in sorted(actor.roles))
    if isinstance(verb, Deed):
        is_reached = resource is PLATFORM or "area" in resource.met or lies_in(resource, actor.areas)
        return may_take(law, rights(), held, verb.roles, now, NOTHING if is_reached else LISTS)
    asking = ASKS[verb]
    later = asking.proves if proven is None else proven
    return may_do(
        law,
        rights(),
        Act(
            person=str(actor.id),
            organisation=str(actor.organisation or PLATFORM.id),
            roles=held,
            act=asking.act,
            target=resource.id,
            purpose=purpose,
            met=resource.met | (LISTS if lies_in(resource, actor.areas) else NOTHING),
            # Where one thing lies is known at the door; only lists find it out behind it.
            proven_later=later if resource is PLATFORM else later - LISTS,
        ),
        now,
    )


def lies_in(resource: Resource, areas: tuple[str, ...]) -> bool:
    return resource.division is not None and is_inside(resource.division, areas)
