"""How real devices depart from the standard: one switch for each row that a device can show on the wire.

Numbers are those of the collection in docs/gb28181.md. Rows that lie with the platform alone are in
``PLATFORM_ONLY``, each with the reason.
"""

from collections.abc import Iterable
from enum import Enum
from types import MappingProxyType


class Quirk(Enum):
    """Number and word."""

    OWN_SSRC = ("1", "own-ssrc")  # y= is given back, but another SSRC is sent
    ZERO_SSRC = ("2", "zero-ssrc")  # RTP carries SSRC 0
    SSRC_IN_ANSWER = ("3", "ssrc-in-answer")  # the 200 names another SSRC, and that one is sent
    SAME_SSRC = ("4", "same-ssrc")  # all streams of the device have one SSRC
    KEEPS_SENDING = ("5", "keeps-sending")  # BYE is not heard; the stream goes on for a minute
    WRONG_SUM = ("6", "wrong-sum")  # SumNum counts one too many, the first page comes twice
    UNSOLICITED_PAGE = (
        "7",
        "unsolicited-page",
    )  # after a catalogue one more page: an SN of its own, SumNum 1
    ODD_PARENTS = ("8", "odd-parents")  # ParentID is the channel itself, or the platform
    SHARED_CHANNELS = ("9", "shared-channels")  # channel ids that other devices have too
    EARLY_NOTIFY = ("10", "early-notify")  # a NOTIFY ADD amid the pages of the catalogue
    PORT_MOVES = ("11", "port-moves")  # each keep-alive from another port, no registration
    ADDRESS_MOVES = ("12", "address-moves")  # at a keep-alive: another address, REGISTER without an answer
    TWIN = ("13", "twin")  # registered a second time, from another address
    WRONG_DOMAIN = ("14", "wrong-domain")  # another platform id and realm than the platform's
    NEEDS_ALGORITHM = ("15", "needs-algorithm")  # a 401 without algorithm= is not answered
    BLANK_PASSWORD = ("16", "blank-password")  # the password is empty; tried again every 5 s
    STRICT_SDP = ("17", "strict-sdp")  # 415 where y= is not near the end or the last CRLF is missing
    PS_FIRST = ("18", "ps-first")  # 488 where rtpmap:96 does not follow a=recvonly
    KNOWN_SERVER_ONLY = ("19", "known-server-only")  # requests that name another host are not heard
    BROKEN_XML = ("20", "broken-xml")  # bare & and <, control characters, a closing tag twice
    UTF8_AS_GB = ("21", "utf8-as-gb")  # UTF-8 under a declaration of GB2312, rare characters
    BIG_DATAGRAMS = ("22", "big-datagrams")  # the catalogue in one message, and what is over the MTU is lost
    IGNORES_TCP = ("23", "ignores-tcp")  # UDP to the port of a TCP offer
    PRIVATE_ADDRESS = ("24", "private-address")  # c= and Contact are an address nobody reaches
    CONNECT_TIME = ("25", "connect-time")  # TCP before the 200, and next time 8 s after the ACK
    PROGRAM_MAP = ("26", "program-map")  # map late, wrong type and lengths; private packets
    BURST = ("27", "burst")  # an INVITE within 100 ms of another is lost
    SECOND_KILLS_FIRST = ("28", "second-kills-first")  # a second stream of a channel ends the first, silently
    ONE_PLAYBACK = ("29", "one-playback")  # a second playback gets 486
    PAUSE_ENDS = ("30", "pause-ends")  # BYE after 30 s of pause
    POWER_CUT = ("31", "power-cut")  # at each order "hang_up": no BYE, half-open media, registers anew
    UTC_TIMES = ("32", "utc-times")  # times in UTC, t= in NTP seconds
    ZERO_HEARTBEAT = ("33", "zero-heartbeat")  # ConfigDownload tells an interval of 0
    LATE_START = ("34", "late-start")  # playback begins 10 s later than asked
    UNKNOWN_MAKER = ("35", "unknown-maker")  # no or a strange manufacturer
    NO_EXPIRES = ("36", "no-expires")  # REGISTER without Expires; every second one asks for 30 s
    END_OF_FILE = (
        "37",
        "end-of-file",
    )  # MediaStatus as a line in INFO, outside of the dialog, never: in turn
    FOREIGN_BYE = ("38", "foreign-bye")  # its BYE has a Call-ID of its own and no tag in To
    NO_ANSWER_BODY = ("39", "no-answer-body")  # 200 to INVITE without SDP
    BARE_SDP = ("40a", "bare-sdp")  # no rtpmap, y= without leading zeros, no final CRLF
    ODD_ANSWER = ("40", "odd-answer")  # y= too long, a=recvonly, no tag in To, RTP/AVP though TCP
    VOICE = ("42", "voice")  # offers PCMU, BYE as soon as sound comes
    FOREIGN_STATUS = ("43", "foreign-status")  # MediaStatus with another's From

    @property
    def number(self) -> str:
        return str(self.value[0])

    @property
    def word(self) -> str:
        return str(self.value[1])


PLATFORM_ONLY = MappingProxyType(
    {
        "41": "the platform's Date is wrong; every simulated device sets its clock by Date and tells it",
        "44": "the platform has an upper platform of the same id; that takes a cascade, not a device",
    }
)
# These change the socket, or what comes through it, for all who share it.
OWN_SOCKET = frozenset(
    {Quirk.SHARED_CHANNELS, Quirk.PORT_MOVES, Quirk.ADDRESS_MOVES, Quirk.TWIN, Quirk.BIG_DATAGRAMS}
)
# These show at the next registration, so that follows at once when they are switched.
AT_REGISTRATION = frozenset(
    {
        *(Quirk.WRONG_DOMAIN, Quirk.NEEDS_ALGORITHM, Quirk.BLANK_PASSWORD, Quirk.NO_EXPIRES),
        *(Quirk.ADDRESS_MOVES, Quirk.PRIVATE_ADDRESS),
    }
)
_BY_NAME = {name: quirk for quirk in Quirk for name in (quirk.number, quirk.word)}


def find(name: str) -> Quirk:
    """By number or word. Raises ValueError with a sentence that says what there is."""
    name = name.strip().lower()
    if name in PLATFORM_ONLY:
        raise ValueError(f"quirk {name} is the platform's: {PLATFORM_ONLY[name]}")
    if name not in _BY_NAME:
        raise ValueError(f"there is no quirk {name!r}; there are {', '.join(q.number for q in Quirk)}")
    return _BY_NAME[name]


def find_all(names: Iterable[str]) -> frozenset[Quirk]:
    """Raises ValueError."""
    return frozenset(find(name) for name in names)
