"""From a session description to the tracks we ask for: one of video and, if it can be used, one of sound."""

from dataclasses import dataclass

from bingjian.protocols import sdp, url
from bingjian.protocols.depacketize import CODECS, Depacketizer, depacketizer
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.errors import CodecNotAccepted, NoVideo

VIDEO_ENCODINGS = frozenset({"H264", "H265"})
SOUND_ENCODINGS = frozenset(CODECS) - VIDEO_ENCODINGS


@dataclass(frozen=True, slots=True)
class Track:
    """A medium of the camera that we receive."""

    index: int  # in the stream's track list; video is 0
    kind: str  # "video", "audio"
    format: sdp.Format
    uri: str  # for SETUP
    frame_rate: float  # as announced, 1/s; 0 if not told


def choose(description: sdp.Description, base: str) -> tuple[Track, ...]:
    """The tracks to set up, video first.

    Args:
        base: what relative control URLs are appended to.

    Raises:
        NoVideo, CodecNotAccepted, UrlError
    """
    videos = [media for media in description.media if media.kind == "video" and media.direction != "inactive"]
    if not videos:
        raise NoVideo("the camera offers no video")
    video = _first(videos, VIDEO_ENCODINGS)
    if video is None:
        names = ", ".join(sorted({form.encoding or "unknown" for media in videos for form in media.formats}))
        raise CodecNotAccepted(f"the camera's video is {names or 'unknown'}; H.264 and H.265 are accepted")
    sounds = [media for media in description.media if media.kind == "audio"]
    sound = _first([media for media in sounds if _comes_from_camera(media, video[0])], SOUND_ENCODINGS)
    chosen = [video, sound] if sound and _usable(sound[1]) else [video]
    base = url.resolve(base, description.control) if "://" in description.control else base
    return tuple(
        Track(index, media.kind, form, url.resolve(base, media.control), media.frame_rate)
        for index, (media, form) in enumerate(chosen)
    )


def left_out(description: sdp.Description, tracks: tuple[Track, ...]) -> list[str]:
    """What the camera offers besides: "audio OPUS", for a person's information."""
    taken = {track.kind for track in tracks}
    return [
        f"{media.kind} {media.formats[0].encoding if media.formats else ''}".strip()
        for media in description.media
        if media.kind not in taken
    ]


def depacketizers(tracks: tuple[Track, ...]) -> list[Depacketizer]:
    return [depacketizer(track.index, track.format) for track in tracks]


def _first(medias: list[sdp.Media], encodings: frozenset[str]) -> tuple[sdp.Media, sdp.Format] | None:
    found = ((media, form) for media in medias for form in media.formats if form.encoding in encodings)
    return next(found, None)


def _comes_from_camera(sound: sdp.Media, video: sdp.Media) -> bool:
    """``sendonly`` marks ONVIF's way back to the loudspeaker, unless the video has it too."""
    if sound.direction == "inactive":
        return False
    return sound.direction != "sendonly" or video.direction == "sendonly"


def _usable(form: sdp.Format) -> bool:
    """Sound that is described wrongly is left out rather than losing the picture."""
    try:
        depacketizer(1, form)
    except PeerError:
        return False
    return True
