"""Sign-in, who am I, sign-out."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response

from bingjian.access.decisions import Actor
from bingjian.api.errors import refusal_out
from bingjian.api.permissions import (
    SESSION_COOKIE,
    Open,
    SessionEnder,
    SessionReader,
    require_own_origin,
)
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.schemas import PersonOut, SessionIn, SessionOut
from bingjian.clock import utc_now

router = APIRouter(prefix="/api/v1/session", tags=["session"])


@router.post("", status_code=201, dependencies=[Depends(Open("this is where one signs in"))])
async def sign_in(wish: SessionIn, request: Request, response: Response, platform: ThePlatform) -> SessionOut:
    """Sign in: sets the cookie; an old session of this browser ends."""
    if request.headers.get("origin") is not None:
        require_own_origin(request)  # another site must not sign a browser in as somebody else
    address = request.client.host if request.client else ""
    opened = await platform.sessions.sign_in(
        wish.name, wish.password.get_secret_value(), address, replaces=request.cookies.get(SESSION_COOKIE)
    )
    response.set_cookie(
        SESSION_COOKIE,
        opened.token,
        max_age=int((opened.expires - utc_now(platform.clock)).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    return await session_out(opened.actor, opened.expires, platform)


@router.get("")
async def read_session(request: Request, actor: SessionReader, platform: ThePlatform) -> SessionOut:
    """Who is signed in."""
    return await session_out(actor, getattr(request.state, "expires", None), platform)


@router.delete("", status_code=204)
async def sign_out(request: Request, response: Response, actor: SessionEnder, platform: ThePlatform) -> None:
    """Sign out: the session ends here and now, whoever still has the cookie."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is not None:
        await platform.sessions.sign_out(token, actor)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


async def session_out(actor: Actor, expires: datetime | None, platform: Platform) -> SessionOut:
    missing = await platform.parts.posts.missing(actor)
    untrained = [refusal_out(one, actor.language == "zh") for one in missing]
    return SessionOut(person=person_of(actor), expires=expires, untrained=untrained)


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
