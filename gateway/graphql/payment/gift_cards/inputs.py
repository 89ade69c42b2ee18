"""The inputs of gift cards."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from domains.kernel.values.secret import Secret
from domains.payment.gift_cards.listing import GiftCardFilter
from domains.payment.gift_cards.models import GiftCardOrigin, NewGiftCard
from gateway.graphql.core.fields import input_values
from gateway.graphql.order.inputs import KEY
from gateway.graphql.payment.gift_cards import types as _types  # noqa: F401 - its enums must be described first
from gateway.graphql.payment.listing.inputs import filter_values


@strawberry.input(description="Conditions on gift cards, all of which must hold. Omitted fields set no condition.")
class GiftCardFilterInput:
    """See GiftCardFilter."""

    ids: list[UUID] | None = strawberry.field(default=None, description="Gift cards of these ids; at most 100.")
    gift_card_code: Secret | None = strawberry.field(
        default=None, description="The card with this code, all of it, in any spelling. Send it by POST."
    )
    origins: list[GiftCardOrigin] | None = strawberry.field(
        default=None, description="Gift cards that were issued for one of these; at most 20."
    )
    is_disabled: bool | None = strawberry.field(default=None, description="Only disabled gift cards, or only others.")
    is_expired: bool | None = strawberry.field(default=None, description="Only expired gift cards, or only others.")
    order_item_id: UUID | None = strawberry.field(
        default=None, description="Only the gift cards that were sold with this line of an order."
    )
    recipient_email: str | None = strawberry.field(
        default=None, description="Only the gift cards whose code was sent to this e-mail address."
    )
    expires_from: datetime | None = strawberry.field(
        default=None, description="Gift cards that expire at this time or later."
    )
    expires_before: datetime | None = strawberry.field(
        default=None, description="Gift cards that expire before this time."
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Gift cards that were issued at this time or later."
    )
    created_before: datetime | None = strawberry.field(
        default=None, description="Gift cards that were issued before this time."
    )

    def as_filter(self) -> GiftCardFilter:
        """The domain's filter. Raises TooMany."""
        values = filter_values(self)
        return GiftCardFilter(code=values.pop("gift_card_code", None), **values)


@strawberry.input(description="A gift card to issue.")
class NewGiftCardInput:
    """See NewGiftCard."""

    amount: Decimal = strawberry.field(
        description="The amount above 0 in the company's currency, with at most its decimals."
    )
    is_sold: bool = strawberry.field(
        default=False,
        description=(
            "True for a card that was sold and whose money was received by hand, such as in cash; false for a gift "
            "of the shop. Laws on expiry are about cards that are sold."
        ),
    )
    code: Secret | None = strawberry.field(
        default=None,
        description=(
            "A code of your own, at least 16 letters and digits; null or absent for a random one, which is safer."
        ),
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When it expires; null for never, absent for what `Company.giftCardValidityMonths` says.",
    )
    recipient_email: str | None = strawberry.field(
        default=None, description="The address to which the code is sent now; null or absent to send nothing."
    )
    note: str | None = strawberry.field(
        default=None, description="A note for staff, at most 1,000 characters; null or absent for none."
    )

    def as_new(self) -> NewGiftCard:
        """The domain's NewGiftCard."""
        values: dict[str, Any] = input_values(self, exclude=("is_sold",))
        return NewGiftCard(**values, origin=GiftCardOrigin.SOLD if self.is_sold else GiftCardOrigin.PROMOTION)


@strawberry.input(description="Gift cards to issue.")
class GiftCardCreateInput:
    """See Issuance.issue."""

    idempotency_key: str = strawberry.field(description=KEY)
    cards: list[NewGiftCardInput] = strawberry.field(description="The gift cards, at most 100: all or none.")


@strawberry.input(description="Changes to a gift card. Omitted fields do not change.")
class GiftCardUpdateInput:
    """See GiftCardChanges."""

    id: UUID = strawberry.field(description="The id of any gift card, also an expired or disabled one.")
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When it expires, in the future; null for never. What an expired card lost does not come back.",
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for staff, at most 1,000 characters; null removes it."
    )


@strawberry.input(description="The gift card to disable.")
class GiftCardDisableInput:
    """See GiftCards.disable."""

    id: UUID = strawberry.field(description="The id of any gift card; a disabled one stays as it is.")
    reason: str | None = strawberry.field(
        default=None, description="Why, at most 1,000 characters, for staff; null or absent for none."
    )


@strawberry.input(description="The gift card to enable.")
class GiftCardEnableInput:
    """See GiftCards.enable."""

    id: UUID = strawberry.field(description="The id of a disabled gift card; another one stays as it is.")


@strawberry.input(description="A change of the balance of a gift card.")
class GiftCardBalanceAdjustInput:
    """See GiftCards.adjust."""

    idempotency_key: str = strawberry.field(description=KEY)
    id: UUID = strawberry.field(description="The id of a gift card that has not expired.")
    amount: Decimal = strawberry.field(
        description="What is added, in the company's currency; negative for a deduction, at most what is left."
    )
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters. It is kept with your name.")


@strawberry.input(description="A gift card by its code.")
class GiftCardBalanceCheckInput:
    """See GiftCards.by_code."""

    code: Secret = strawberry.field(description="The code, in any spelling: case, spaces and dashes do not count.")
