"""A crowd of GB/T 28181 devices on a few UDP sockets: what a platform sees of 100 000 of them, cheaply made.

Bytes are written by templates, for the crowd has to be faster than what it measures. Every device has its
own id, password, address and Call-IDs; requests are sent again by RFC 3261's timer E until they are answered.
Every device grants its subscriptions, unless told not to, and answers what a platform asks of a new one.
"""

import asyncio
import hashlib
import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from bench.signal_process import DOMAIN, PLATFORM

SOCKETS = 8
BATCH = 256  # datagrams taken in one go
BUFFER_BYTES = 8 << 20
T1_S, T2_S = 0.5, 4.0  # RFC 3261 §17.1.2.1
SWEEP_S = 0.1
GIVE_UP_S = 32.0
_IP_PKTINFO = 8  # linux/in.h; Python 3.11 has no name for it
ITEMS = 4  # catalogue entries of one message: what devices put into a datagram

_CALL_ID = re.compile(rb"\r\nCall-ID: *([^\r\n]+)", re.IGNORECASE)
_BRANCH = re.compile(rb"branch=z9hG4bK([^;,\r\n]+)")  # ours: Call-ID and CSeq
_NONCE = re.compile(rb'nonce="([^"]+)"')
_TO = re.compile(rb"\r\nTo: *([^\r\n]+)", re.IGNORECASE)
_KEPT = (b"via", b"from", b"call-id", b"cseq")  # of a request, in its answer
_TEXT = re.compile(rb"<CmdType>(\w+)</CmdType>\s*<SN>(\d+)</SN>\s*<DeviceID>(\d+)</DeviceID>")
_EXPIRES = re.compile(rb"\r\nExpires: *(\d+)")
_SSRC = re.compile(rb"\r\ny=(\d+)")

_REQUEST = (
    b"%(method)s sip:%(platform)s@%(domain)s SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP %(host)s:%(port)d;rport;branch=z9hG4bK%(branch)s\r\n"
    b"From: <sip:%(device)s@%(domain)s>;tag=%(tag)s\r\n"
    b"To: <sip:%(to)s@%(domain)s>\r\n"
    b"Call-ID: %(call)s\r\nCSeq: %(number)d %(method)s\r\nMax-Forwards: 70\r\nUser-Agent: bench\r\n"
)
_KEEP_ALIVE = (
    b'<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>%d</SN>\r\n'
    b"<DeviceID>%s</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
)
_ITEM = (
    b"<Item><DeviceID>%s</DeviceID><Name>Gate %d</Name><Manufacturer>Acme</Manufacturer><Model>X1</Model>"
    b"<CivilCode>340200</CivilCode><Address>North</Address><Parental>0</Parental><ParentID>%s</ParentID>"
    b"<RegisterWay>1</RegisterWay><Secrecy>0</Secrecy><Status>ON</Status></Item>"
)

_BASIC = (
    b"<Result>OK</Result><BasicParam><Name>Gate</Name><Expiration>3600</Expiration>"
    b"<HeartBeatInterval>60</HeartBeatInterval><HeartBeatCount>3</HeartBeatCount></BasicParam>"
)


def device_id(number: int) -> str:
    return f"{DOMAIN}132{number:07d}"


def channel_id(number: int) -> str:
    return f"{DOMAIN}131{number:07d}"


def address_of(number: int) -> str:
    """All of 127.0.0.0/8 is loopback; 127.0.x.x are others'."""
    return f"127.{1 + number // 65536}.{number // 256 % 256}.{number % 256}"


def password_of(number: int) -> str:
    return f"bench-{number:06d}"


@dataclass(slots=True)
class _Pending:
    """One request of a device that waits for its answer."""

    data: bytes
    number: int
    first_at: float
    again_at: float
    wait_s: float
    done: Callable[[int, bytes], None] | None
    sent: int = 1


@dataclass(slots=True)
class Behaviour:
    """What one device does otherwise than the crowd."""

    channels: int = 0  # in its catalogue
    answers_invite_after_s: float | None = 0.0  # None: never


@dataclass(slots=True)
class Seen:
    """What the crowd saw since it was last asked."""

    answered: list[float] = field(default_factory=list)  # seconds from first sending to the answer
    unanswered: int = 0
    repeated: int = 0  # sent again


class Crowd:
    """All devices. Belongs to the event loop."""

    def __init__(
        self,
        target: tuple[str, int],
        behaviours: dict[int, Behaviour] | None = None,
        *,
        subscriptions: bool = True,
    ) -> None:
        """``subscriptions``: whether they are granted, or refused as an event that is not known."""
        self._target, self._subscriptions = target, subscriptions
        self._behaviours = behaviours or {}
        self._pending: dict[bytes, _Pending] = {}
        self._invited: dict[bytes, asyncio.TimerHandle] = {}
        self._asked_last: dict[int, bytes] = {}  # SN of the newest question: a repeated one is answered once
        self._loop = asyncio.get_running_loop()
        self._sockets = [_bound() for _ in range(SOCKETS)]
        self._sweeping: asyncio.TimerHandle | None = None
        self._number = 0
        self.seen = Seen()
        for each in self._sockets:
            self._loop.add_reader(each, self._read, each)
        self._sweep()

    def close(self) -> None:
        for each in self._sockets:
            self._loop.remove_reader(each)
            each.close()
        if self._sweeping:
            self._sweeping.cancel()
        for timer in self._invited.values():
            timer.cancel()

    @property
    def waiting(self) -> int:
        return len(self._pending)

    def take_seen(self) -> Seen:
        seen, self.seen = self.seen, Seen()
        return seen

    # --- what devices do

    def register(self, number: int, done: Callable[[int], None]) -> None:
        """``done`` gets the final status; 408: no answer."""
        call, device = b"r%d" % number, device_id(number)

        def challenged(status: int, data: bytes) -> None:
            found = _NONCE.search(data)
            if status != 401 or found is None:
                done(status)
                return
            answer = _authorisation(device, password_of(number), found.group(1).decode())
            self._ask(number, b"REGISTER", call, 2, answer, lambda status, _: done(status))

        self._ask(number, b"REGISTER", call, 1, b"", challenged)

    def keep_alive(self, number: int, done: Callable[[int, bytes], None] | None = None) -> None:
        self._number += 1
        body = _KEEP_ALIVE % (self._number, device_id(number).encode())
        self._message(number, body, done)

    # --- one request

    def _message(self, number: int, body: bytes, done: Callable[[int, bytes], None] | None) -> None:
        self._number += 1
        call = b"m%d-%d" % (number, self._number)
        head = b"Content-Type: Application/MANSCDP+xml\r\n"
        self._ask(number, b"MESSAGE", call, 1, head, done, body)

    def _ask(
        self,
        number: int,
        method: bytes,
        call: bytes,
        cseq: int,
        more: bytes,
        done: Callable[[int, bytes], None] | None,
        body: bytes = b"",
    ) -> None:
        device, host, port = device_id(number).encode(), address_of(number).encode(), self._port(number)
        own, branch = method == b"REGISTER", b"%s.%d" % (call, cseq)
        head = _REQUEST % {
            b"method": method, b"platform": PLATFORM.encode(), b"domain": DOMAIN.encode(), b"host": host,
            b"port": port, b"branch": branch, b"device": device, b"tag": b"t%d" % number,
            b"to": device if own else PLATFORM.encode(), b"call": call, b"number": cseq,
        }  # fmt: skip
        if own:
            more += b"Contact: <sip:%s@%s:%d>\r\nExpires: 3600\r\n" % (device, host, port)
        data = head + more + b"Content-Length: %d\r\n\r\n" % len(body) + body
        now = time.monotonic()
        self._pending[branch] = _Pending(data, number, now, now + T1_S, T1_S, done)
        self._send(number, data)

    def _port(self, number: int) -> int:
        return int(self._sockets[number % SOCKETS].getsockname()[1])

    def _send(self, number: int, data: bytes) -> None:
        """From the device's own address, though many share a socket."""
        try:
            self._sockets[number % SOCKETS].sendmsg([data], _from(address_of(number)), 0, self._target)
        except BlockingIOError:
            return  # sent again by its timer

    def _sweep(self) -> None:
        now = time.monotonic()
        for branch, pending in list(self._pending.items()):
            if now - pending.first_at > GIVE_UP_S:
                del self._pending[branch]
                self.seen.unanswered += 1
                if pending.done:
                    pending.done(408, b"")
            elif now >= pending.again_at:
                pending.wait_s = min(2 * pending.wait_s, T2_S)
                pending.again_at = now + pending.wait_s
                self.seen.repeated += 1
                self._send(pending.number, pending.data)
        self._sweeping = self._loop.call_later(SWEEP_S, self._sweep)

    # --- what comes

    def _read(self, via: socket.socket) -> None:
        for _ in range(BATCH):
            try:
                data = via.recv(65536)
            except BlockingIOError:
                return
            if data.startswith(b"SIP/2.0"):
                self._answered(data)
            else:
                self._asked(data)

    def _answered(self, data: bytes) -> None:
        found, status = _BRANCH.search(data), int(data[8:11])
        if found is None or status < 200:
            return
        pending = self._pending.pop(found.group(1), None)
        if pending is None:
            return
        self.seen.answered.append(time.monotonic() - pending.first_at)
        if pending.done:
            pending.done(status, data)

    def _asked(self, data: bytes) -> None:
        method, _, rest = data.partition(b" sip:")
        user = rest[:20]
        number = int(user[13:20]) if user.isdigit() else 0
        if method == b"INVITE":
            self._invite(data, user, number)
            return
        if method == b"ACK":
            return
        if method == b"SUBSCRIBE":
            self._subscribed(data, user, number)
            return
        self._reply(number, data, b"200 OK")
        if method == b"CANCEL":
            self._cancelled(data)
        found = _TEXT.search(data) if method == b"MESSAGE" else None
        if found and self._asked_last.get(number) != found.group(2):
            self._asked_last[number] = found.group(2)
            self._queried(number, *found.groups())

    def _queried(self, number: int, command: bytes, serial: bytes, subject: bytes) -> None:
        if command == b"Catalog":
            channels = self._behaviours.get(number, Behaviour()).channels
            self._page(number, serial, subject, 0, channels)
        elif command == b"DeviceInfo":
            body = b"<Result>OK</Result><Manufacturer>Acme</Manufacturer><Model>X1</Model>"
            self._message(number, _response(command, serial, subject, body), None)
        elif command == b"ConfigDownload":
            self._message(number, _response(command, serial, subject, _BASIC), None)

    def _subscribed(self, data: bytes, device: bytes, number: int) -> None:
        if not self._subscriptions:
            self._reply(number, data, b"489 Bad Event")
            return
        told = _EXPIRES.search(data)
        here = address_of(number).encode(), self._port(number)
        contact = b"Contact: <sip:%s@%s:%d>\r\n" % (device, *here)
        expires = b"Expires: %s\r\n" % (told.group(1) if told else b"0")
        self._reply(number, data, b"200 OK", b"", contact + expires)

    def _page(self, number: int, serial: bytes, subject: bytes, at: int, total: int) -> None:
        """The next page goes out when the one before is answered, as the standard wants it."""
        items = [_ITEM % (channel_id(n).encode(), n, subject) for n in range(at, min(at + ITEMS, total))]
        listed = b'<DeviceList Num="%d">%s</DeviceList>' % (len(items), b"".join(items)) if items else b""
        body = _response(b"Catalog", serial, subject, b"<SumNum>%d</SumNum>%s" % (total, listed))

        def go_on(_status: int, _data: bytes) -> None:
            if at + ITEMS < total:
                self._page(number, serial, subject, at + ITEMS, total)

        self._message(number, body, go_on)

    def _invite(self, data: bytes, channel: bytes, number: int) -> None:
        call = _CALL_ID.search(data)
        after_s = self._behaviours.get(number, Behaviour()).answers_invite_after_s
        if call is None or call.group(1) in self._invited or after_s is None:
            return
        ssrc = _SSRC.search(data)
        sdp = (
            b"v=0\r\no=%s 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            b"m=video 9 RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\ny=%s\r\n"
        ) % (channel, ssrc.group(1) if ssrc else b"0000000000")
        self._invited[call.group(1)] = self._loop.call_later(
            after_s, self._reply, number, data, b"200 OK", sdp, b"Content-Type: application/sdp\r\n"
        )

    def _cancelled(self, data: bytes) -> None:
        call = _CALL_ID.search(data)
        timer = self._invited.pop(call.group(1), None) if call else None
        if timer:
            timer.cancel()

    def _reply(
        self, number: int, request: bytes, status: bytes, body: bytes = b"", more: bytes = b""
    ) -> None:
        head = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        kept = [line for line in head if line.split(b":")[0].lower() in _KEPT]
        to = _TO.search(request)
        if to:
            self._number += 1
            tag = b"" if b";tag=" in to.group(1) else b";tag=%d" % (10**9 + self._number)
            kept.append(b"To: " + to.group(1) + tag)
        lines = [b"SIP/2.0 " + status, *kept, more + b"Content-Length: %d" % len(body), b"", body]
        self._send(number, b"\r\n".join(lines))


def _response(command: bytes, serial: bytes, subject: bytes, body: bytes) -> bytes:
    head = b"<CmdType>%s</CmdType><SN>%s</SN><DeviceID>%s</DeviceID>" % (command, serial, subject)
    return b'<?xml version="1.0" encoding="GB2312"?>\r\n<Response>%s%s</Response>\r\n' % (head, body)


def _authorisation(device: str, password: str, nonce: str) -> bytes:
    """Digest with MD5, without qop (RFC 2617), as devices speak it."""
    uri = f"sip:{PLATFORM}@{DOMAIN}"
    secret = _md5(f"{device}:{DOMAIN}:{password}")
    answer = _md5(f"{secret}:{nonce}:{_md5(f'REGISTER:{uri}')}")
    return (
        f'Authorization: Digest username="{device}",realm="{DOMAIN}",nonce="{nonce}",uri="{uri}",'
        f'response="{answer}",algorithm=MD5\r\n'
    ).encode()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    made.bind(("", 0))  # every address of 127.0.0.0/8, and no other is ever sent from
    return made


@lru_cache(maxsize=1 << 17)
def _from(host: str) -> list[tuple[int, int, bytes]]:
    """What sendmsg wants to know: Linux's struct in_pktinfo (ip(7))."""
    return [(socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("=i4s4x", 0, socket.inet_aton(host)))]


@contextmanager
def crowd(
    target: tuple[str, int], behaviours: dict[int, Behaviour] | None = None, *, subscriptions: bool = True
) -> Iterator[Crowd]:
    made = Crowd(target, behaviours, subscriptions=subscriptions)
    try:
        yield made
    finally:
        made.close()


async def registered(crowd: Crowd, numbers: Sequence[int], at_once: int) -> tuple[float, Counter[int]]:
    """Register them all, at most so many under way. Seconds it took; refused or lost (408), by status."""
    began, failed, left = time.monotonic(), Counter[int](), iter(numbers)
    over, running = asyncio.Event(), 0

    def begin() -> None:
        nonlocal running
        number = next(left, None)
        if number is not None:
            running += 1
            crowd.register(number, ended)
        elif not running:
            over.set()

    def ended(status: int) -> None:
        nonlocal running
        running -= 1
        if status != 200:
            failed[status] += 1
        begin()

    for _ in range(at_once):
        begin()
    await over.wait()
    return time.monotonic() - began, failed


async def paced(crowd: Crowd, devices: int, per_s: float, seconds: float) -> Seen:
    """Keep-alives of one device after the other, at a steady rate; what came of them."""
    crowd.take_seen()
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * per_s:
            crowd.keep_alive(sent % devices)
            sent += 1
        await asyncio.sleep(0.005)
    await drained(crowd)
    return crowd.take_seen()


async def flooded(crowd: Crowd, devices: int, window: int, seconds: float) -> float:
    """Keep-alives as fast as they are answered, ``window`` under way; answers a second."""
    crowd.take_seen()
    ends, sent = time.monotonic() + seconds, 0

    def go_on(_status: int, _data: bytes) -> None:
        nonlocal sent
        if time.monotonic() < ends:
            crowd.keep_alive(sent % devices, go_on)
            sent += 1

    for _ in range(window):
        go_on(200, b"")
    await asyncio.sleep(seconds)
    answered = len(crowd.take_seen().answered)
    await drained(crowd)
    return answered / seconds


async def drained(crowd: Crowd, patience_s: float = 60) -> None:
    """Until nothing waits for an answer."""
    for _ in range(int(patience_s / 0.05)):
        if not crowd.waiting:
            return
        await asyncio.sleep(0.05)
