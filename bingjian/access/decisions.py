"""Who may do what: a pure table and one pure function. What the table does not name is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """A role is given to a person; one person may hold several, but see ``forbidden_together``."""

    WATCHER = "watcher"  # looks: live, playback, stills
    CUSTODIAN = "custodian"  # marks, holds, releases, retention classes
    REGISTRAR = "registrar"  # registers, changes and removes cameras
    AUDITOR = "auditor"  # reads the journal
    SYSADMIN = "sysadmin"  # accounts, nothing else


class Verb(StrEnum):
    """Everything that can be asked for. A route names exactly one."""

    SESSION_READ = "session.read"
    SESSION_END = "session.end"
    CAMERA_LIST = "camera.list"
    CAMERA_ADD = "camera.add"
    CAMERA_CHANGE = "camera.change"
    CAMERA_REMOVE = "camera.remove"
    CAMERA_TEST = "camera.test"
    LIVE = "live"
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


EVERYBODY = frozenset(Role)
ALLOWED: dict[Verb, frozenset[Role]] = {
    Verb.SESSION_READ: EVERYBODY,
    Verb.SESSION_END: EVERYBODY,
    Verb.CAMERA_LIST: frozenset({Role.WATCHER, Role.CUSTODIAN, Role.REGISTRAR}),
    Verb.CAMERA_ADD: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_CHANGE: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_REMOVE: frozenset({Role.REGISTRAR}),
    Verb.CAMERA_TEST: frozenset({Role.REGISTRAR}),
    Verb.LIVE: frozenset({Role.WATCHER}),
    Verb.PLAYBACK: frozenset({Role.WATCHER}),
    Verb.COPY: frozenset({Role.CUSTODIAN}),
    Verb.PICTURE: frozenset({Role.WATCHER}),
    Verb.TIMELINE: frozenset({Role.WATCHER, Role.CUSTODIAN}),
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


@dataclass(frozen=True, slots=True)
class Grant:
    """Yes, until ``expires`` at the longest."""

    verb: Verb
    expires: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, and why. The code is the requirement's id: for programs and translation, never renamed."""

    article: str
    code: str
    reason: str
    remedy: str


def forbidden_together(roles: frozenset[Role]) -> bool:
    """Who keeps the accounts does not audit them (R27.4), nor who keeps the footage."""
    return Role.AUDITOR in roles and bool(roles & {Role.SYSADMIN, Role.CUSTODIAN})


def decide(
    actor: Actor, verb: Verb, resource: UUID | None, purpose: str | None, now: datetime, expires: datetime
) -> Grant | Refusal:
    """Deny by default (R27.1): granted only if the table names one of the actor's roles.

    Args:
        resource: the camera, or None for the platform; every role covers the whole platform for now.
        purpose: what the person said the look is for; recorded, not yet judged.
        expires: when the actor's session ends; a grant never outlives it.
    """
    if not actor.enabled:
        return Refusal("27¶1", "R27.1", "this account is closed", "ask the administrator of accounts")
    if now >= expires:
        return Refusal("27¶1", "R27.1", "the session has ended", "sign in again")
    if not actor.roles & ALLOWED.get(verb, frozenset()):
        return Refusal(
            "27¶1", "R27.1", f"none of your roles may do this ({verb})", "ask for the role you need"
        )
    return Grant(verb, expires)
