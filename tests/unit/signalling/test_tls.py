"""TLS as values: bytes in, plain text and bytes out, however they are cut."""

import contextlib
import ssl

import pytest

from bingjian.signalling.tls import PLAIN_TEXT, TlsError, TlsStream
from tests.unit.signalling.certificates import Files, made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return made(tmp_path_factory.mktemp("tls"))


class Client:
    """The other side, by the standard library."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname="127.0.0.1")
        self.heard = b""
        self.is_secured = self.is_ended = False
        self.receive(b"")

    def receive(self, data: bytes) -> None:
        self._in.write(data)
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
            self.is_secured = True
            while piece := self._tls.read(1 << 20):
                self.heard += piece
            self.is_ended = True

    def say(self, text: bytes) -> None:
        self._tls.write(text)

    def close(self) -> None:
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()

    def take_output(self) -> bytes:
        return self._out.read()


def exchange(client: Client, server: TlsStream, piece: int = 1 << 20) -> bytes:
    """All that either has for the other; what the server reads."""
    read = b""
    while sent := client.take_output():
        for at in range(0, len(sent), piece):
            read += server.receive_data(sent[at : at + piece])
            client.receive(server.take_output())
    client.receive(server.take_output())
    return read


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("piece", [1, 5, 777, 1 << 20])
def test_how_tcp_cuts_the_stream_does_not_matter(files: Files, piece: int, version: ssl.TLSVersion) -> None:
    context = files.trusted
    context.minimum_version = context.maximum_version = version
    client, server = Client(context), TlsStream(files.served)
    exchange(client, server, piece)
    assert server.is_secured
    long = bytes(range(256)) * 300  # five records
    client.say(long)
    assert exchange(client, server, piece) == long
    server.send(long)
    exchange(client, server)
    assert client.heard == long
    client.say(b"last")
    client.close()
    assert exchange(client, server, piece) == b"last"
    assert server.is_ended


def test_nothing_is_sent_before_the_handshake_or_after_the_end(files: Files) -> None:
    client, server = Client(files.trusted), TlsStream(files.served)
    server.send(b"early")
    server.close()
    assert server.take_output() == b""
    exchange(client, server)
    server.close()
    server.send(b"late")
    client.receive(server.take_output())
    assert client.heard == b""


@pytest.mark.parametrize("data", [b"REGISTER sip:a SIP/2.0\r\n", b"\r\n", b"\0", b"\x15\x03\x01"])
def test_who_does_not_begin_with_tls_is_told_apart(files: Files, data: bytes) -> None:
    with pytest.raises(TlsError, match=PLAIN_TEXT):
        TlsStream(files.served).receive_data(data)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_version_gets_an_alert_and_is_named(files: Files) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    client, server = Client(context), TlsStream(files.served)
    with pytest.raises(TlsError, match="unsupported protocol"):
        server.receive_data(client.take_output())
    assert server.take_output()[:1] == b"\x15"  # an alert


def test_who_does_not_trust_us_says_so(files: Files) -> None:
    client, server = Client(ssl.create_default_context()), TlsStream(files.served)
    server.receive_data(client.take_output())
    with pytest.raises(ssl.SSLCertVerificationError):
        client.receive(server.take_output())
    with pytest.raises(TlsError, match="unknown ca"):
        server.receive_data(client.take_output())


@pytest.mark.parametrize(
    "data", [b"\x16" + b"\xff" * 5000, b"\x16\x03\x01\x00\x00" * 1000, b"\x16\x03\x01\x40"]
)
def test_what_only_looks_like_tls_raises_nothing_else(files: Files, data: bytes) -> None:
    server = TlsStream(files.served)
    with contextlib.suppress(TlsError):
        server.receive_data(data)
    assert not server.is_secured


def test_a_changed_record_is_not_believed(files: Files) -> None:
    client, server = Client(files.trusted), TlsStream(files.served)
    exchange(client, server)
    client.say(b"x" * 100)
    sent = bytearray(client.take_output())
    sent[-1] ^= 1
    with pytest.raises(TlsError, match=r"bad record mac|bad decrypt"):
        server.receive_data(bytes(sent))
