"""What a system is to the law, and so which duties ask for its acceptance, archive and connection."""

from dataclasses import dataclass

from bingjian.rules.decision import consistent
from bingjian.rules.law import Law

DECREE = "N11"  # Decree 799 art. 11: acceptance and archive of private systems too


@dataclass(frozen=True, slots=True)
class System:
    """One system, as the articles on building it tell systems apart."""

    id: str
    is_government_invested: bool
    is_government_built: bool  # lies in an area of 10¶1
    is_key_area: bool  # on the data authority's list of other key public areas (art. 13)
    is_article8: bool
    is_class_a: bool  # lies in a place of Decree 799 art. 7

    def __post_init__(self) -> None:
        consistent(bool(self.id.strip()), "a system without its id")

    @property
    def must_connect(self) -> bool:
        """To a platform (R13.1); otherwise an interface is kept ready (R13.2)."""
        return self.is_government_built or self.is_key_area


def acceptance_duty(law: Law, system: System, code: str) -> str | None:
    """The duty that asks for an acceptance: this one of art. 16, or the decree's; None: nothing bars service.

    Art. 16 is written for government investment; of the others all of art. 8 are held to it (5.12).
    """
    if system.is_government_invested:
        return code
    if system.is_class_a and law.binds(DECREE):
        return DECREE
    return code if system.is_article8 else None


def archive_duty(system: System, code: str) -> str | None:
    """The duty that asks for an archive: this one of art. 17, or the decree's; None: no duty does."""
    if system.is_government_invested:
        return code
    return DECREE if system.is_class_a else None
