"""Reading bits, most significant first, as all MPEG and ITU-T syntax is written."""

from bingjian.formats.access_unit import FormatError

MAX_GOLOMB_ZEROS = 32  # ue(v) reaches 2³²-2 at most, Rec. ITU-T H.264 §9.1: more zeros are a lie


class BitReader:
    """A cursor over a few bytes of syntax. Every read past the end raises FormatError."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self.left = 8 * len(data)  # bits

    def bits(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number: u(n)."""
        if count > self.left:
            raise FormatError(f"{count} bits wanted where {self.left} are left")
        self.left -= count
        return self._value >> self.left & ((1 << count) - 1)

    def flag(self) -> bool:
        """One bit."""
        return self.bits(1) == 1

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number: ue(v)."""
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > MAX_GOLOMB_ZEROS:
                raise FormatError(f"an Exp-Golomb number of more than {MAX_GOLOMB_ZEROS} bits")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed_golomb(self) -> int:
        """A signed Exp-Golomb number: se(v)."""
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def at_most(self, limit: int, what: str) -> int:
        """ue(v) that its specification bounds; ``what`` names it in the error."""
        value = self.golomb()
        if value > limit:
            raise FormatError(f"{what} is {value}, at most {limit} is possible")
        return value
