"""``bingjian volume``: which directory holds which volume."""

from pathlib import Path

from bingjian.commands.language import either
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.recording.known import KnownVolumes, UnknownVolume
from bingjian.recording.volume import VolumeError, VolumeIdentity
from bingjian.settings import Settings


def accept(settings: Settings, path: Path) -> None:
    """Forget what was there; a running worker tries the path again by itself. Raises CommandFailed."""
    try:
        there = VolumeIdentity.read(path)
        forgotten = KnownVolumes(settings.known_volumes_file).forget(path)
    except (VolumeError, UnknownVolume) as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise CommandFailed(f"{settings.known_volumes_file}: {error.strerror}", Exit.ENVIRONMENT) from error
    if forgotten:
        print(either(f"volume {there.id} is the right one at {path}", f"已认可 {path} 上的存储卷 {there.id}"))
    else:
        print(either(f"nothing else was known of {path}", f"此前没有 {path} 的记录，无须认可"))
