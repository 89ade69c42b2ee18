"""Refunds of returns to the cent: any parts, fees, methods, currencies, taxes, discounts and payments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.errors import OutOfRange
from domains.kernel.values.money import minor_unit, round_half_up
from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import OrderStatus
from domains.returns.models import ReturnRefundMethod, ReturnRequest, ReturnStatus
from domains.returns.refunds.errors import FeeTooLarge
from domains.returns.refunds.models import RefundedItem
from gateway.graphql.company.settings import update_settings
from tests.domains.order.example_loop import ExampleLoop, open_example_loop
from tests.domains.order.tenders.wallet import Wallet
from tests.domains.returns.delivered_orders import DeliveredOrder, delivery
from tests.domains.returns.test_refunds import refund
from tests.domains.shipping.zones import flat_rate

START: Final = datetime(2096, 11, 21, 12, tzinfo=UTC)
BOUNDS: Final = settings(
    max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
NOTHING: Final = Decimal(0)
# What the payments of an order captured and gave back, and what its refunds and the returns say.
SUMS: Final = """
select (select sum(amount_captured) from payments where order_id = $1) as captured,
  (select sum(amount_refunded) from payments where order_id = $1) as given_back,
  (select bool_and(amount_refunded <= amount_captured) from payments where order_id = $1) as is_covered,
  (select coalesce(sum(amount), 0) from refunds where order_id = $1 and status = 'SUCCEEDED') as refunded,
  (select coalesce(sum(amount), 0) from return_refunds where order_id = $1 and status = 'COMPLETED') as of_returns
"""
IN_EXCHANGE: Final = """
select coalesce(sum(case side when 'DEBIT' then amount else -amount end), 0) from ledger_lines
where company_id = $1 and account = '1150'
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Units of an item to refund, by a method, less so many per cent."""

    item: int
    units: int
    method: ReturnRefundMethod
    fee: int


@dataclass(frozen=True, slots=True)
class Case:
    """An order of two products in minor units, and how its return is refunded. A gift card pays `on_card`."""

    rate: Decimal
    prices_include_tax: bool
    prices: tuple[int, int]
    quantities: tuple[int, int]
    discount: Decimal
    on_card: int
    exchange_price: int
    steps: list[Step]


@st.composite
def cases(draw: Callable[[Any], Any]) -> Case:
    """An order, and steps that use each method."""
    methods = draw(st.permutations([*ReturnRefundMethod, *draw(st.lists(st.sampled_from(ReturnRefundMethod)))]))
    fees = st.sampled_from([0, 0, 0, 10, 33, 100])
    quantities = st.integers(1, 7)
    return Case(
        Decimal(draw(st.sampled_from(["0", "0.07", "0.19", "0.081"]))),
        draw(st.booleans()),
        (draw(st.integers(1, 9_999)), draw(st.integers(100, 30_001))),
        (draw(quantities), draw(quantities)),
        Decimal(draw(st.sampled_from(["10", "33.3333", "7.25", "50"]))),
        draw(st.integers(1, 20_000)),
        draw(st.integers(1, 9_999)),
        [Step(draw(st.integers(0, 1)), draw(st.integers(1, 4)), method, draw(fees)) for method in methods[:6]],
    )


@dataclass
class Refunding:
    """A return of all goods of an order, with what is left of each item: units, and their amount."""

    delivered: DeliveredOrder
    clerk: Actor
    request: ReturnRequest
    exchanged_for: UUID
    ids: list[UUID]
    left: list[tuple[int, Decimal]]
    refunded: Decimal = NOTHING

    async def take(self, step: Step) -> None:
        """Refund units as a step says, and compare every sum."""
        units, amount = self.left[step.item]
        count = min(step.units, units)
        if not count:
            return
        currency = self.delivered.order.currency
        value = amount if count == units else round_half_up(amount * count / units, currency)
        fee = round_half_up(value * step.fee / 100, currency)
        lines = [RefundedItem(self.ids[step.item], count)]
        if value - fee <= 0:
            with pytest.raises((FeeTooLarge, OutOfRange)):
                await self._refund(lines=lines, method=step.method, fee=fee)
        else:
            made = await self._refund(lines=lines, method=step.method, fee=fee)
            assert sum(row.amount for row in made.refunds) == value - fee
            assert sum(row.fee for row in made.refunds) == fee
            self.left[step.item] = (units - count, amount - value)
            self.refunded += value - fee
        await self.require_sums()

    async def finish(self) -> None:
        """Refund all that is left without a fee: each item had exactly its amount."""
        if sum(amount for _, amount in self.left):
            self.refunded += sum(amount for _, amount in self.left)
            made = await self._refund(fee=NOTHING)
            assert made.request.status is ReturnStatus.PROCESSED
        await self.require_sums()
        totals = {item.id: item.total_price for item in self.delivered.items}
        for item in await self.delivered.items_of(self.request):
            assert item.refund_amount == totals[item.order_item_id]

    async def _refund(self, **given: Any) -> Any:
        wanted = [NewOrderLine(product_id=self.exchanged_for, quantity=1)]
        return await refund(self.delivered, self.clerk, self.request, exchange=wanted, **given)

    async def require_sums(self) -> None:
        """The order, its payments, its refunds and its return agree, and nothing is refunded that was not paid."""
        shop, order = self.delivered.shop, await self.delivered.current()
        sums = await shop.owner.fetchrow(SUMS, order.id)
        assert sums["is_covered"]
        assert (sums["captured"], order.amount_refunded) == (order.total, self.refunded)
        assert sums["given_back"] == sums["refunded"] == sums["of_returns"] == self.refunded
        assert await shop.owner.fetchval(IN_EXCHANGE, shop.company_id) == 0


async def returned(examples: ExampleLoop, case: Case, currency: str) -> Refunding:
    """A new shop with a return of all goods of a paid order."""
    shop = examples.shop(await examples.company(), FixedClock(START))
    unit = minor_unit(currency)
    terms: Any = {
        "currency": currency,
        "tax_rate": case.rate,
        "prices_include_tax": case.prices_include_tax,
        "unit_price_decimals": 4,
    }
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, terms))
    await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, 499 * unit, None))
    await shop.promotion(code="OFF", discount_value=case.discount)
    for sku, price in zip("AB", case.prices, strict=True):
        await shop.stock(sku, 10, str(price * unit))
    exchanged_for = await shop.stock("X", None, str(case.exchange_price * unit))
    buyer, wallet = await shop.customer(), Wallet(shop)
    await shop.fill(buyer, *zip("AB", case.quantities, strict=True))
    await shop.apply(buyer, "OFF")
    await wallet.apply(buyer, await wallet.card(str(case.on_card * unit)))
    order = (await shop.place(buyer)).order
    if order.status is not OrderStatus.PAID:
        order = await shop.pay(buyer, order)
    delivered = await delivery(shop, buyer, order)
    request = await delivered.approve(await delivered.request(*case.quantities))
    request = await delivered.receive(request, *case.quantities)
    items = {item.order_item_id: item.id for item in await delivered.items_of(request)}
    return Refunding(
        delivered,
        await shop.staff(),
        request,
        exchanged_for.id,
        [items[item.id] for item in delivered.items],
        [(item.quantity, item.total_price) for item in delivered.items],
    )


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_any_refunds_of_a_return_give_back_its_goods_to_the_cent(admin_url: str, currency: str) -> None:
    with open_example_loop(admin_url) as examples:

        @BOUNDS
        @given(case=cases())
        def refund_in_steps(case: Case) -> None:
            refunding = examples.run(returned(examples, case, currency))
            for step in case.steps:
                examples.run(refunding.take(step))
            examples.run(refunding.finish())
            assert examples.run(refunding.delivered.shop.broken()) == []
            examples.seen["cases"] += 1

        refund_in_steps()
        assert examples.seen["cases"] >= BOUNDS.max_examples
