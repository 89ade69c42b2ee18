"""Batch functions of the relations of gift cards."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.values.money import Money
from domains.ledger.models import Movement
from domains.payment.gift_cards.models import GiftCard, GiftCardStatus
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_gift_cards(context: Context, keys: Sequence[UUID]) -> Sequence[GiftCard | None]:
    """Gift cards by id."""
    rows = await context.services.payment.gift_cards.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_balances(context: Context, keys: Sequence[UUID]) -> Sequence[Money]:
    """The balances of gift cards, which are in the currency of the company."""
    currency = await context.services.company.currency(context.reader)
    balances = await context.services.payment.gift_cards.balances(context.reader, keys)
    return [Money(balances[key], currency) for key in keys]


async def load_statuses(context: Context, keys: Sequence[UUID]) -> Sequence[GiftCardStatus | None]:
    """The statuses of gift cards by id; the balances are loaded once per request."""
    cards = await context.loaders.of(load_gift_cards).load_level(list(keys))
    balances = await context.loaders.of(load_balances).load_level(list(keys))
    status = context.services.payment.gift_cards.status
    found = zip(cards, balances, strict=True)
    return [None if card is None else status(card, balance.amount) for card, balance in found]


async def load_movements(context: Context, keys: Sequence[UUID]) -> Sequence[list[Movement]]:
    """The last changes of the balances of gift cards."""
    rows = await context.services.payment.gift_card_listing.movements(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.subject_id)
