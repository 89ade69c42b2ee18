"""One interleaving: a shop, its orders, and a script that is carried out, each step checked."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, Self
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.errors import DomainError
from domains.kernel.fail_points import FailPointReached, arm
from domains.order.models import Order
from domains.payment.models import Payment
from domains.tax.models import ShippingTaxMethod
from gateway.graphql.company.settings import update_settings
from tests.conftest import make_company
from tests.domains.order.payments.interleavings import rules
from tests.domains.order.payments.interleavings.bank import Bank, Held
from tests.domains.order.payments.interleavings.script import Round, Step
from tests.domains.order.payments.interleavings.steps import act
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Card, Wallet
from tests.domains.shipping.zones import flat_rate
from tests.gateway.site import services_of

CARDS: Final = ("12.00", "50.00")
CREDIT: Final = "15.00"
# Shipping is split like goods of two rates. Each order is of 19.90.
TERMS: Final[Any] = {
    "tax_rate": Decimal("0.2"),
    "shipping_tax_method": ShippingTaxMethod.PROPORTIONAL,
}
MAX_RUNS: Final = 12  # of all jobs, until nothing is due
# A request is refused, its process dies, or the provider does not answer. Anything else fails the test.
EXPECTED: Final = (DomainError, FailPointReached, OSError)
DUE_WEBHOOKS: Final = "select event_type, error from payment_webhooks where company_id = $1 and status = 'PENDING'"


class Interleaving:
    """What is done to the orders of one shop, and what came of it, by name."""

    def __init__(self, bank: Bank, shop: Storefront, staff: Actor, buyer: Actor, seen: Counter[str]) -> None:
        self.bank: Bank = bank
        self.shop, self.staff, self.buyer, self.seen = shop, staff, buyer, seen
        self.database, self.system = shop.database, shop.system
        self.order, self.payment = shop.services.order, shop.services.payment
        self.orders: list[Order] = []
        self.items: list[list[UUID]] = []  # the lines of each order
        self.places: list[int] = []  # the present order of each place of the script, among all
        self.wallet = Wallet(shop)
        self.cards: list[Card] = []
        self.repeats: dict[int, Callable[[], Awaitable[Any]]] = {}
        self.started_at = shop.clock.now()

    @classmethod
    async def opened(cls, bank: Bank, database: Database, owner: Any, seen: Counter[str]) -> Self:
        """A new shop with its orders, one of goods of two rates and one of gift cards; no payment is made yet."""
        clock, company_id = bank.clock(), await make_company(owner)
        services = services_of(clock, database, adapters=bank.adapters)
        shop = Storefront(services, database, clock, company_id, owner)
        await bank.open(shop)
        await shop.run(lambda tx: update_settings(services, tx, shop.system, TERMS))
        await shop.run(lambda tx: flat_rate(services.shipping, tx, "5.00"))
        await shop.stock("A", 50, "9.95")
        await shop.stock("B", 50, "4.95", tax_class_id=await shop.tax_class("REDUCED", Decimal("0.05")))
        await shop.stock("CARD", None, "9.95", is_gift_card=True)
        made = cls(bank, shop, await shop.staff(), await shop.customer(), seen)
        for wanted in ((("A", 1), ("B", 1)), (("CARD", 2),)):
            made.places.append(await made.add(await shop.buy(made.buyer, *wanted)))
        made.cards = [await made.wallet.card(balance) for balance in CARDS]
        await made.wallet.credit(made.buyer, CREDIT)
        return made

    async def add(self, order: Order) -> int:
        """Follow an order; its number among all."""
        self.orders.append(order)
        lines = await self.shop.owner.fetch("select id from order_items where order_id = $1 order by id", order.id)
        self.items.append([line["id"] for line in lines])
        return len(self.orders) - 1

    async def replace(self, place: int, order: Order) -> None:
        """Have a new order at a place of the script. The earlier one is only looked at from now on."""
        self.places[place] = await self.add(order)
        self.repeats.pop(place, None)

    def order_at(self, place: int) -> Order:
        """The present order of a place of the script, as it was created."""
        return self.orders[self.places[place]]

    async def run(self, script: Sequence[Round]) -> None:
        """Carry a script out, then the jobs until nothing is due. Raises AssertionError with the broken rules."""
        for number, each in enumerate(script):
            await self.round(each)
            assert not (broken := await rules.broken_now(self)), (f"after round {number}", broken)
        await self.settle()
        assert not (broken := await rules.broken_at_last(self)), ("at last", broken)

    async def round(self, given: Round) -> None:
        """The steps of a round, at once."""
        arm([given.crash] if given.crash else [])
        self.bank.lose_answers(given.lost)
        try:
            done = await asyncio.gather(*(self.step(each) for each in given.steps), return_exceptions=True)
        finally:
            arm([])
            self.bank.lose_answers(0)
        for error in done:
            if error is not None:
                raise error

    async def step(self, step: Step) -> None:
        """One step. What is refused and what is interrupted is counted too."""
        try:
            await act(self, step)
            self.seen[step.kind] += 1
        except* EXPECTED as errors:
            self.seen.update(f"{step.kind}: {type(error).__name__}" for error in _leaves(errors))

    async def settle(self) -> None:
        """Run the jobs until nothing is due. Webhooks that were lost are found in the provider's list."""
        self.shop.clock.advance(timedelta(minutes=16))
        for _ in range(MAX_RUNS):
            provider = await self.payment.accounts.opened(self.reader, self.bank.name)
            events = await provider.events_since(self.started_at)
            await self.payment.webhooks.store_listed(self.database, self.system, self.bank.name, events)
            await self.order.webhooks.process_due(self.database, self.system)
            await self.order.reconciliation.reconcile(self.database, self.system)
            await self.order.expiry.end_unpaid(self.database, self.system)
            await self.order.expiry.end_refunded(self.database, self.system)
            self.shop.clock.advance(timedelta(minutes=3))
            if not await self.due():
                break

    async def due(self) -> list[str]:
        """What the jobs still have to do."""
        reconciliation = self.payment.reconciliation
        due = [f"{each.status} payment" for each in await reconciliation.due_payments(self.reader)]
        due += [f"{each.status} refund" for each in await reconciliation.due_refunds(self.reader)]
        webhooks = await self.shop.owner.fetch(DUE_WEBHOOKS, self.shop.company_id)
        return due + [f"webhook {row['event_type']}: {row['error']}" for row in webhooks]

    @property
    def reader(self) -> Any:
        return self.database.reader(self.shop.company_id)

    async def held(self, payment: Payment) -> Held:
        """What the provider has of a payment; of one by gift card or store credit, what was spent and returned."""
        if payment.tender_id is not None:
            return Held(1, payment.amount_captured, payment.amount_refunded, payment.amount_charged_back)
        return await self.bank.held(payment)

    async def payments(self, order: int) -> list[Payment]:
        """The payments of an order, oldest first."""
        return await self.payment.payments_of(self.reader, [self.orders[order].id])


def _leaves(errors: BaseExceptionGroup[Any]) -> Iterator[BaseException]:
    for each in errors.exceptions:
        yield from _leaves(each) if isinstance(each, BaseExceptionGroup) else [each]
