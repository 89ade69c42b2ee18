"""The inputs of payments."""

from datetime import datetime

import strawberry

from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails, require_card


@strawberry.input(
    description="A card to pay with. Its number and code are passed to the provider, never stored or logged."
)
class CardInput:
    """A card as it is typed in."""

    number: Secret = strawberry.field(description="The card number, 12 to 19 digits with or without spaces.")
    expiry_month: int = strawberry.field(description="The month of expiry, from 1 to 12.")
    expiry_year: int = strawberry.field(description="The year of expiry in four digits, such as 2030.")
    security_code: Secret | None = strawberry.field(
        default=None, description="The security code of 3 or 4 digits; null or absent if the card has none."
    )

    def as_card(self, now: datetime) -> CardDetails:
        """The domain's card. Raises CardInvalid."""
        return require_card(self.number, self.expiry_month, self.expiry_year, self.security_code, now=now)
