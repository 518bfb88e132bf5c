"""The audit of a worker's volumes: one thread for each, as long as the worker runs."""

from collections.abc import Iterable
from threading import Event, Thread
from uuid import UUID

from bingjian.clock import Clock
from bingjian.recording.audit import Audit
from bingjian.recording.volume import Volume

DAY_S = 86_400


class Audits:
    """Belongs to the event loop; the threads end by themselves within one rest after ``stop``."""

    def __init__(self, clock: Clock, period_days: int) -> None:
        self._clock = clock
        self.period_s = float(period_days * DAY_S)
        self._stopping = Event()
        self._audited: set[UUID] = set()

    def begin(self, volumes: Iterable[Volume], receipt_key: bytes | None) -> None:
        """Audit those that are not audited yet. ``receipt_key``: retention's, to judge removals by."""
        for volume in volumes:
            if volume.id in self._audited:
                continue
            self._audited.add(volume.id)
            audit = Audit(
                volume,
                clock=self._clock,
                sleep=self._stopping.wait,
                receipt_key=receipt_key,
                period_s=self.period_s,
            )
            name = f"audit {volume.path.name}"
            Thread(target=audit.run, args=(self._stopping.is_set,), name=name, daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
