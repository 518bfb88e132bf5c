"""A box of degrees in an address: west,south,east,north; WGS-84."""

BBOX = r"^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$"


def box_of(text: str) -> tuple[float, float, float, float]:
    """Out of what matches ``BBOX``."""
    west, south, east, north = (float(part) for part in text.split(","))
    return west, south, east, north
