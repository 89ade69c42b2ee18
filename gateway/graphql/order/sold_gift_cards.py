"""The gift cards that were sold with the lines of orders."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.payment.gift_cards.models import GiftCard
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.engine.loading import many_per_key


@strawberry.type(
    description="A gift card that an order has sold, without its code and its balance: it may be given away by now."
)
class SoldGiftCard:
    """What everyone who sees the order may know of a card."""

    last_characters: str = strawberry.field(description="The last four characters of the code.")
    initial_amount: Money = strawberry.field(description="The value with which it was issued.")
    expires_at: datetime | None = strawberry.field(description="When it can no longer be spent; null for never.")
    is_disabled: bool = strawberry.field(description="Whether it cannot be spent, such as after its refund.")
    created_at: datetime = strawberry.field(description="When it was issued: when the order was paid.")


async def load_sold_gift_cards(context: Context, keys: Sequence[UUID]) -> Sequence[list[SoldGiftCard]]:
    """The gift cards of lines of orders, oldest first."""
    cards = await context.services.payment.gift_cards.of_order_items(context.reader, keys)
    sold = [(card.order_item_id, card) for card in cards if card.order_item_id is not None]
    return [[_shown(card) for _, card in each] for each in many_per_key(keys, sold, itemgetter(0))]


def _shown(card: GiftCard) -> SoldGiftCard:
    return SoldGiftCard(
        last_characters=card.last_characters,
        initial_amount=present(Money, KernelMoney(card.initial_amount, card.currency)),
        expires_at=card.expires_at,
        is_disabled=card.disabled_at is not None,
        created_at=card.created_at,
    )
