"""Who may do what: a pure table and one pure function. What the table does not name is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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
    TRIAL = "trial"  # the builder's test view of a system that runs on trial (R16.5)
    PLAYBACK = "playback"
    COPY = "copy"  # takes a file of what was recorded away
    PICTURE = "picture"
    TIMELINE = "timeline"
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
    GRANT_READ = "grant.read"  # what one was granted under art. 22
    REGISTER_READ = "register.read"  # who looked, copied and retrieved (art. 25(5))


@dataclass(frozen=True, slots=True)
class Deed:
    """A step of a procedure: what may be asked for by these roles, beside the verbs that routes share."""

    name: str  # "plan.approve"
    roles: frozenset["Role"]

    def __str__(self) -> str:
        return self.name


WHOLE_CITY = ("2301",)


EVERYBODY = frozenset(Role)
SUPERVISORS = frozenset(
    {Role.CITY_DATA_AUTHORITY, Role.WORKGROUP_OFFICE, Role.PUBLIC_SECURITY, Role.INSPECTOR}
)
BASE_READERS = SUPERVISORS | {Role.REGISTRAR, Role.ARCHIVIST}
ALLOWED: dict[Verb, frozenset[Role]] = {
    Verb.SESSION_READ: EVERYBODY,
    Verb.SESSION_END: EVERYBODY,
    Verb.ACCOUNT_READ: EVERYBODY,
    Verb.ACCOUNT_CHANGE: EVERYBODY,
    Verb.CAMERA_LIST: frozenset({Role.WATCHER, Role.CUSTODIAN, Role.REGISTRAR, Role.OFFICER}),
    Verb.CAMERA_ADD: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_CHANGE: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_REMOVE: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_TEST: frozenset({Role.REGISTRAR}),
    Verb.LIVE: frozenset({Role.WATCHER, Role.OFFICER}),
    Verb.TRIAL: frozenset({Role.BUILDER, Role.CONSTRUCTION_UNIT}),
    Verb.PLAYBACK: frozenset({Role.WATCHER, Role.OFFICER}),
    Verb.COPY: frozenset({Role.CUSTODIAN, Role.OFFICER}),
    Verb.PICTURE: frozenset({Role.WATCHER, Role.OFFICER}),
    Verb.TIMELINE: frozenset({Role.WATCHER, Role.CUSTODIAN, Role.OFFICER}),
    Verb.MARK_LIST: frozenset({Role.WATCHER, Role.CUSTODIAN, Role.REGISTRAR, Role.AUDITOR}),
    Verb.MARK_SET: frozenset({Role.WATCHER, Role.CUSTODIAN}),
    Verb.MARK_RELEASE: frozenset({Role.WATCHER, Role.CUSTODIAN}),
    Verb.HOLD_LIST: frozenset({Role.WATCHER, Role.CUSTODIAN, Role.REGISTRAR, Role.AUDITOR}),
    Verb.HOLD_SET: frozenset({Role.CUSTODIAN}),
    Verb.HOLD_VERIFY: frozenset({Role.CUSTODIAN}),
    Verb.HOLD_RELEASE: frozenset({Role.CUSTODIAN}),
    Verb.RETENTION_CHANGE: frozenset({Role.CUSTODIAN, Role.REGISTRAR}),
    Verb.CAMERA_PAUSE: frozenset({Role.REGISTRAR}),
    Verb.PEOPLE_LIST: frozenset({Role.SYSADMIN}),
    Verb.PEOPLE_CHANGE: frozenset({Role.SYSADMIN}),
    Verb.JOURNAL_READ: frozenset({Role.AUDITOR}),
    Verb.SYSTEM_READ: EVERYBODY,
    Verb.LAW_READ: EVERYBODY,
    Verb.BASE_READ: BASE_READERS,
    Verb.BASE_CHANGE: frozenset({Role.REGISTRAR}),
    Verb.BASE_IMPORT: frozenset({Role.REGISTRAR}),
    Verb.ORGANISATION_LIST: EVERYBODY,
    Verb.ORGANISATION_CHANGE: frozenset({Role.REGISTRAR, Role.CITY_DATA_AUTHORITY}),
    Verb.OBSTRUCTION_ASK: BASE_READERS | {Role.PLANNER, Role.BUILDER, Role.DEPARTMENT_USER},
    Verb.DUTY_LIST: EVERYBODY - {Role.SYSADMIN},
    Verb.DUTY_RECOMPUTE: frozenset({Role.WORKGROUP_OFFICE, Role.REGISTRAR}),
    Verb.DOCUMENT_READ: EVERYBODY - {Role.SYSADMIN, Role.WATCHER, Role.TELECOM},
    Verb.DOCUMENT_ADD: EVERYBODY - {Role.SYSADMIN, Role.WATCHER, Role.AUDITOR, Role.INSPECTOR},
    Verb.REPORT_READ: SUPERVISORS | {Role.REGISTRAR, Role.AUDITOR},
    Verb.GRANT_READ: frozenset({Role.OFFICER}),
    Verb.REGISTER_READ: frozenset({Role.AUDITOR, Role.CUSTODIAN, Role.INSPECTOR}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a signed-in person, or the console of the machine itself."""

    id: UUID
    name: str
    roles: frozenset[Role]
    language: str
    address: str = ""  # where the request came from, for the journal
    enabled: bool = True
    organisation: UUID | None = None  # whom the person acts for
    areas: tuple[str, ...] = WHOLE_CITY  # prefixes of division codes (GB/T 2260) that every role is bound to


@dataclass(frozen=True, slots=True)
class Grant:
    """Yes, until ``expires`` at the longest."""

    verb: Verb | Deed
    expires: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, and why. The code is the requirement's id: for programs and translation, never renamed."""

    article: str
    code: str
    reason: str
    remedy: str


def allowed(verb: Verb | Deed) -> frozenset[Role]:
    """The roles of which one is needed."""
    return verb.roles if isinstance(verb, Deed) else ALLOWED.get(verb, frozenset())


def needs_grant(actor: Actor, verb: Verb) -> bool:
    """Whether only a grant under art. 22 lets this person look: no role of theirs does it alone."""
    return not (actor.roles - {Role.OFFICER}) & allowed(verb)


def forbidden_together(roles: frozenset[Role]) -> bool:
    """Who keeps the accounts does not audit them (R27.4), nor who keeps the footage."""
    return Role.AUDITOR in roles and bool(roles & {Role.SYSADMIN, Role.CUSTODIAN})


def decide(
    actor: Actor,
    verb: Verb | Deed,
    resource: UUID | None,
    purpose: str | None,
    now: datetime,
    expires: datetime,
) -> Grant | Refusal:
    """Deny by default (R27.1): granted only if the table, or the deed itself, names one of the actor's roles.

    Args:
        resource: the camera, or None for the platform. Whether it lies in the actor's areas is asked where
            it is looked up: what lies outside does not exist for this person.
        purpose: what the person said the look is for; recorded, not yet judged.
        expires: when the actor's session ends; a grant never outlives it.
    """
    if not actor.enabled:
        return Refusal("27¶1", "R27.1", "this account is closed", "ask the administrator of accounts")
    if now >= expires:
        return Refusal("27¶1", "R27.1", "the session has ended", "sign in again")
    if not actor.roles & allowed(verb):
        return Refusal(
            "27¶1", "R27.1", f"none of your roles may do this ({verb})", "ask for the role you need"
        )
    return Grant(verb, expires)
