"""Why a camera gives no picture: one list for camera states, gaps and the timeline."""

from enum import StrEnum


class Cause(StrEnum):
    """Observed reason, told apart by evidence. Codes are shown through the dictionaries and never renamed."""

    UNREACHABLE = "unreachable"  # no route, time-out, name not found
    REFUSED = "refused"  # connection refused, or a 4xx/5xx answer other than those below
    AUTHENTICATION = "authentication"  # wrong or missing password
    NOT_FOUND = "not_found"  # 404: the camera does not know this path
    TLS = "tls"  # certificate not accepted
    PROTOCOL = "protocol"  # the other side broke the protocol
    DISCONNECTED = "disconnected"  # the camera ended the connection or said TEARDOWN/BYE
    NO_VIDEO = "no_video"  # the camera offers no video track
    CODEC_NOT_ACCEPTED = "codec_not_accepted"
    NO_PACKETS = "no_packets"  # connected, but silent
    NO_KEY_FRAME = "no_key_frame"  # packets, but nothing to start decoding with
    PACKET_LOSS = "packet_loss"
    CLOCK_STEP = "clock_step"
    VOLUME_FULL = "volume_full"
    VOLUME_FAILING = "volume_failing"
    RECORDER_STOPPED = "recorder_stopped"  # planned
    RECORDER_CRASHED = "recorder_crashed"
    PAUSED = "paused"  # by order (R31.7)
    EXPIRED = "expired"  # was there until its term ended (art. 28)
