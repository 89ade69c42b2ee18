"""Gift cards and store credit of a shop under test, in carts and in the ledger."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.order.models import Order
from domains.payment.gift_cards.models import GiftCard, NewGiftCard
from domains.payment.models import Payment, RefundStatus
from tests.domains.order.storefront import Storefront

# What was posted for an order: the sums of debits less credits by account.
BOOKED = """
select l.account, sum(case l.side when 'DEBIT' then l.amount else -l.amount end)
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.company_id = $1 and e.order_id = $2 group by 1
having sum(case l.side when 'DEBIT' then l.amount else -l.amount end) <> 0 order by 1
"""
Card = tuple[GiftCard, str]


@dataclass(frozen=True)
class Wallet:
    """The tenders of a shop. Each operation commits."""

    shop: Storefront

    async def card(self, amount: str, **given: Any) -> Card:
        """A new gift card with this balance, and its code."""
        new = NewGiftCard(amount=Decimal(amount), **given)
        (issued,) = await self.shop.run(lambda tx: self.shop.services.payment.issuance.issue(tx, [new]))
        return issued.card, issued.code.reveal()

    async def credit(self, actor: Actor, amount: str) -> UUID:
        """Store credit of a customer; its id."""
        assert actor.user_id is not None
        user_id, store_credit = actor.user_id, self.shop.services.payment.store_credits
        row = await self.shop.run(lambda tx: store_credit.issue(tx, user_id, Decimal(amount), "A gift"))
        found: UUID = row.id
        return found

    async def apply(self, actor: Actor, *cards: Card, token: str | None = None) -> None:
        """Put gift cards into the actor's cart."""
        tenders, ref = self.shop.services.cart.tenders, CartRef.of(actor, token)
        for _, code in cards:
            await self.shop.run(lambda tx, code=code: tenders.apply(tx, ref, code), actor)

    async def use_credit(self, actor: Actor) -> None:
        """Pay for the actor's cart with store credit."""
        tenders, ref = self.shop.services.cart.tenders, CartRef.of(actor, None)
        await self.shop.run(lambda tx: tenders.use_store_credit(tx, ref, use=True), actor)

    async def buy(self, actor: Actor, quantity: int, *cards: Card, **given: Any) -> Any:
        """Order units of A with gift cards."""
        await self.shop.fill(actor, ("A", quantity))
        await self.apply(actor, *cards)
        return (await self.shop.place(actor, **given)).order

    async def order(self, order: Order) -> Any:
        """An order as it is now."""
        return await self.shop.order(order.id)

    async def balance(self, tender: Card | UUID) -> Any:
        """The balance of a gift card or store credit."""
        subject_id = tender if isinstance(tender, UUID) else tender[0].id
        found = await self.shop.owner.fetchval(
            "select balance from ledger_balances where company_id = $1 and subject_id = $2",
            self.shop.company_id,
            subject_id,
        )
        return found or Decimal(0)

    async def payments(self, order: Order) -> list[tuple[str, str, Any, Any]]:
        """The payments of an order, oldest first: method, status, captured and refunded amount."""
        payments: list[Payment] = await self.shop.services.payment.payments_of(
            self.shop.database.reader(self.shop.company_id), [order.id]
        )
        return [(each.method, each.status.value, each.amount_captured, each.amount_refunded) for each in payments]

    async def refunds(self, order: Order) -> list[tuple[RefundStatus, Any]]:
        """The refunds of an order, oldest first."""
        rows = await self.shop.owner.fetch(
            "select status::text, amount from refunds where company_id = $1 and order_id = $2 order by id",
            self.shop.company_id,
            order.id,
        )
        return [(RefundStatus(row[0]), row[1]) for row in rows]

    async def booked(self, order: Order) -> dict[str, Decimal]:
        """The accounts that an order has changed, debits less credits; those that are even again are left out."""
        rows = await self.shop.owner.fetch(BOOKED, self.shop.company_id, order.id)
        return {row[0]: row[1] for row in rows}
