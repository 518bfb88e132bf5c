"""RTP payload formats to access units; one class per format, all with the doors of ``base.Depacketizer``."""

from bingjian.formats.aac import config_from as aac_config
from bingjian.formats.access_unit import Codec, FormatError
from bingjian.formats.g711 import DEFAULT_RATE
from bingjian.formats.g711 import config_from as g711_config
from bingjian.protocols.depacketize.aac import Aac
from bingjian.protocols.depacketize.base import Depacketizer as Depacketizer
from bingjian.protocols.depacketize.g711 import G711
from bingjian.protocols.depacketize.h264 import H264
from bingjian.protocols.depacketize.h265 import H265
from bingjian.protocols.errors import PeerError
from bingjian.protocols.sdp import Format

# SDP encoding name → the codec we store
CODECS = {
    "H264": Codec.H264,
    "H265": Codec.H265,
    "MPEG4-GENERIC": Codec.AAC,
    "PCMA": Codec.PCMA,
    "PCMU": Codec.PCMU,
}


def depacketizer(track: int, form: Format) -> Depacketizer:
    """For a format whose encoding is in ``CODECS``. Raises PeerError if its description makes no sense."""
    codec = CODECS[form.encoding]
    if codec is Codec.H264:
        return H264(track, form.parameter_sets)
    if codec is Codec.H265:
        return H265(track, form.parameter_sets)
    try:
        return _aac(track, form) if codec is Codec.AAC else _g711(track, codec, form)
    except (FormatError, ValueError) as error:
        raise PeerError(f"the camera describes its sound wrongly: {error}") from error


def _aac(track: int, form: Format) -> Aac:
    specific = bytes.fromhex(form.parameters.get("config", ""))
    config = aac_config(specific, form.clock_rate or None)
    size_bits = int(form.parameters.get("sizelength", "13")[:4])
    return Aac(
        track, config, size_bits=size_bits, index_bits=int(form.parameters.get("indexlength", "3")[:4])
    )


def _g711(track: int, codec: Codec, form: Format) -> G711:
    return G711(track, g711_config(codec, form.clock_rate or DEFAULT_RATE, form.channels))
