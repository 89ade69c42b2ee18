"""The payloads of gift cards, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Final, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.payment.gift_cards.types import GiftCard, GiftCardBalance, IssuedGiftCard

ERRORS: Final = "Why nothing was changed; empty on success."


def _errors(description: str = ERRORS) -> Any:
    return strawberry.field(default_factory=list, description=description)


def _card() -> Any:
    return strawberry.field(default=None, description="The changed gift card. Null when there are errors.")


@strawberry.type(description="The result of `giftCardCreate`.")
class GiftCardCreatePayload:
    """See Issuance.issue."""

    gift_cards: list[IssuedGiftCard] = strawberry.field(
        default_factory=list, description="The new gift cards in the order of the input; empty when there are errors."
    )
    errors: list[UserError] = _errors()

    def outcome(self) -> Mapping[str, Any]:
        """The ids of the cards; the codes are secret."""
        return {"gift_card_ids": [each.gift_card.id for each in self.gift_cards]}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The cards as they are now, without their codes."""
        del input
        context, ids = info.context, outcome.ids("gift_card_ids")
        cards = {card.id: card for card in await context.services.payment.gift_cards.by_id(context.reader, ids)}
        return cls(gift_cards=[IssuedGiftCard(gift_card=present(GiftCard, cards[each]), code=None) for each in ids])


@strawberry.type(description="The result of `giftCardUpdate`.")
class GiftCardUpdatePayload:
    """See GiftCards.update."""

    gift_card: GiftCard | None = _card()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `giftCardDisable`.")
class GiftCardDisablePayload:
    """See GiftCards.disable."""

    gift_card: GiftCard | None = _card()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `giftCardEnable`.")
class GiftCardEnablePayload:
    """See GiftCards.enable."""

    gift_card: GiftCard | None = _card()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `giftCardBalanceAdjust`.")
class GiftCardBalanceAdjustPayload:
    """See GiftCards.adjust."""

    gift_card: GiftCard | None = _card()
    errors: list[UserError] = _errors()

    def outcome(self) -> Mapping[str, Any]:
        """The id of the card."""
        return {"gift_card_id": self.gift_card.id if self.gift_card else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The card as it is now."""
        del input
        card_id, context = outcome.id("gift_card_id"), info.context
        if card_id is None:
            return cls()
        (card,) = await context.services.payment.gift_cards.by_id(context.reader, [card_id])
        return cls(gift_card=present(GiftCard, card))


@strawberry.type(description="The result of `giftCardBalanceCheck`.")
class GiftCardBalanceCheckPayload:
    """See GiftCards.by_code."""

    gift_card: GiftCardBalance | None = strawberry.field(
        default=None, description="The gift card with this code. Null when there are errors."
    )
    errors: list[UserError] = _errors("Why there is no such card; empty when there is one.")
