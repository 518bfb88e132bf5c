"""Sign-in by the city's identity provider: who comes back from there gets the session of a bound account.

Nothing is kept here while somebody is away signing in: what the answer must fit lies sealed in a cookie of
that browser (so a flood of beginnings fills nothing, and an answer counts in its own browser alone).
"""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from bingjian.access.errors import (
    AnswerNotGenuine,
    DeniedThere,
    NobodyBound,
    ProviderAway,
    ProviderRefused,
    SignInLost,
)
from bingjian.access.models import PersonRow
from bingjian.access.provider import Identity, Provider, Question
from bingjian.access.sessions import Proof, Session, Sessions
from bingjian.access.source import Source
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import IntrusionSuspected, Sign, SignInFailed
from bingjian.journal.append import Journal

LIFE = timedelta(minutes=10)  # from the button to the answer, and from there to the code
RANDOM_BYTES = 32
AWAY = "away"
REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it must bring back."""

    address: str
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrived:
    """The session; or, where our own second factor is wanted, what the browser must bring with its code."""

    session: Session | None
    sealed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider has named; their code is still wanted."""

    id: str
    person: str
    subject: str


class ProviderSignIn:
    """Begins a sign-in, takes its answer, takes a code. A refusal is in the journal before it is raised."""

    def __init__(
        self,
        provider: Provider,
        database: Database,
        journal: Journal,
        sessions: Sessions,
        clock: Clock,
        key: bytes,
    ) -> None:
        self.provider = provider
        self._database = database
        self._journal = journal
        self._sessions = sessions
        self._guard = sessions.guard
        self._clock = clock
        self._seal = Fernet(base64.urlsafe_b64encode(key))
        self._spent = dict[str, datetime]()  # sign-ins that have been used, until nothing of them counts

    async def begin(self, source: Source, redirect_uri: str) -> Begun:
        """Raises ProviderAway, AnswerNotGenuine, SignInLocked."""
        await self._guard.admit_anybody(source)
        question = Question(new_random(), new_random(), new_random(), redirect_uri)
        try:
            address = await self.provider.address_of(question)
        except ProviderAway as error:
            await self._note(error, source)
            raise
        except AnswerNotGenuine as error:  # what it says of itself: not the fault of whoever asks
            await self._journal.append(suspected(error, source))
            raise
        return Begun(address, self._sealed("question", asdict(question)))

    async def answer(
        self,
        sealed: str | None,
        state: str,
        code: str | None,
        error: str | None,
        issuer: str | None,
        source: Source,
        replaces: str | None,
    ) -> Arrived:
        """What the browser brings back from the provider (RFC 6749 §4.1.2, RFC 9207 §2).

        Raises:
            ProviderAway, ProviderRefused, SignInLocked.
        """
        await self._guard.admit_anybody(source)
        try:
            question = self._question(sealed, state)
            if code is None:
                raise DeniedThere(plain(error))
            identity = await self.provider.identify(code, issuer, question)
            self._spend(question.state)
        except (ProviderAway, ProviderRefused) as wrong:
            await self._note(wrong, source)
            raise
        return await self._arrive(identity, source, replaces)

    async def enter(self, sealed: str | None, code: str, source: Source, replaces: str | None) -> Session:
        """With the code of our own second factor. Raises as ``answer``, and WrongCode."""
        await self._guard.admit_anybody(source)
        try:
            known = Known(**self._opened("known", sealed))
            self._require_unspent(known.id)
        except ProviderRefused as wrong:
            await self._note(wrong, source)
            raise
        person = await self._bound(known.subject, source)
        proof = Proof(code=code, by_provider=True)
        session = await self._sessions.enter(person, proof, source, replaces)
        self._spend(known.id)
        return session

    async def _arrive(self, identity: Identity, source: Source, replaces: str | None) -> Arrived:
        person = await self._bound(identity.subject, source)
        is_enough = identity.has_factor and self.provider.wish.takes_factor
        if not is_enough and await self._sessions.wants_code(person.id):
            known = Known(new_random(), str(person.id), identity.subject)
            return Arrived(None, self._sealed("known", asdict(known)))
        proof = Proof(by_provider=True, provider_factor=is_enough)
        return Arrived(await self._sessions.enter(person, proof, source, replaces))

    async def _bound(self, subject: str, source: Source) -> PersonRow:
        """The open account that is bound to this person. Raises NobodyBound."""
        issuer = self.provider.wish.issuer
        query = select(PersonRow).where(PersonRow.oidc_issuer == issuer, PersonRow.oidc_subject == subject)
        async with self._database.read() as session:
            person = await session.scalar(query)
        if person is None or not person.is_open(utc_now(self._clock)):
            told, why = ("", "unbound") if person is None else (str(person.id), "closed")
            await self._journal.append(SignInFailed(told, source.address, 0, why))
            raise NobodyBound(why)
        return person

    async def _note(self, error: ProviderAway | ProviderRefused, source: Source) -> None:
        """One entry. That the provider is away is nobody's fault; all else counts where it came from."""
        if isinstance(error, ProviderAway):
            if error.is_news:
                await self._journal.append(SignInFailed("", source.address, 0, AWAY))
        elif isinstance(error, AnswerNotGenuine) or error.why == REPLAYED:
            await self._guard.failed_anybody(source, suspected(error, source))
        else:
            await self._guard.failed_anybody(source, SignInFailed("", source.address, 0, error.why))

    def _question(self, sealed: str | None, state: str) -> Question:
        """Raises SignInLost: begun elsewhere, too long ago, or answered before."""
        question = Question(**self._opened("question", sealed))
        if not hmac.compare_digest(question.state.encode(), state.encode("utf-8", "surrogatepass")):
            raise SignInLost("state")
        self._require_unspent(question.state)
        return question

    def _sealed(self, kind: str, values: dict[str, str]) -> str:
        text = json.dumps({"kind": kind, **values}).encode()
        return self._seal.encrypt_at_time(text, self._now_s()).decode()

    def _opened(self, kind: str, sealed: str | None) -> dict[str, str]:
        """Raises SignInLost."""
        try:
            text = self._seal.decrypt_at_time(sealed or "", int(LIFE.total_seconds()), self._now_s())
        except (InvalidToken, UnicodeEncodeError, ValueError) as error:
            raise SignInLost("lost") from error
        values: dict[str, str] = json.loads(text)
        if values.pop("kind") != kind:
            raise SignInLost("lost")
        return values

    def _require_unspent(self, which: str) -> None:
        if which in self._spent:
            raise SignInLost(REPLAYED)

    def _spend(self, which: str) -> None:
        """It counts once. Only a true sign-in at the provider gets here, so nobody can fill this."""
        now = utc_now(self._clock)
        self._require_unspent(which)
        self._spent = {one: until for one, until in self._spent.items() if now < until}
        self._spent[which] = now + LIFE

    def _now_s(self) -> int:
        return self._clock.utc_ns() // 1_000_000_000


def suspected(error: ProviderRefused, source: Source) -> IntrusionSuspected:
    """Somebody answers in the provider's place (R31.4)."""
    return IntrusionSuspected("", "", Sign.PROVIDER_ANSWER, source.address, error.why)


def new_random() -> str:
    return secrets.token_urlsafe(RANDOM_BYTES)


def plain(error: str | None) -> str:
    """An error code as RFC 6749 §4.1.2.1 has them; anything else is not repeated."""
    words = (error or "").replace("_", "")
    return str(error) if words.isascii() and words.isalpha() and len(words) <= 40 else "denied"
