"""Privacy masks over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bingjian.api.schemas import In, Line, Out
from bingjian.imaging.masks import POINTS_MAX, POINTS_MIN

HIDES_MAX = 200  # characters

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]  # of the picture's width or height
PolygonIn = Annotated[list[tuple[Share, Share]], Field(min_length=POINTS_MIN, max_length=POINTS_MAX)]
Hides = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=HIDES_MAX), Line]
WHERE = "camera: the camera itself hides it, so it is in the pixels already; platform: we fill it in"


class PictureMaskIn(In):
    """A polygon in picture coordinates: shares of width and height from the upper left corner."""

    hides: Hides = Field(description="What is behind it, in words")
    where: Literal["camera", "platform"] = Field(default="platform", description=WHERE)
    polygon: PolygonIn


class PictureMaskOut(Out):
    id: UUID
    hides: str
    where: Literal["camera", "platform"] = Field(description=WHERE)
    polygon: list[tuple[float, float]]
    since: datetime


class PictureMasksOut(Out):
    items: list[PictureMaskOut]
