"""One's own account: password, second factor, open sessions."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request, Response

from bingjian.access.decisions import Role
from bingjian.access.models import SessionRow
from bingjian.api.permissions import AccountChanger, AccountReader, session_of, source_of
from bingjian.api.platform import Platform, ThePlatform
from bingjian.api.routes.session import set_cookies
from bingjian.api.routing import api_router
from bingjian.api.schemas_account import (
    AccountOut,
    EnrolmentOut,
    FactorEndIn,
    FirstCodeIn,
    OpenSessionOut,
    PasswordAgainIn,
    PasswordIn,
    RecoveryCodesOut,
    SecondFactorOut,
)

router = api_router("/api/v1/account", "account")


@router.get("")
async def read_account(request: Request, actor: AccountReader, platform: ThePlatform) -> AccountOut:
    """My second factor and my open sessions."""
    this = session_of(request).id
    return AccountOut(
        second_factor=await factor_out(actor.id, actor.roles, platform),
        sessions=sessions_out(await platform.sessions.of(actor.id), this),
    )


@router.post("/password", status_code=204)
async def change_password(
    wish: PasswordIn, request: Request, response: Response, actor: AccountChanger, platform: ThePlatform
) -> None:
    """Change my password; my other sessions end, this one goes on under a new token."""
    current = session_of(request)
    await platform.sessions.require_password(actor, wish.password.get_secret_value(), source_of(request))
    await platform.people.change_own_password(actor.id, wish.new_password.get_secret_value())
    opened = await platform.sessions.rotate(current, source_of(request))
    set_cookies(request, response, opened, platform)


@router.post("/second-factor", status_code=201)
async def begin_second_factor(
    wish: PasswordAgainIn, request: Request, actor: AccountChanger, platform: ThePlatform
) -> EnrolmentOut:
    """Set up an authenticator, or another in its place; it counts once its first code has come."""
    session_of(request)
    await platform.sessions.require_password(actor, wish.password.get_secret_value(), source_of(request))
    return EnrolmentOut.model_validate(await platform.factors.begin(actor.id, actor.name))


@router.post("/second-factor/confirm")
async def confirm_second_factor(
    wish: FirstCodeIn, request: Request, response: Response, actor: AccountChanger, platform: ThePlatform
) -> RecoveryCodesOut:
    """The first code; answers with ten recovery codes. My other sessions end."""
    current = session_of(request)
    codes = await platform.factors.confirm(actor.id, wish.code.get_secret_value().strip())
    opened = await platform.sessions.rotate(current, source_of(request))
    set_cookies(request, response, opened, platform)
    return RecoveryCodesOut(codes=codes)


@router.post("/second-factor/end", status_code=204)
async def end_second_factor(
    wish: FactorEndIn, request: Request, response: Response, actor: AccountChanger, platform: ThePlatform
) -> None:
    """Switch my second factor off, with the password and a code of it. My other sessions end."""
    current, source = session_of(request), source_of(request)
    await platform.sessions.require_password(actor, wish.password.get_secret_value(), source)
    await platform.sessions.give_up_factor(actor, wish.code.get_secret_value().strip(), source)
    opened = await platform.sessions.rotate(current, source)
    set_cookies(request, response, opened, platform)


@router.delete("/sessions", status_code=204)
async def end_other_sessions(request: Request, actor: AccountChanger, platform: ThePlatform) -> None:
    """End all my sessions but this one."""
    await platform.sessions.end_others(actor.id, session_of(request).id, actor)


@router.delete("/sessions/{session}", status_code=204)
async def end_session(session: UUID, actor: AccountChanger, platform: ThePlatform) -> None:
    """End one session of mine."""
    await platform.sessions.end(actor.id, session, actor)


async def factor_out(person: UUID, roles: frozenset[Role], platform: Platform) -> SecondFactorOut:
    state, factors = await platform.factors.state(person), platform.factors
    return SecondFactorOut(
        mode=factors.mode,
        is_required=factors.must_enrol(roles, enrolled=False),
        enrolled_at=state.enrolled_at,
        recovery_codes_left=state.recovery_codes_left,
    )


def sessions_out(rows: Sequence[SessionRow], this: UUID | None = None) -> list[OpenSessionOut]:
    found = [OpenSessionOut.model_validate(row) for row in rows]
    return [one.model_copy(update={"is_this": one.id == this}) for one in found]
