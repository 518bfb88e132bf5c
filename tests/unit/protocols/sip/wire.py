"""SIP bytes for the tests, as devices write them: identities are invented."""

from bingjian.protocols.sip.message import Request, Response, read_datagram
from bingjian.protocols.sip.reply import Peer

PLATFORM, DEVICE, CHANNEL = "99010100002000000001", "99010100001180000007", "99010100001310000001"
DOMAIN = "9901010000"
UDP, TCP = Peer("UDP", "192.0.2.77", 5060), Peer("TCP", "192.0.2.77", 40001, connection=7)

KEEP_ALIVE = (
    '<?xml version="1.0" encoding="GB2312"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>43</SN>\r\n'
    f"<DeviceID>{DEVICE}</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
)


def lines(
    method: str, *more: str, cseq: int = 20, branch: str = "z9hG4bK137", call_id: str = "c1@192.0.2.77"
) -> str:
    """Start line and headers of a device's request to the platform."""
    return "\r\n".join(
        [
            f"{method} sip:{PLATFORM}@{DOMAIN} SIP/2.0",
            f"Via: SIP/2.0/UDP 192.0.2.77:5060;rport;branch={branch}",
            f"From: <sip:{DEVICE}@{DOMAIN}>;tag=2043",
            f"To: <sip:{DEVICE if method == 'REGISTER' else PLATFORM}@{DOMAIN}>",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            "Max-Forwards: 70",
            *more,
        ]
    )


def datagram(method: str, *more: str, body: str = "", **fields: object) -> bytes:
    head = lines(method, *more, f"Content-Length: {len(body)}", **fields)  # type: ignore[arg-type]
    return f"{head}\r\n\r\n{body}".encode()


def request(method: str, *more: str, body: str = "", **fields: object) -> Request:
    message = read_datagram(datagram(method, *more, body=body, **fields))
    assert isinstance(message, Request)
    return message


def response(data: bytes) -> Response:
    message = read_datagram(data)
    assert isinstance(message, Response)
    return message
