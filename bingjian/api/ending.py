"""Why recording ends (R31.7), as a request says it."""

from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from bingjian.api.schemas import PURPOSE_MAX, Line

WHY = "Wanted where recording of cameras ends with it (R31.7)"

EndReason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=PURPOSE_MAX), Line]
Why = Annotated[EndReason, Query(description=WHY)]
