"""What GB/T 28181 says inside SIP and over RTP: ids, MANSCDP, PTZ, MANSRTSP, SDP. Values and functions.

Editions: 2011 and its amendment are protocol 1.0 and 1.1, 2016 is 2.0, 2022 is 3.0. A device says which by
``X-GB-Ver`` at its registration; one that says nothing is taken for 2.0. Reading does not ask for the
edition, because devices mix them; making does, so that a device gets nothing it cannot read.
"""

from enum import IntEnum


class Edition(IntEnum):
    """In order, so that they can be compared."""

    V2011 = 10
    V2011_AMENDED = 11
    V2016 = 20
    V2022 = 30

    @classmethod
    def of(cls, header: str) -> "Edition":
        """From the value of ``X-GB-Ver``; absent or unknown: 2016, which most devices in the field speak."""
        digits = header.strip().replace(".", "")
        known = {str(int(edition)): edition for edition in cls}
        return known.get(digits, cls.V2016)

    @property
    def header(self) -> str:
        """The value of ``X-GB-Ver``: "3.0"."""
        return f"{self // 10}.{self % 10}"
