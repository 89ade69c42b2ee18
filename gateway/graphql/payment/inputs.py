"""What the payment domain's fields take."""

from datetime import datetime

import strawberry

from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails, require_card


@strawberry.input(description="A card to be charged. Its number is passed on to the provider and never kept.")
class CardInput:
    """A card as it is typed in."""

    number: Secret = strawberry.field(description="The number on it, with or without spaces.")
    expiry_month: int = strawberry.field(description="The month in which it expires, 1 to 12.")
    expiry_year: int = strawberry.field(description="The year in which it expires, in four digits.")
    security_code: Secret | None = strawberry.field(default=None, description="The 3 or 4 digits on its back.")

    def as_card(self, now: datetime) -> CardDetails:
        """The domain's card. Raises CardInvalid."""
        return require_card(self.number, self.expiry_month, self.expiry_year, self.security_code, now=now)
