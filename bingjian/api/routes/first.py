"""The first administrator of accounts, while there is nobody."""

from fastapi import Depends, Request

from bingjian.api.permissions import Open, PeopleChanger, require_own_origin, source_of
from bingjian.api.platform import ThePlatform
from bingjian.api.routes.people import person_row
from bingjian.api.routing import api_router
from bingjian.api.schemas import PersonRow
from bingjian.api.schemas_account import FirstCodeOut, FirstIn, FirstOut

router = api_router("/api/v1/first-administrator", "first administrator")


@router.get("", dependencies=[Depends(Open("the sign-in page offers it to whoever has the code"))])
async def read_first(platform: ThePlatform) -> FirstOut:
    """Whether the first administrator is still to come."""
    return FirstOut(is_awaited=await platform.first.is_awaited())


@router.post("", status_code=201, dependencies=[Depends(Open("there is nobody yet who could sign in"))])
async def become_first(wish: FirstIn, request: Request, platform: ThePlatform) -> PersonRow:
    """Become the first administrator of accounts, with the code that the console shows; then sign in."""
    if request.headers.get("origin") is not None:
        require_own_origin(request)
    row = await platform.first.become(
        wish.code.get_secret_value(),
        wish.name,
        wish.password.get_secret_value(),
        wish.language,
        source_of(request),
    )
    return person_row(row, platform)


@router.post("/code", status_code=201)
async def give_first_code(actor: PeopleChanger, platform: ThePlatform) -> FirstCodeOut:
    """A code of ten minutes, for the console: nobody else can be signed in yet."""
    return FirstCodeOut.model_validate(await platform.first.give_code(), from_attributes=True)
