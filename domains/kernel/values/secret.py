"""A text that must not be seen: whatever prints, logs or copies it shows none of it."""

from typing import Final, NoReturn

HIDDEN: Final = "•••"
CARD_DIGITS: Final = 12


class Secret:
    """Holds a text that only `reveal()` gives out; its repr, its format and its pickling do not.

    For card numbers and their like on the way from a request to a provider. It has no `__dict__` to look into.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for whoever it is meant for."""
        return self._text

    @property
    def hint(self) -> str:
        """The last four digits of a card number, which may be kept (PCI DSS 3.4.1); nothing of anything else."""
        digits = "".join(letter for letter in self._text if letter.isascii() and letter.isdigit())
        return digits[-4:] if len(digits) >= CARD_DIGITS else ""

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not copied or stored.")
