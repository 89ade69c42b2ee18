"""What pays for a cart beside money, in the API: gift cards and store credit."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.cart.tenders import models
from domains.kernel.values.money import Money as KernelMoney
from domains.payment.gift_cards.models import GiftCardStatus
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.gift_cards import types  # noqa: F401 - it describes the enum used here


@strawberry.type(description="A gift card of a cart. It pays when the cart is ordered; until then its balance stays.")
class CartGiftCard:
    """A card and what it would pay."""

    gift_card_id: UUID = strawberry.field(description="The id of the gift card, for `cartGiftCardRemove`.")
    last_characters: str = strawberry.field(description="The last four characters of its code.")
    status: GiftCardStatus = strawberry.field(description="Whether it can pay now; only an ACTIVE one pays.")
    balance: Money = strawberry.field(description="What is left on the card.")
    amount: Money = strawberry.field(
        description="What it would pay of the cart now, after the cards before it; zero unless it is ACTIVE."
    )


@strawberry.type(description="The store credit that is to pay for a cart, after its gift cards.")
class CartStoreCredit:
    """A balance and what it would pay."""

    balance: Money = strawberry.field(description="The customer's store credit.")
    amount: Money = strawberry.field(description="What it would pay of the cart now.")


def gift_cards_of(quoted: models.TenderQuote) -> list[CartGiftCard]:
    """The gift cards of a cart, as money."""
    return [
        CartGiftCard(
            gift_card_id=each.card.id,
            last_characters=each.card.last_characters,
            status=each.status,
            balance=money(each.balance, each.card.currency),
            amount=money(each.amount, each.card.currency),
        )
        for each in quoted.gift_cards
    ]


def store_credit_of(quoted: models.TenderQuote) -> CartStoreCredit | None:
    """The store credit of a cart, as money; None for a cart that does not use it."""
    own = quoted.store_credit
    if own is None:
        return None
    return CartStoreCredit(balance=money(own.balance, quoted.currency), amount=money(own.amount, quoted.currency))


def money(amount: Decimal, currency: str) -> Money:
    """An amount in a currency."""
    return present(Money, KernelMoney(amount, currency))
