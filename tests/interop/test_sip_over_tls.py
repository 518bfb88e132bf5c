"""SIP inside TLS with OpenSSL's own client, at the signalling process as it is really run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bingjian.protocols.sip.compose import Local, compose, new_call_id, new_tag
from bingjian.protocols.sip.digest import Account, answered
from bingjian.protocols.sip.message import Request, Response, serialise
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.stream import Reader
from tests.soak.running import Running, started
from tests.unit.processes.signal_process import CREDENTIAL, MEDIA_CREDENTIAL
from tests.unit.signalling.certificates import Files, made
from tests.unit.signalling.scripted import DEVICE, DOMAIN, PASSWORD, PLATFORM, ScriptedDevice, assignment

pytestmark = pytest.mark.interop
LOCAL = Local(DEVICE, DOMAIN, "192.0.2.77", 5061, 5061)
PEER = Peer("TLS", "127.0.0.1", 5061, 1)


@asynccontextmanager
async def running(files: Files) -> AsyncIterator[tuple[Running, httpx.AsyncClient]]:
    """On uvloop, with a device that it knows."""
    told = {"port": 0, "credential": CREDENTIAL, "media_credential": MEDIA_CREDENTIAL}
    sip = {"sip_id": PLATFORM, "sip_domain": DOMAIN, "sip_port": 0}
    tls = {"sip_tls_certificate": str(files.certificate), "sip_tls_key": str(files.key)}
    async with (
        started("bingjian.processes.signal", told | sip | tls) as process,
        process.client() as http,
    ):
        assert (await http.put("/control/assignment", content=assignment())).status_code == 204
        yield process, http
    assert process.complaints == []


class Client:
    """``openssl s_client``; what it is given goes in as it is."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._reader = process, Reader()
        self.ended = process.wait

    @classmethod
    @asynccontextmanager
    async def at(cls, port: int, files: Files, *more: str) -> AsyncIterator["Client"]:
        trusted = ("-CAfile", str(files.certificate), "-verify_return_error", "-verify_ip", "127.0.0.1")
        process = await asyncio.create_subprocess_exec(
            *("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet", *trusted, *more),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    def say(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    async def ask(self, request: Request) -> Response:
        self.say(serialise(request))
        assert self._process.stdout is not None
        async with asyncio.timeout(10):
            while True:
                data = await self._process.stdout.read(65_536)
                assert data, "it has hung up"
                for answer in self._reader.receive_data(data):
                    assert isinstance(answer, Response)
                    return answer


def request(method: str) -> Request:
    own = f"<{LOCAL.uri}>"
    uri, to = f"sip:{PLATFORM}@{DOMAIN}", own if method == "REGISTER" else f"<sip:{PLATFORM}@{DOMAIN}>"
    fields = [("Contact", LOCAL.contact(PEER)), ("Expires", "3600")]
    sender, call_id = f"{own};tag={new_tag()}", new_call_id()
    return compose(method, uri, LOCAL, PEER, *fields, sender=sender, to=to, call_id=call_id, number=1)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_it_asks_registers_and_hangs_up(version: str, tmp_path: Path) -> None:
    files = made(tmp_path)
    async with running(files) as (process, http):
        async with Client.at(process.started["sip_tls_port"], files, version) as client:
            options = await client.ask(request("OPTIONS"))
            assert (options.status, "MESSAGE" in options.headers.get("Allow")) == (200, True)
            assert options.via.transport == "TLS"
            first = request("REGISTER")
            challenge = await client.ask(first)
            assert challenge.status == 401
            again = answered(first, challenge, Account(PASSWORD, DEVICE))
            assert again is not None
            assert (await client.ask(again)).status == 200
            binding = (await http.get(f"/control/devices/{DEVICE}")).json()
            assert (binding["online"], binding["transport"]) == (True, "tls")
        async with asyncio.timeout(5):
            while (await http.get(f"/control/devices/{DEVICE}")).status_code != 404:
                await asyncio.sleep(0.05)
        assert (await http.get("/control/state")).json()["connections"] == 0


@pytest.mark.parametrize("wish", [("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("-cipher", "NULL", "-tls1_2")])
async def test_what_is_weak_is_refused(wish: tuple[str, ...], tmp_path: Path) -> None:
    files = made(tmp_path)
    async with running(files) as (process, http):
        async with Client.at(process.started["sip_tls_port"], files, *wish) as client:
            assert await asyncio.wait_for(client.ended(), 10) != 0
        state = (await http.get("/control/state")).json()
        assert (state["received"], state["connections"]) == (0, 0)


async def test_others_are_served_while_some_speak_no_tls_or_never_end(tmp_path: Path) -> None:
    files = made(tmp_path)
    async with running(files) as (process, http):
        port = process.started["sip_tls_port"]
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        plain_reader, plain_writer = await asyncio.open_connection("127.0.0.1", port)
        plain_writer.write(b"OPTIONS sip:a SIP/2.0\r\n\r\n")
        assert await asyncio.wait_for(plain_reader.read(), 5) == b""
        device = await ScriptedDevice(port, tls=files.trusted).open()
        await device.register()
        assert await device.keep_alive() == 200
        state = (await http.get("/control/state")).json()
        assert (state["connections"], state["tls_refused"], state["registered"]) == (51, 1, 1)
        for _, writer in [*silent, (None, plain_writer)]:
            writer.close()
        device.close()
