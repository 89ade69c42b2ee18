"""Issues gift cards and store credit, and spends them; each step commits."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.payment.gift_cards.models import GiftCard, IssuedGiftCard, NewGiftCard
from domains.payment.invariants import INVARIANTS
from domains.payment.models import Payment
from domains.payment.service import PaymentService

T = TypeVar("T")
LINES = """
select e.kind, l.account, l.side::text, l.amount from ledger_lines l
join ledger_entries e on e.company_id = l.company_id and e.id = l.entry_id
where l.company_id = $1 order by e.id, l.position
"""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A company with its payment service."""

    database: Database
    actor: Actor
    payments: PaymentService
    owner: Any

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.actor.company_id)

    async def do(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.database.run(work, self.actor)

    async def issue_all(self, *new: NewGiftCard) -> list[IssuedGiftCard]:
        return await self.do(lambda tx: self.payments.issuance.issue(tx, new))

    async def issue(self, amount: str = "50.00", **fields: Any) -> IssuedGiftCard:
        (issued,) = await self.issue_all(NewGiftCard(amount=Decimal(amount), **fields))
        return issued

    async def card(self, amount: str = "50.00", **fields: Any) -> GiftCard:
        return (await self.issue(amount, **fields)).card

    async def stored(self, card: GiftCard) -> GiftCard:
        (found,) = await self.payments.gift_cards.by_id(self.reader, [card.id])
        return found

    async def balance(self, card: GiftCard) -> Decimal:
        return (await self.payments.gift_cards.balances(self.reader, [card.id]))[card.id]

    async def credit(self, user_id: UUID) -> Decimal:
        rows = await self.payments.store_credits.of_users(self.reader, [user_id])
        balances = await self.payments.store_credits.balances(self.reader, [row.id for row in rows])
        return sum(balances.values(), Decimal(0))

    async def spend(
        self, order: UUID, due: str, cards: Sequence[GiftCard] = (), user_id: UUID | None = None
    ) -> list[Payment]:
        async def work(tx: Tx) -> list[Payment]:
            tenders = self.payments.tenders
            usable = await tenders.lock(tx, [card.id for card in cards], user_id)
            return await tenders.capture(tx, order, tenders.spends(Decimal(due), usable))

        return await self.do(work)

    async def refund(self, payment: Payment, amount: str | None = None) -> None:
        given = None if amount is None else Decimal(amount)
        refunds = self.payments.refunds
        refund = await self.do(lambda tx: refunds.create(tx, self.actor, payment.id, given))
        answer = await refunds.send(self.reader, payment, refund)
        await self.do(lambda tx: refunds.record(tx, refund.id, answer))

    async def ledger(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.owner.fetch(LINES, self.actor.company_id)]

    async def audit(self) -> list[tuple[Any, ...]]:
        sql = "select event_type::text, amount, success from payment_audit_logs where company_id = $1 order by id"
        return [tuple(row) for row in await self.owner.fetch(sql, self.actor.company_id)]

    async def topics(self) -> list[str]:
        sql = "select topic from outbox_events where company_id = $1 order by sequence"
        return [row["topic"] for row in await self.owner.fetch(sql, self.actor.company_id)]

    async def broken(self) -> list[str]:
        # Without the limit: other tests leave rows of their companies.
        found = {rule.rule: await self.owner.fetch(rule.query.replace("limit 20", "")) for rule in INVARIANTS}
        company = self.actor.company_id
        return [rule for rule, rows in found.items() if any(row["company_id"] == company for row in rows)]
