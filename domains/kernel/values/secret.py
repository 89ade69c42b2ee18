"""A secret text that is not revealed by printing, logging or pickling."""

import hmac
import re
from typing import Final, NoReturn

HIDDEN: Final = "•••"
CARD_DIGITS: Final = 12
NO_DIGIT: Final = re.compile("[^0-9]")


class Secret:
    """A text that only `reveal()` returns; its repr and its format are masked, and it cannot be pickled.

    It carries data such as card numbers from a request to a provider. It has no `__dict__`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the provider that needs it."""
        return self._text

    @property
    def hint(self) -> str:
        """The last four digits of a card number, which may be stored (PCI DSS 3.4.1); empty for other texts."""
        digits = NO_DIGIT.sub("", self._text)
        return digits[-4:] if len(digits) >= CARD_DIGITS else ""

    def __eq__(self, other: object) -> bool:
        """Whether the texts are equal, in a time that does not tell where they differ."""
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret must not be pickled.")
