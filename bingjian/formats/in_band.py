"""Parameter sets that come with the pictures, and the configuration they make."""

from collections.abc import Callable, Iterable, Sequence

from bingjian.formats.access_unit import FormatError, VideoConfig

COUNT_LIMIT = 64  # parameter sets kept of one access unit; further ones are ignored
SIZE_LIMIT = 16 * 1024  # bytes; longer ones are ignored

ConfigFrom = Callable[[Iterable[bytes]], VideoConfig]


class InBandSets:
    """The configuration in force, and the one that takes force at the next unit where decoding can start.

    ``fault``: why the last parameter sets were not accepted, empty if they were.
    """

    __slots__ = ("_config_from", "_pending", "config", "fault")

    def __init__(self, config_from: ConfigFrom, sets: Sequence[bytes] = ()) -> None:
        """``sets``: known beforehand, and in force if they make sense."""
        self._config_from = config_from
        self.config: VideoConfig | None = None
        self.fault = ""
        self._pending: VideoConfig | None = None
        if sets:
            self._configure((), sets)
            self.config, self._pending = self._pending, None

    def note(self, seen: Sequence[bytes]) -> bool:
        """Those of one access unit. False: they repeat what is known, as they do nearly always."""
        target = self._pending or self.config
        known = target.parameter_sets if target else ()
        if all(unit in known for unit in seen):
            return False
        self._configure(known, seen)
        return True

    def take(self) -> VideoConfig | None:
        """Decoding can start here: the new configuration, from now on in force; None if it stays."""
        changed, self._pending = self._pending, None
        if changed is not None:
            self.config = changed
        return changed

    def _configure(self, known: tuple[bytes, ...], seen: Sequence[bytes]) -> None:
        """Later sets replace those of the same id; if that makes no sense, the new ones start afresh."""
        config: VideoConfig | None
        try:
            config = self._config_from((*known, *seen))
        except FormatError:
            config = self._fresh(seen)
        if config is not None:
            self.fault = ""
            self._pending = config if config != self.config else None

    def _fresh(self, seen: Sequence[bytes]) -> VideoConfig | None:
        try:
            return self._config_from(seen)
        except FormatError as error:
            self.fault = str(error)
            return None
