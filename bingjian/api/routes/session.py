"""Sign-in, who am I, sign-out."""

from datetime import timedelta

from fastapi import Depends, Request, Response

from bingjian.access.decisions import Actor
from bingjian.access.sessions import Session
from bingjian.api.errors import refusal_out
from bingjian.api.permissions import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    Open,
    SessionEnder,
    SessionReader,
    require_own_origin,
    source_of,
)
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routing import api_router
from bingjian.api.schemas import PersonOut, SessionIn, SessionOut
from bingjian.clock import utc_now

DEVICE_LIFE = timedelta(days=180)  # a browser that was away for longer is unknown again

router = api_router("/api/v1/session", "session")


@router.post("", status_code=201, dependencies=[Depends(Open("this is where one signs in"))])
async def sign_in(wish: SessionIn, request: Request, response: Response, platform: ThePlatform) -> SessionOut:
    """Sign in: sets the cookies; an old session of this browser ends."""
    if request.headers.get("origin") is not None:
        require_own_origin(request)  # another site must not sign a browser in as somebody else
    opened = await platform.sessions.sign_in(
        wish.name,
        wish.password.get_secret_value(),
        source_of(request),
        code=wish.code.get_secret_value().strip() if wish.code else "",
        replaces=request.cookies.get(SESSION_COOKIE),
    )
    set_cookies(request, response, opened, platform)
    return await session_out(opened.actor, opened, platform)


@router.get("")
async def read_session(request: Request, actor: SessionReader, platform: ThePlatform) -> SessionOut:
    """Who is signed in."""
    return await session_out(actor, getattr(request.state, "session", None), platform)


@router.delete("", status_code=204)
async def sign_out(request: Request, response: Response, actor: SessionEnder, platform: ThePlatform) -> None:
    """Sign out: the session ends here and now, whoever still has the cookie."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is not None:
        await platform.sessions.sign_out(token, actor)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


def page_of(origin: str) -> str:
    """The sign-in page, which the identity provider sends browsers back to: registered there, exactly."""
    return f"{origin}/signin"


def set_cookies(request: Request, response: Response, opened: Session, platform: Platform) -> None:
    """The session's token, and that this browser has signed in to the account."""
    until_end = opened.expires - utc_now(platform.clock)
    for name, value, life in (
        (SESSION_COOKIE, opened.token, until_end),
        (DEVICE_COOKIE, opened.known, DEVICE_LIFE),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int(life.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path="/",
        )


async def session_out(actor: Actor, session: Session | None, platform: Platform) -> SessionOut:
    missing = await platform.parts.posts.missing(actor)
    untrained = [refusal_out(one, actor.language == "zh") for one in missing]
    must_enrol = session is not None and platform.factors.must_enrol(actor.roles, enrolled=session.has_factor)
    expires = session.expires if session else None
    return SessionOut(
        person=person_of(actor),
        unit=await unit_of(actor, platform),
        expires=expires,
        must_enrol=must_enrol,
        sign_out_at=sign_out_address(session, platform),
        untrained=untrained,
    )


def sign_out_address(session: Session | None, platform: Platform) -> str | None:
    """Where the identity provider ends its own session, if it opened this one and said where."""
    if session is None or not session.by_provider or platform.provider is None:
        return None
    return platform.provider.provider.sign_out_address(page_of(platform.origins[0]))


async def unit_of(actor: Actor, platform: Platform) -> str:
    """Whom the person acts for, by name; empty: nobody."""
    if actor.organisation is None:
        return ""
    names = await platform.parts.organisations.names([actor.organisation])
    return names.get(actor.organisation, "")


def person_of(actor: Actor) -> PersonOut:
    return PersonOut.model_validate(
        {
            "id": actor.id,
            "name": actor.name,
            "roles": sorted(actor.roles),
            "language": actor.language,
            "organisation": actor.organisation,
            "areas": list(actor.areas),
        }
    )
