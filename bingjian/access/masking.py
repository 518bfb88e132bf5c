"""What a look must not show (R6.2): asked by the door, before anything is written down or opened."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bingjian.clock import ticks_of
from bingjian.imaging.masks import Mask, applied, digest_of
from bingjian.inventory.picture_masks import PictureMasks
from bingjian.inventory.renditions import standing_of
from bingjian.rules.decision import granted
from bingjian.rules.decisions.secrecy import Picture, may_give_picture
from bingjian.rules.law import Law

Room = Callable[[str], Awaitable[None]]  # whether another rendition can be made; raises if not


@dataclass(frozen=True, slots=True)
class Covering:
    """The masks of one look; none: the original is shown."""

    camera: UUID
    digest: str = ""  # of all that are put over the picture
    begin_90k: int | None = None  # its first instant; None: it is shown as it happens
    grant: str = ""  # whose own masks are among them
    unmask: bool = False  # the original of a camera that has masks, by a grant that says so

    @property
    def params(self) -> dict[str, int | str] | None:
        """As the imaging process is told with a picture; None: nothing covers it."""
        if not self.digest:
            return None
        begin: dict[str, int | str] = {} if self.begin_90k is None else {"begin_90k": self.begin_90k}
        return {"camera": str(self.camera), "grant": self.grant, "masks": self.digest, **begin}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a grant says about masks; by one's role: nothing."""

    grant: str = ""
    may_unmask: bool = False
    masks: tuple[Mask, ...] = ()


class Masking:
    """Asked by the door."""

    def __init__(self, masks: PictureMasks, law_at: Callable[[datetime], Law], room: Room) -> None:
        self._masks = masks
        self._law_at = law_at
        self._room = room

    async def of(
        self, camera: UUID, begin: datetime, rights: Rights, now: datetime, *, is_live: bool, unmask: bool
    ) -> Covering:
        """Which masks the look is shown with. Raises rules' Refused: it would show what a mask hides."""
        begin_90k = None if is_live else ticks_of(begin)
        rows = await self._masks.hiding(camera)
        ours = [standing_of(row) for row in rows if row.where == "platform"]
        hiding = applied(ours, begin_90k)
        covering = () if unmask else (*hiding, *rights.masks)
        given = Picture(
            masks=frozenset(map(name_of, hiding)),
            applied=frozenset() if unmask else frozenset(map(name_of, hiding)),
            may_unmask=rights.may_unmask,
            original_before="",
            original_after="",
            is_view=True,
        )
        granted(may_give_picture(self._law_at(now), given))
        own = rights.grant if rights.masks and not unmask else ""
        is_bare = unmask and bool(hiding)
        return Covering(camera, digest_of(covering), begin_90k, own, is_bare)

    async def require_room(self, name: str) -> None:
        """Raises RenditionsFull, RenditionsAway."""
        await self._room(name)


def name_of(mask: Mask) -> str:
    """Without base information: which mask, not what is behind it."""
    return digest_of([mask])[:8]
