"""Sign-in by the city's identity provider: the page sends the browser there, and says what came back."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response

from bingjian.access.errors import NoProvider
from bingjian.access.provider_sign_in import LIFE, ProviderSignIn
from bingjian.access.sessions import Session
from bingjian.api.permissions import SESSION_COOKIE, ForeignOrigin, Open, require_own_origin, source_of
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.session import page_of, session_out, set_cookies
from bingjian.api.routing import api_router
from bingjian.api.schemas import SessionOut
from bingjian.api.schemas_provider import AnswerIn, ArrivedOut, BegunOut, CodeIn, ProviderOut

PREFIX = "/api/v1/session/provider"
UNDER_WAY_COOKIE = "bingjian_provider"  # sealed: what the answer must fit; see ``access.provider_sign_in``

router = api_router(PREFIX, "session")


async def the_provider(request: Request, platform: ThePlatform) -> ProviderSignIn:
    """Raises NoProvider; ForeignOrigin: another site's page asks."""
    if request.headers.get("origin") is not None:
        require_own_origin(request)
    if platform.provider is None:
        raise NoProvider
    return platform.provider


TheProvider = Annotated[ProviderSignIn, Depends(the_provider)]
Anybody = Depends(Open("this is where one signs in"))


@router.get("", dependencies=[Anybody])
async def read_provider(platform: ThePlatform) -> ProviderOut:
    """Whether one may sign in by an identity provider."""
    if platform.provider is None:
        return ProviderOut(is_set=False)
    return ProviderOut(is_set=True, label=platform.provider.provider.wish.label)


@router.post("", status_code=201, dependencies=[Anybody])
async def begin_provider_sign_in(
    request: Request, response: Response, platform: ThePlatform, provider: TheProvider
) -> BegunOut:
    """Begin: the browser goes to this address, and comes back to the sign-in page."""
    begun = await provider.begin(source_of(request), page_of(own_origin(request, platform)))
    set_under_way(request, response, begun.sealed)
    return BegunOut(address=begun.address)


@router.post("/answer", status_code=201, dependencies=[Anybody])
async def answer_provider_sign_in(
    wish: AnswerIn, request: Request, response: Response, platform: ThePlatform, provider: TheProvider
) -> ArrivedOut:
    """Say what the browser came back with; it counts once, and in the browser that began."""
    arrived = await provider.answer(
        request.cookies.get(UNDER_WAY_COOKIE),
        wish.state,
        wish.code.get_secret_value() if wish.code else None,
        wish.error,
        wish.iss,
        source_of(request),
        request.cookies.get(SESSION_COOKIE),
    )
    if arrived.session is None:
        set_under_way(request, response, arrived.sealed)
        return ArrivedOut(session=None)
    return ArrivedOut(session=await signed_in(request, response, arrived.session, platform))


@router.post("/code", status_code=201, dependencies=[Anybody])
async def finish_provider_sign_in(
    wish: CodeIn, request: Request, response: Response, platform: ThePlatform, provider: TheProvider
) -> SessionOut:
    """The code of the second factor, where the account has one."""
    session = await provider.enter(
        request.cookies.get(UNDER_WAY_COOKIE),
        wish.code.get_secret_value().strip(),
        source_of(request),
        request.cookies.get(SESSION_COOKIE),
    )
    return await signed_in(request, response, session, platform)


async def signed_in(request: Request, response: Response, session: Session, platform: Platform) -> SessionOut:
    set_under_way(request, response, "", life=timedelta(0))
    set_cookies(request, response, session, platform)
    return await session_out(session.actor, session, platform)


def own_origin(request: Request, platform: Platform) -> str:
    """Which of our pages asks: one that is set, never what a Host header says. Raises ForeignOrigin."""
    origin = request.headers.get("origin", platform.origins[0])
    if origin not in platform.origins:
        raise ForeignOrigin
    return origin


def set_under_way(request: Request, response: Response, sealed: str, *, life: timedelta = LIFE) -> None:
    response.set_cookie(
        UNDER_WAY_COOKIE,
        sealed,
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path=PREFIX,
    )
