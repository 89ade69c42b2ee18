"""Where goods are stored and where they are sent, and how near the two are; pure."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Self, TypeAlias

from domains.kernel.text.unicode_forms import normalized

Nearness: TypeAlias = tuple[int, int]
SAME_AREA, SAME_PROVINCE, SAME_COUNTRY, ELSEWHERE = range(4)
UNKNOWN: Final[Nearness] = (ELSEWHERE, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a form that compares: `of` makes it. The texts are empty when they are not known."""

    country: str = ""
    province: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, country: str | None, province: str | None = None, postal_code: str | None = None) -> Self:
        """The place of an address; `DE-BY` and `by` are the same province, `10 115` and `10115` the same code."""
        code = _plain(country)
        letters = _plain(postal_code)
        given = normalized("NFKC", province or "").strip().upper()
        return cls(code, given.removeprefix(f"{code}-"), letters)

    def nearness(self, other: "Place") -> Nearness:
        """How near the other place is, the smallest first.

        The same first letters or digits of the postal code in the same country, the longest first; then the same
        province, the same country, and all others.
        """
        if not self.country or self.country != other.country:
            return UNKNOWN
        pairs = zip(self.postal_code, other.postal_code, strict=False)
        if shared := sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)):
            return SAME_AREA, -shared
        if self.province and self.province == other.province:
            return SAME_PROVINCE, 0
        return SAME_COUNTRY, 0


def _plain(text: str | None) -> str:
    """The letters and digits of a text, in capital letters."""
    return "".join(
        letter for letter in normalized("NFKC", text or "").upper() if letter.isascii() and letter.isalnum()
    )
