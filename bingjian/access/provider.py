"""The city's identity provider, as its client: OpenID Connect Core 1.0, authorization code with PKCE.

Nothing that it sends counts before it is proven: its description names the issuer that was set, its token
is signed with a key that it publishes, for us alone, just now, and for the very sign-in that we began.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from bingjian.access.errors import AnswerNotGenuine, ProviderAway
from bingjian.clock import Clock

# Signatures only: never "none", never a secret that both sides know (RFC 8725 §3.1).
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
SCOPE = "openid"  # who it is, and nothing else about them
LEEWAY_S = 60  # that the two clocks may differ by
SUBJECT_MAX = 255  # characters (OpenID Connect Core §2)
ANSWER_MAX = 256 * 1024  # bytes; descriptions and keys are a few kilobytes
TIMEOUT_S = 5.0
KNOWN_FOR = timedelta(hours=1)  # then description and keys are asked for anew
AWAY_FOR = timedelta(seconds=5)  # in which it is not asked again: nobody beats on it through us
MANY_FACTORS = "mfa"  # of ``amr``: more than one kind of factor was used (RFC 8176 §2)


@dataclass(frozen=True, slots=True)
class ProviderWish:
    """How the platform is set."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str | None = None
    takes_factor: bool = False  # whether a second factor that was proven there is enough here
    acr: str | None = None  # an authentication context that means one


@dataclass(frozen=True, slots=True)
class Question:
    """One sign-in that was begun: what its answer must fit."""

    state: str
    nonce: str
    verifier: str = field(repr=False)  # RFC 7636: only we can redeem the code
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider has signed in."""

    subject: str  # its name for the person, the same for ever
    has_factor: bool  # it says that more than one factor was used


@dataclass(frozen=True, slots=True)
class Description:
    """What the provider publishes of itself (OpenID Connect Discovery 1.0 §3)."""

    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None
    names_itself: bool  # in each answer (RFC 9207 §3)
    keys: KeySet
    jwks_uri: str


class Provider:
    """Asks the provider; every method raises ProviderAway where it has to be asked."""

    def __init__(
        self, wish: ProviderWish, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.wish = wish
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, transport=transport, trust_env=False)
        self._known: Description | None = None
        self._asked_ns: int | None = None  # when it was last asked for its description or keys

    async def close(self) -> None:
        await self._http.aclose()

    async def address_of(self, question: Question) -> str:
        """Where the browser goes to sign in."""
        about = await self._description()
        more = {"acr_values": self.wish.acr} if self.wish.acr else {}
        return str(
            prepare_grant_uri(
                about.authorization_endpoint,
                client_id=self.wish.client_id,
                response_type="code",
                redirect_uri=question.redirect_uri,
                scope=SCOPE,
                state=question.state,
                nonce=question.nonce,
                code_challenge=create_s256_code_challenge(question.verifier),
                code_challenge_method="S256",
                **more,
            )
        )

    def sign_out_address(self, back_to: str) -> str | None:
        """Where the browser goes to be signed out there too; None: unknown, or it has no such place."""
        place = self._known.end_session_endpoint if self._known else None
        query = urlencode({"client_id": self.wish.client_id, "post_logout_redirect_uri": back_to})
        return f"{place}?{query}" if place else None

    async def identify(self, code: str, issuer: str | None, question: Question) -> Identity:
        """Whose sign-in the code stands for.

        Args:
            issuer: who says that it is answering, if it was said (RFC 9207).

        Raises:
            AnswerNotGenuine: with what does not fit.
        """
        about = await self._description()
        if issuer != self.wish.issuer and (issuer is not None or about.names_itself):
            raise AnswerNotGenuine("issuer")
        token = await self._redeem(about, code, question)
        claims = await self._proven(about, str(token.get("id_token", "")))
        self._require_ours(claims, token, question)
        return Identity(subject_of(claims), self._is_strong(claims))

    async def _redeem(self, about: Description, code: str, question: Question) -> Mapping[str, Any]:
        wish = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        who = quote_plus(self.wish.client_id), quote_plus(self.wish.client_secret)  # RFC 6749 §2.3.1
        request = self._http.build_request("POST", about.token_endpoint, data=wish)
        status, answer = await self._ask(request, httpx.BasicAuth(*who))
        if status == httpx.codes.BAD_REQUEST:
            raise AnswerNotGenuine("code")  # used, too old, or another sign-in's
        if status != httpx.codes.OK:
            raise ProviderAway(f"it answers {status} instead of a token")
        return answer

    async def _proven(self, about: Description, token: str) -> "CodeIDToken":
        """The token's claims, if its signature is the provider's; its keys are asked for anew once."""
        try:
            try:
                read = jwt.decode(token, about.keys, algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                self._known = replace(about, keys=await self._keys(about.jwks_uri))
                read = jwt.decode(token, self._known.keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise AnswerNotGenuine("signature") from error
        options = {
            "iss": {"essential": True, "value": self.wish.issuer},
            "aud": {"essential": True, "value": self.wish.client_id},
        }
        return CodeIDToken(read.claims, read.header, options, {"client_id": self.wish.client_id})

    def _require_ours(self, claims: CodeIDToken, token: Mapping[str, Any], question: Question) -> None:
        """OpenID Connect Core §3.1.3.7. Raises AnswerNotGenuine."""
        claims.params.update(nonce=question.nonce, access_token=token.get("access_token"))
        try:
            claims.validate(now=self._clock.utc_ns() // 1_000_000_000, leeway=LEEWAY_S)
        except (ClaimError, ValueError, TypeError) as error:
            raise AnswerNotGenuine(getattr(error, "claim", None) or "claims") from error
        if claims["aud"] not in (self.wish.client_id, [self.wish.client_id]):
            raise AnswerNotGenuine("aud")  # it is meant for others as well, who could send it to us

    def _is_strong(self, claims: Mapping[str, Any]) -> bool:
        methods, context = claims.get("amr") or [], claims.get("acr")
        return MANY_FACTORS in methods or (self.wish.acr is not None and context == self.wish.acr)

    async def _description(self) -> Description:
        """Kept for an hour. A provider that was away is not asked again at once."""
        age_ns = self._age_ns()
        if self._known is not None and age_ns is not None and age_ns < ns_of(KNOWN_FOR):
            return self._known
        if self._known is None and age_ns is not None and age_ns < ns_of(AWAY_FOR):
            raise ProviderAway("it did not answer a moment ago", is_news=False)
        self._known, self._asked_ns = None, self._clock.monotonic_ns()
        told = await self._get(f"{self.wish.issuer.rstrip('/')}/.well-known/openid-configuration")
        self._known = await self._read(told)
        return self._known

    async def _read(self, told: Mapping[str, Any]) -> Description:
        if told.get("issuer") != self.wish.issuer:
            raise AnswerNotGenuine("issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
        begin, redeem, keys, end = (self._endpoint(told.get(name)) for name in names)
        if begin is None or redeem is None or keys is None:
            raise ProviderAway("its description names no safe endpoints")
        names_itself = told.get("authorization_response_iss_parameter_supported") is True
        return Description(begin, redeem, end, names_itself, await self._keys(keys), keys)

    def _endpoint(self, value: object) -> str | None:
        """As safe as the issuer is: never over plain HTTP if that is HTTPS."""
        url = urlsplit(value) if isinstance(value, str) else None
        return str(value) if url and url.scheme == urlsplit(self.wish.issuer).scheme else None

    async def _keys(self, address: str) -> KeySet:
        told = await self._get(address)
        try:
            return KeySet.import_key_set(told)  # type: ignore[arg-type]  # what isn't one is refused
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderAway("its keys cannot be read") from error

    async def _get(self, address: str) -> Mapping[str, Any]:
        status, answer = await self._ask(self._http.build_request("GET", address))
        if status != httpx.codes.OK:
            raise ProviderAway(f"it answers {status} instead of its description")
        return answer

    async def _ask(
        self, request: httpx.Request, auth: httpx.Auth | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object; redirects are not followed. Raises ProviderAway."""
        request.headers["Accept"] = "application/json"
        try:
            answer = await self._http.send(request, auth=auth, stream=True)
            try:
                return answer.status_code, object_of(await limited(answer))
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(f"it does not answer ({type(error).__name__})") from error

    def _age_ns(self) -> int | None:
        return None if self._asked_ns is None else self._clock.monotonic_ns() - self._asked_ns


async def limited(answer: httpx.Response) -> bytes:
    """Raises ProviderAway: more than any honest answer."""
    parts, size = list[bytes](), 0
    async for part in answer.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > ANSWER_MAX:
            raise ProviderAway("its answer is too long")
    return b"".join(parts)


def object_of(text: bytes) -> Mapping[str, Any]:
    """A JSON object; anything else is an empty one, which has nothing that is wanted."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def subject_of(claims: Mapping[str, Any]) -> str:
    """Raises AnswerNotGenuine."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise AnswerNotGenuine("sub")
    return subject


def ns_of(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1000
