"""The inputs of payments."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

import strawberry

from domains.kernel.validation import collect_errors
from domains.kernel.values.secret import Secret
from domains.payment.cards import (
    CardDetails,
    contains_card_number,
    is_card_number,
    is_test_card,
    require_card,
)
from domains.payment.errors import CardNumberRefused


@strawberry.input(
    description=(
        "A test card of the provider MOCK. No other card number is accepted: the buyer enters a real card in the "
        "form of the provider, which answers with a token."
    )
)
class CardInput:
    """A card as it is typed in."""

    number: Secret = strawberry.field(
        description=(
            "The number of a test card, with or without spaces: 12 to 19 digits that begin with 424242 or 400000."
        )
    )
    expiry_month: int = strawberry.field(description="The month of expiry, from 1 to 12.")
    expiry_year: int = strawberry.field(description="The year of expiry in four digits, such as 2030.")
    security_code: Secret | None = strawberry.field(
        default=None, description="The security code of 3 or 4 digits; null or absent if the card has none."
    )

    def as_card(self, now: datetime, *, field: Sequence[str] = ("card",)) -> CardDetails:
        """The domain's card. Raises CardInvalid, CardNumberRefused."""
        return require_card(
            self.number, self.expiry_month, self.expiry_year, self.security_code, now=now, field=field
        )


def refuse_card_numbers(input: object) -> None:
    """Raise CardNumberRefused for each text of an input that is a card number, except for a test card as the card.

    It is checked before the key of the request is claimed, so that no such number is stored, logged or sent.
    """
    with collect_errors() as each:
        for path, text in _texts(input, ()):
            with each:
                if not (path[-2:] == ("card", "number") and is_test_card(text)) and _is_suspicious(path, text):
                    raise CardNumberRefused(field=path)


def _is_suspicious(path: tuple[str, ...], text: str) -> bool:
    return is_card_number(text) if path[-1] in {"number", "token"} else contains_card_number(text)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of an input with their paths."""
    if isinstance(value, Secret):
        yield path, value.reveal()
    elif isinstance(value, str):
        yield path, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name), (*path, field.name))
