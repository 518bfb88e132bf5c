"""What the routes are given: the services of one running platform."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends, Request

from bingjian.access.decisions import Actor, Role
from bingjian.access.door import Door
from bingjian.access.errors import NotSignedIn
from bingjian.access.first import FirstAdministrator
from bingjian.access.provider_sign_in import ProviderSignIn
from bingjian.access.second_factor import Factors
from bingjian.access.service import CONSOLE, People
from bingjian.access.sessions import Sessions
from bingjian.api.parts import Parts
from bingjian.clock import Clock
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import Workers
from bingjian.journal.append import Journal
from bingjian.retention.service import Retention
from bingjian.streaming.sources.base import SourceAddress

CONSOLE_ROLES = frozenset({Role.REGISTRAR, Role.SYSADMIN})  # it administers; it neither looks nor audits


Prober = Callable[[SourceAddress], Awaitable[object]]


@dataclass(slots=True)
class Platform:
    """One platform's services and the few values that the faces need."""

    clock: Clock
    people: People
    sessions: Sessions
    factors: Factors
    first: FirstAdministrator
    door: Door
    cameras: Cameras
    workers: Workers
    journal: Journal
    retention: Retention
    parts: Parts
    gb: Gb28181  # also where GB/T 28181 is off
    admission: Literal["enforce", "warn"]  # of cameras whose term does not fit the volumes
    probe: Prober
    masked_url: str  # where browsers find masked renditions: scheme://host:port
    console_token: str = field(repr=False)
    metrics_token: str = field(repr=False)
    origins: tuple[str, ...] = ()  # of our own pages, exactly
    provider: ProviderSignIn | None = None  # the city's identity provider; None: none is set
    web_root: Path | None = None  # the built web application; None: the API alone

    def console_actor(self, token: str, address: str) -> Actor:
        """The machine's own console. Raises NotSignedIn for any other token."""
        if not same(token, self.console_token):
            raise NotSignedIn
        return Actor(CONSOLE, "console", CONSOLE_ROLES, "en", address)

    def is_metrics_token(self, token: str | None) -> bool:
        return token is not None and same(token, self.metrics_token)


def same(given: str, expected: str) -> bool:
    """Compared by digest, so neither length nor content shows in the time it takes."""
    digests = (hashlib.sha256(text.encode()).digest() for text in (given, expected))
    return hmac.compare_digest(*digests)


async def the_platform(request: Request) -> Platform:  # plain functions are asked in a thread, each request
    platform = request.app.state.platform
    assert isinstance(platform, Platform)
    return platform


ThePlatform = Annotated[Platform, Depends(the_platform)]
