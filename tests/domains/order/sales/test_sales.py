"""What orders earn, write off and give back is posted once, with the change of the order that it follows from."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domains.kernel.actor import Actor
from domains.kernel.values.money import Money
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import Payment, TransactionStatus, TransactionType
from domains.payment.providers.requests import PaymentReference
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.payments.capture_steps import capture
from tests.domains.order.sales.ledger_entries import balances_of, entries_of, kinds_of, rows_of
from tests.domains.order.storefront import DECLINED, Storefront
from tests.domains.shipping.zones import flat_rate

D = Decimal
SALE = ("SALE", [("1100", D("26.90")), ("2000", D("-3.19")), ("4000", D("-16.81")), ("4100", D("-6.90"))])
PAYMENT = ("PAYMENT", [("1200.MOCK", D("26.90")), ("1100", D("-26.90"))])
NOTE = [("2000", D("3.19")), ("4000", D("16.81")), ("4100", D("6.90")), ("1100", D("-26.90"))]


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer of a shop with prices that include 19 % of tax, and shipping for 6.90 EUR."""
    await shop.stock("A", 9)
    await shop.run(lambda tx: shop.services.tax.settings.update(tx, {"tax_rate": D("0.19")}, "EUR"))
    await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, "6.90"))
    return await shop.customer()


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    """An order of two units that waits to be paid."""
    return await shop.buy(ada, ("A", 2))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[ProviderTransaction]:
    """The transactions that the provider tells of a payment when it is looked up."""
    told: list[ProviderTransaction] = []

    async def find(_provider: MockPayments, payment: PaymentReference) -> ProviderPayment:
        answer = ProviderPayment(ProviderStatus.SUCCEEDED, payment.provider_id, payment.amount)
        return replace(answer, transactions=tuple(told))

    monkeypatch.setattr(MockPayments, "find", find)
    return told


def moved(shop: Storefront, kind: TransactionType, status: TransactionStatus, amount: str) -> ProviderTransaction:
    return ProviderTransaction("tx_1", kind, status, Money(D(amount), "EUR"), shop.clock.now())


async def look_up(shop: Storefront, payment: Payment) -> Order:
    return (await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment))[0]


async def refund(shop: Storefront, clerk: Actor, order: Order, new: NewRefund) -> Order:
    return (await shop.services.order.refunds.refund(shop.database, clerk, order.id, new))[0]


async def move(shop: Storefront, clerk: Actor, order: Order, *statuses: OrderStatus) -> None:
    for status in statuses:
        await shop.run(
            lambda tx, status=status: shop.services.order.update_status(tx, clerk, order.id, status), clerk
        )


async def paid_in_part(shop: Storefront, ada: Actor, clerk: Actor, order: Order) -> Payment:
    """A payment that was authorized in full and of which 20.00 EUR were captured."""
    await shop.authorize(ada, order)
    return (await capture(shop, clerk, await shop.payment_of(order), D(20)))[1]


async def test_a_capture_posts_the_sale_with_its_rates_and_country(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    assert await entries_of(shop, order) == []
    await shop.pay(ada, order)
    assert sorted(await entries_of(shop, order)) == [PAYMENT, SALE]
    rows = [row for row in await rows_of(shop, order) if row["kind"] == "SALE"]
    assert [(row["tax_rate"], row["country"]) for row in rows] == [
        (None, None),
        (D("0.19"), "GB"),
        (D("0.19"), "GB"),
        (0, "GB"),
    ]
    assert {row["source_kind"] for row in rows} == {"order"}


async def test_an_order_that_is_accepted_first_is_sold_once(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order
) -> None:
    await shop.accept(ada, order)
    assert await entries_of(shop, order) == [SALE]
    await shop.run(lambda tx: shop.services.order.manual_payments.mark_paid(tx, clerk, order.id), clerk)
    by_hand = ("PAYMENT", [("1050", D("26.90")), ("1100", D("-26.90"))])
    assert await entries_of(shop, order) == [SALE, by_hand]


async def test_an_authorization_of_the_total_posts_the_sale_and_the_capture_the_payment(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order
) -> None:
    await shop.authorize(ada, order)
    assert await entries_of(shop, order) == [SALE]
    await capture(shop, clerk, await shop.payment_of(order))
    assert await entries_of(shop, order) == [SALE, PAYMENT]


async def test_an_order_that_is_never_paid_posts_nothing(shop: Storefront, ada: Actor, order: Order) -> None:
    with pytest.raises(Exception, match="declined"):
        await shop.pay(ada, order, DECLINED)
    shop.clock.advance(timedelta(hours=1))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 1
    other = await shop.buy(ada, ("A", 1))
    await shop.services.order.cancel_order(shop.database, ada, other.id)
    assert await shop.count("ledger_entries") == 0


async def test_a_cancellation_before_any_payment_reverses_the_sale(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.accept(ada, order)
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert await kinds_of(shop, order) == ["SALE", "CANCELLATION"]
    assert await balances_of(shop, order) == {}


async def test_a_cancellation_of_a_paid_order_gives_everything_back(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.pay(ada, order)
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert ("CREDIT_NOTE", NOTE) in await entries_of(shop, order)
    assert sorted(await kinds_of(shop, order)) == ["CREDIT_NOTE", "PAYMENT", "REFUND", "SALE"]
    assert await balances_of(shop, order) == {}


async def test_a_refund_of_units_takes_back_their_sale_and_tax(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order
) -> None:
    await shop.pay(ada, order)
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    new = NewRefund(lines=[RefundedUnits(item.id, 1)], shipping_amount=D(2), adjustment=D(-1))
    await refund(shop, clerk, order, new)
    note = [
        ("2000", D("1.60")),
        ("4000", D("8.40")),
        ("4100", D("2.00")),
        ("4900", D("-1.00")),
        ("1100", D("-11.00")),
    ]
    assert ("CREDIT_NOTE", note) in await entries_of(shop, order)
    assert await balances_of(shop, order) == {
        "1200.MOCK": D("15.90"),
        "2000": D("-1.59"),
        "4000": D("-8.41"),
        "4100": D("-4.90"),
        "4900": D("-1.00"),
    }
    await refund(shop, clerk, order, NewRefund())
    assert await balances_of(shop, order) == {}


async def test_what_is_not_captured_of_a_cancelled_order_is_written_off(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order
) -> None:
    await paid_in_part(shop, ada, clerk, order)
    assert (await balances_of(shop, order))["1100"] == D("6.90")
    await shop.services.order.cancel_order(shop.database, clerk, order.id)
    entries = await entries_of(shop, order)
    assert ("CANCELLATION", [("4900", D("6.90")), ("1100", D("-6.90"))]) in entries
    assert await balances_of(shop, order) == {}


async def test_what_is_not_captured_of_a_refunded_order_is_written_off_at_its_delivery(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order, answers: list[ProviderTransaction]
) -> None:
    payment = await paid_in_part(shop, ada, clerk, order)
    await move(shop, clerk, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    answers.append(moved(shop, TransactionType.REFUND, TransactionStatus.SUCCEEDED, "20"))
    assert (await look_up(shop, payment)).status is OrderStatus.SHIPPED
    assert (await balances_of(shop, order))["1100"] == D("6.90")
    await move(shop, clerk, order, OrderStatus.DELIVERED)
    assert "1100" not in await balances_of(shop, order)
    answers[0] = replace(answers[0], status=TransactionStatus.FAILED)
    assert (await look_up(shop, payment)).status is OrderStatus.DELIVERED
    assert await balances_of(shop, order) == {
        "1100": D("6.90"),
        "1200.MOCK": D("20.00"),
        "2000": D("-3.19"),
        "4000": D("-16.81"),
        "4100": D("-6.90"),
    }
    assert sorted(await kinds_of(shop, order)) == sorted(
        ["SALE", "PAYMENT", "REFUND", "CREDIT_NOTE", "CANCELLATION", "REFUND", "CREDIT_NOTE_REVERSAL", "REOPENING"]
    )
    await refund(shop, clerk, order, NewRefund())
    assert await balances_of(shop, order) == {}


async def test_a_chargeback_is_a_loss_until_it_is_won(
    shop: Storefront, ada: Actor, order: Order, answers: list[ProviderTransaction]
) -> None:
    await shop.pay(ada, order)
    payment = await shop.payment_of(order)
    answers.append(moved(shop, TransactionType.CHARGEBACK, TransactionStatus.PENDING, "26.90"))
    for _ in range(2):
        await look_up(shop, payment)
    balances = await balances_of(shop, order)
    assert balances == {"2000": D("-3.19"), "4000": D("-16.81"), "4100": D("-6.90"), "6100": D("26.90")}
    answers[0] = replace(answers[0], status=TransactionStatus.FAILED)
    await look_up(shop, payment)
    balances = await balances_of(shop, order)
    assert balances == {"1200.MOCK": D("26.90"), "2000": D("-3.19"), "4000": D("-16.81"), "4100": D("-6.90")}


async def test_a_free_order_posts_nothing(shop: Storefront, ada: Actor) -> None:
    await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, "0"))
    await shop.promotion(code="FREE", discount_value=D(100))
    await shop.fill(ada, ("A", 1))
    await shop.apply(ada, "FREE")
    order = (await shop.place(ada)).order
    assert order.status is OrderStatus.CONFIRMED
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert await shop.count("ledger_entries") == 0


async def test_many_who_see_a_refund_at_once_post_it_once(
    shop: Storefront, ada: Actor, order: Order, answers: list[ProviderTransaction]
) -> None:
    await shop.pay(ada, order)
    payment = await shop.payment_of(order)
    answers.append(moved(shop, TransactionType.REFUND, TransactionStatus.SUCCEEDED, "26.90"))
    await asyncio.gather(*(look_up(shop, payment) for _ in range(4)))
    note = ("CREDIT_NOTE", [("4900", D("26.90")), ("1100", D("-26.90"))])
    assert [entry for entry in await entries_of(shop, order) if entry[0] == "CREDIT_NOTE"] == [note]


async def test_a_refund_that_takes_the_place_of_a_failed_one_has_its_own_credit_note(
    shop: Storefront, ada: Actor, clerk: Actor, order: Order, answers: list[ProviderTransaction]
) -> None:
    await shop.pay(ada, order)
    payment = await shop.payment_of(order)
    await refund(shop, clerk, order, NewRefund(shipping=True))
    reader = shop.database.reader(shop.company_id)
    (shipping,) = await shop.services.payment.refunds.of_payments(reader, [payment.id])
    failed = moved(shop, TransactionType.REFUND, TransactionStatus.FAILED, "6.90")
    answers.append(replace(failed, id=shipping.provider_refund_id or ""))
    answers.append(moved(shop, TransactionType.REFUND, TransactionStatus.SUCCEEDED, "6.90"))
    await look_up(shop, payment)
    assert await balances_of(shop, order) == {
        "1200.MOCK": D("20.00"),
        "2000": D("-3.19"),
        "4000": D("-16.81"),
        "4100": D("-6.90"),
        "4900": D("6.90"),
    }


async def test_a_charge_that_takes_the_place_of_a_failed_one_is_posted_once(
    shop: Storefront, ada: Actor, order: Order, answers: list[ProviderTransaction]
) -> None:
    await shop.pay(ada, order)
    payment = await shop.payment_of(order)
    charge = await shop.owner.fetchval(
        "select provider_transaction_id from payment_transactions where payment_id = $1", payment.id
    )
    failed = moved(shop, TransactionType.CHARGE, TransactionStatus.FAILED, "26.90")
    answers.append(replace(failed, id=charge))
    answers.append(moved(shop, TransactionType.CHARGE, TransactionStatus.SUCCEEDED, "26.90"))
    await look_up(shop, payment)
    assert sorted(await entries_of(shop, order)) == [PAYMENT, SALE]
