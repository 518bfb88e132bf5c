"""A city's identity provider that nobody here wrote, and what can be done to its answers on their way."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

ROOT = Path(__file__).parents[1]
MODULE = ROOT / "web/node_modules/oidc-provider/lib/index.js"
CLIENT, SECRET = "bingjian", "a secret: with / and %"
Change = Callable[[dict[str, Any]], object]


@dataclass(frozen=True)
class City:
    """The running provider, and the key that it signs with."""

    issuer: str
    key: RSAKey

    async def walk(self, address: str, account: str, **more: str) -> dict[str, str]:
        """What a browser is sent back with, after somebody signed in as ``account``.

        ``more``: amr, acr, or error.
        """
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(address)
            while (place := answer.headers["location"]) and not place.startswith(RETURN):
                page = httpx.URL(self.issuer).join(place)
                is_form = page.path.startswith("/interaction/")
                form = {"account": account, **more}
                answer = await (browser.post(page, data=form) if is_form else browser.get(page))
        return dict(parse_qsl(urlsplit(place).query))

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """A token as the provider itself would sign it."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, **(header or {})}, claims, self.key)


RETURN = "http://127.0.0.1:8800/signin"


@contextmanager
def running(*returns: str) -> Iterator[City]:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [RETURN, *returns],
        "post_logout_redirect_uris": [RETURN, *returns],
    }
    wish = json.dumps({"keys": [key.as_dict(private=True)], "clients": [client]})
    path = os.pathsep.join([os.environ.get("PATH", ""), str(ROOT / "build/node/bin")])
    node = shutil.which("node", path=path)
    assert node is not None, "./run setup installs it"
    with tempfile.TemporaryFile() as said:
        script = ROOT / "tests/identity_provider.mjs"
        command = [node, script, MODULE, wish]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True
        )
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        try:
            said.seek(0)
            assert issuer, said.read().decode()
            yield City(issuer, key)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # where node is a script, it has a child
            process.wait()
            process.stdout.close()


@dataclass
class Meddler(httpx.AsyncBaseTransport):
    """Passes everything on to the provider, and changes what it answers under some paths.

    A change gets the JSON object and changes it, or returns another answer.
    """

    changes: dict[str, Change] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _below: httpx.AsyncHTTPTransport = field(default_factory=httpx.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        answer = await self._below.handle_async_request(request)
        change = self.changes.get(request.url.path)
        if change is None:
            return answer
        body = json.loads(await answer.aread())
        made = change(body)
        await answer.aclose()
        return made if isinstance(made, httpx.Response) else httpx.Response(answer.status_code, json=body)

    async def aclose(self) -> None:
        await self._below.aclose()


def endless() -> httpx.Response:
    """An answer that does not end."""

    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65536

    return httpx.Response(200, content=parts())


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unproven."""
    import base64

    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
