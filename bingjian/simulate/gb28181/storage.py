"""The card that a device keeps its own recordings on."""

from dataclasses import dataclass

from bingjian.protocols.gb28181.manscdp.responses import StorageCard

CAPACITY_MB, USED_MB = 64_000, 44_000
FORMAT_S = 2.0


@dataclass(slots=True)
class Storage:
    """One card, number 1."""

    formatted_at: float = 0.0  # Unix seconds; nothing is left of before

    def format(self, card: int, now: float) -> None:
        """0: all there are."""
        if card in (0, 1):
            self.formatted_at = now

    def card(self, now: float) -> StorageCard:
        done = (now - self.formatted_at) / FORMAT_S
        if done < 1.0:
            return StorageCard(
                number=1,
                name="disk 1",
                status="formatting",
                format_progress=int(done * 100),
                capacity_mb=CAPACITY_MB,
            )
        free = CAPACITY_MB if self.formatted_at else CAPACITY_MB - USED_MB
        return StorageCard(number=1, name="disk 1", status="ok", capacity_mb=CAPACITY_MB, free_mb=free)
