"""Every route says who may call it; a route that says nothing is not served.

``Needs(verb)`` and ``OPEN`` are dependencies, so the declaration and the enforcement are one thing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from bingjian.access.decisions import EVERYBODY, Actor, Deed, Resource, Verb, allowed
from bingjian.access.errors import CamerasElsewhere, NotSignedIn, OutOfReach, SecondFactorRequired
from bingjian.access.sessions import Session
from bingjian.access.source import Source, device_of
from bingjian.api.platform import Platform, ThePlatform
from bingjian.inventory.errors import NoSuchCamera
from bingjian.inventory.service import Sited

SESSION_COOKIE = "bingjian_session"
PAGE_LANGUAGES = {"zh-CN": "zh", "en": "en"}
DEVICE_COOKIE = "bingjian_device"  # of a browser that has signed in before, see ``access.known_devices``
NO_ID = UUID(int=0)  # of nothing that there is
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 §9.2.1


class UndeclaredRoute(Exception):
    """A route without a permission: a bug of ours, found when the application is built."""


class ForeignOrigin(Exception):
    """A write that another site's page sent with our cookie."""


class Needs:
    """The caller must be signed in and the door must grant ``verb``; yields the ``Actor``."""

    def __init__(self, verb: Verb | Deed) -> None:
        self.verb = verb

    async def __call__(self, request: Request, platform: ThePlatform) -> Actor:
        actor = await actor_of(request, platform)
        request.state.actor = actor
        actor = await platform.parts.bounds.bound(actor, self.verb)
        request.state.actor = actor
        await admit(request, actor, self.verb, platform)
        await require_second_factor(request, actor, self.verb, platform)
        await platform.parts.posts.require(actor, self.verb)
        return actor


async def admit(request: Request, actor: Actor, verb: Verb | Deed, platform: Platform) -> None:
    """Ask the door about what the path names: a camera, or a mark or hold on one.

    Raises Refused, and NoSuch… for what is not there, or lies outside the actor's areas.
    """
    named = request.path_params
    if "mark" in named or "hold" in named:
        of = platform.retention.marks if "mark" in named else platform.retention.holds
        protected = await of.camera_of(path_id(request, "mark" if "mark" in named else "hold"))
        try:
            await platform.door.admit(actor, verb, await resource_of(platform, protected or NO_ID))
        except OutOfReach:
            raise of.none() from None
        return
    if "camera" not in named:
        await platform.door.admit(actor, verb)
        return
    camera = path_id(request, "camera")
    request.state.site, division = await platform.cameras.find(camera)
    request.state.resource = Resource(str(camera), division)
    await platform.door.admit(actor, verb, request.state.resource)


async def admit_all(platform: Platform, actor: Actor, verb: Verb, cameras: Mapping[UUID, str]) -> None:
    """Ask the door about every camera that an act concerns, beside what the path names.

    Args:
        cameras: by id the division that each stands in.

    Raises Refused, and CamerasElsewhere.
    """
    # Of a camera the door asks only where it lies: one of each division answers for all there.
    for division, camera in {division: camera for camera, division in cameras.items()}.items():
        try:
            await platform.door.admit(actor, verb, Resource(str(camera), division))
        except OutOfReach:
            raise CamerasElsewhere from None


async def resource_of(platform: Platform, camera: UUID) -> Resource:
    """What the door is asked about; of a camera that is not in the path."""
    _, division = await platform.cameras.find(camera)
    return Resource(str(camera), division)


async def reached(
    request: Request,
    platform: Platform,
    actor: Actor,
    verb: Verb | Deed,
    grant: UUID | None = None,
    *,
    is_file: bool = False,
) -> Sited:
    """The camera of the path, to look at; whoever may not know that it is there is told the same of none.

    Raises what ``Door.reach`` and ``require_handled`` raise, and NoSuchCamera: it is a former one.
    """
    told = request.state.resource, getattr(request.state, "expires", None)
    await platform.door.reach(actor, verb, *told, grant, is_file=is_file)
    site = site_of(request)
    await platform.door.require_handled(actor, verb, site)
    return site


def site_of(request: Request) -> Sited:
    """The camera of the path, looked up when the door was asked. Raises NoSuchCamera: it is a former one."""
    site = request.state.site
    if not isinstance(site, Sited):
        raise NoSuchCamera
    return site


def path_id(request: Request, name: str) -> UUID:
    """An id of the path. Raises RequestValidationError."""
    try:
        return UUID(request.path_params[name])
    except ValueError as error:
        fault = {"type": "uuid_parsing", "loc": ("path", name), "msg": "this is no id"}
        raise RequestValidationError([fault]) from error


class Open:
    """Anybody may call: the one-word health answers, sign-in itself, and the web application's files."""

    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        return None


class Token:
    """Machines only: a bearer token of its own, checked in the route."""

    async def __call__(self, request: Request, platform: ThePlatform) -> None:
        if not platform.is_metrics_token(bearer_of(request)):
            raise NotSignedIn


async def actor_of(request: Request, platform: Platform) -> Actor:
    """The person behind the cookie, or the console behind the bearer token.

    Raises:
        NotSignedIn: neither is there or valid.
        ForeignOrigin: a write came with the cookie but not from our own page.
    """
    address = request.client.host if request.client else ""
    bearer = bearer_of(request)
    if bearer is not None:
        console = platform.console_actor(bearer, address)
        return replace(console, language=language_of(request) or console.language)
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise NotSignedIn
    session = await platform.sessions.find(token, source_of(request))
    if request.method not in SAFE_METHODS:
        await require_own_page(request, session, platform)
    request.state.session, request.state.expires = session, session.expires
    return replace(session.actor, language=language_of(request) or session.actor.language)


def language_of(request: Request) -> str | None:
    """The language chosen on our page; None for what a browser says by itself: a list of several."""
    return PAGE_LANGUAGES.get(request.headers.get("accept-language", ""))


def source_of(request: Request) -> Source:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Source(address, device_of(agent), request.cookies.get(DEVICE_COOKIE))


def session_of(request: Request) -> Session:
    """The session behind the cookie. Raises NotSignedIn: it is the console that asks, which has none."""
    session = getattr(request.state, "session", None)
    if not isinstance(session, Session):
        raise NotSignedIn
    return session


def unit_of(request: Request) -> str:
    """Whom the person acts for, by name; empty: nobody, or it is the console that asks."""
    session = getattr(request.state, "session", None)
    return session.unit if isinstance(session, Session) else ""


async def require_second_factor(
    request: Request, actor: Actor, verb: Verb | Deed, platform: Platform
) -> None:
    """Roles that need a second factor are of no use before there is one. Raises SecondFactorRequired.

    What everybody may (signing out, setting it up) hangs on no role. The console is the machine itself.
    """
    session = getattr(request.state, "session", None)
    if session is None or allowed(verb) == EVERYBODY:
        return
    if platform.factors.must_enrol(actor.roles, enrolled=session.has_factor):
        await platform.factors.note_refused(actor, str(verb))
        raise SecondFactorRequired


def bearer_of(request: Request) -> str | None:
    """The token of ``Authorization: Bearer …`` (RFC 6750 §2.1)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def require_own_page(request: Request, session: Session, platform: Platform) -> None:
    """As ``require_own_origin``; that somebody's session was used from elsewhere is written down."""
    try:
        require_own_origin(request)
    except ForeignOrigin:
        await platform.sessions.note_foreign(session.actor)
        raise


def require_own_origin(request: Request) -> None:
    """A browser names the page's origin with every write; it must be the host it writes to."""
    if netloc_of(request.headers.get("origin")) != request.headers.get("host", ""):
        raise ForeignOrigin


def netloc_of(origin: str | None) -> str | None:
    """None for what is no origin."""
    try:
        return urlsplit(origin).netloc if origin is not None else None
    except ValueError:
        return None


def needs(verb: Verb) -> Needs:
    """``actor: Annotated[Actor, Depends(needs(Verb.LIVE))]``."""
    return Needs(verb)


OPEN_DECLARATIONS = (Needs, Open, Token)


def declared(route: APIRoute) -> Needs | Open | Token | None:
    """What the route declares, or None; two declarations count as none, for nobody could say which holds."""
    found = [call for call in calls_of(route.dependant) if isinstance(call, OPEN_DECLARATIONS)]
    return found[0] if len(found) == 1 else None


def calls_of(dependant: Dependant) -> Iterator[object]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from calls_of(dependency)


def refuse_undeclared(routes: list[BaseRoute]) -> None:
    """Raises UndeclaredRoute for the first route of the application that names no permission."""
    for route in routes:
        if not isinstance(route, APIRoute) or declared(route) is None:
            raise UndeclaredRoute(f"route {getattr(route, 'path', route)!r} declares no permission")


SessionReader = Annotated[Actor, Depends(Needs(Verb.SESSION_READ))]
AccountReader = Annotated[Actor, Depends(Needs(Verb.ACCOUNT_READ))]
AccountChanger = Annotated[Actor, Depends(Needs(Verb.ACCOUNT_CHANGE))]
SessionEnder = Annotated[Actor, Depends(Needs(Verb.SESSION_END))]
CameraLister = Annotated[Actor, Depends(Needs(Verb.CAMERA_LIST))]
CameraAdder = Annotated[Actor, Depends(Needs(Verb.CAMERA_ADD))]
CameraChanger = Annotated[Actor, Depends(Needs(Verb.CAMERA_CHANGE))]
CameraRemover = Annotated[Actor, Depends(Needs(Verb.CAMERA_REMOVE))]
CameraTester = Annotated[Actor, Depends(Needs(Verb.CAMERA_TEST))]
TrialViewer = Annotated[Actor, Depends(Needs(Verb.TRIAL))]
LiveViewer = Annotated[Actor, Depends(Needs(Verb.LIVE))]
Controller = Annotated[Actor, Depends(Needs(Verb.CONTROL))]
PlaybackViewer = Annotated[Actor, Depends(Needs(Verb.PLAYBACK))]
PictureViewer = Annotated[Actor, Depends(Needs(Verb.PICTURE))]
CopyTaker = Annotated[Actor, Depends(Needs(Verb.COPY))]
Forwarder = Annotated[Actor, Depends(Needs(Verb.FORWARD))]
TimelineReader = Annotated[Actor, Depends(Needs(Verb.TIMELINE))]
MarkLister = Annotated[Actor, Depends(Needs(Verb.MARK_LIST))]
MarkSetter = Annotated[Actor, Depends(Needs(Verb.MARK_SET))]
MarkReleaser = Annotated[Actor, Depends(Needs(Verb.MARK_RELEASE))]
HoldLister = Annotated[Actor, Depends(Needs(Verb.HOLD_LIST))]
HoldSetter = Annotated[Actor, Depends(Needs(Verb.HOLD_SET))]
HoldVerifier = Annotated[Actor, Depends(Needs(Verb.HOLD_VERIFY))]
HoldReleaser = Annotated[Actor, Depends(Needs(Verb.HOLD_RELEASE))]
RetentionChanger = Annotated[Actor, Depends(Needs(Verb.RETENTION_CHANGE))]
CameraPauser = Annotated[Actor, Depends(Needs(Verb.CAMERA_PAUSE))]
PeopleLister = Annotated[Actor, Depends(Needs(Verb.PEOPLE_LIST))]
PeopleChanger = Annotated[Actor, Depends(Needs(Verb.PEOPLE_CHANGE))]
JournalReader = Annotated[Actor, Depends(Needs(Verb.JOURNAL_READ))]
JournalProver = Annotated[Actor, Depends(Needs(Verb.JOURNAL_PROVE))]
RecordingReader = Annotated[Actor, Depends(Needs(Verb.RECORDING_READ))]
SystemReader = Annotated[Actor, Depends(Needs(Verb.SYSTEM_READ))]
LawReader = Annotated[Actor, Depends(Needs(Verb.LAW_READ))]
OrganisationLister = Annotated[Actor, Depends(Needs(Verb.ORGANISATION_LIST))]
OrganisationChanger = Annotated[Actor, Depends(Needs(Verb.ORGANISATION_CHANGE))]
BaseReader = Annotated[Actor, Depends(Needs(Verb.BASE_READ))]
BaseChanger = Annotated[Actor, Depends(Needs(Verb.BASE_CHANGE))]
BaseImporter = Annotated[Actor, Depends(Needs(Verb.BASE_IMPORT))]
ObstructionAsker = Annotated[Actor, Depends(Needs(Verb.OBSTRUCTION_ASK))]
DutyLister = Annotated[Actor, Depends(Needs(Verb.DUTY_LIST))]
DutyRecomputer = Annotated[Actor, Depends(Needs(Verb.DUTY_RECOMPUTE))]
DocumentReader = Annotated[Actor, Depends(Needs(Verb.DOCUMENT_READ))]
DocumentAdder = Annotated[Actor, Depends(Needs(Verb.DOCUMENT_ADD))]
GrantReader = Annotated[Actor, Depends(Needs(Verb.GRANT_READ))]
CatalogueReader = Annotated[Actor, Depends(Needs(Verb.CATALOGUE_READ))]
RegisterReader = Annotated[Actor, Depends(Needs(Verb.REGISTER_READ))]
ReportReader = Annotated[Actor, Depends(Needs(Verb.REPORT_READ))]
