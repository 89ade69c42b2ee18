"""The payments of the demo's orders at the MOCK provider: each way to pay, captures, refunds and a dispute."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import set_to
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.values.money import Money, round_half_up
from domains.kernel.values.secret import Secret
from domains.order.models import Order
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.cards import CardDetails, has_check_digit
from domains.payment.errors import PaymentDeclined
from domains.payment.models import CaptureMode, Payment
from domains.payment.providers.requests import HostedCheckout, PaymentInstrument, PaymentReference, RefundRequest
from gateway.providers.mock import declines
from gateway.providers.mock.mock_payments import MockPayments
from gateway.services import Services

FEE: Final = Decimal("-2.50")  # what a return costs
GOODWILL: Final = Decimal("3.00")
EXPIRY_YEAR: Final = 2099


class Way(StrEnum):
    """A way to pay an order other than a card that is charged at once."""

    THREE_D_SECURE = auto()
    HOSTED = auto()
    SAVED_METHOD = auto()
    AUTHORIZED = auto()
    VOIDED = auto()
    PARTLY_CAPTURED = auto()
    REPLACED = auto()


class Later(StrEnum):
    """What becomes of a payment days later."""

    LINE_REFUND = auto()
    SHIPPING_REFUND = auto()
    REFUND_AT_PROVIDER = auto()
    DISPUTE = auto()


# By the index of the order; all others are paid by a card that is charged at once.
WAYS: Final[Mapping[int, Way]] = {
    20: Way.REPLACED,
    30: Way.PARTLY_CAPTURED,
    33: Way.SAVED_METHOD,
    34: Way.VOIDED,
    35: Way.THREE_D_SECURE,
    36: Way.HOSTED,
    37: Way.AUTHORIZED,
}
LATER: Final[Mapping[int, Later]] = {
    21: Later.DISPUTE,
    24: Later.SHIPPING_REFUND,
    26: Later.REFUND_AT_PROVIDER,
    27: Later.LINE_REFUND,
}


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer: an account, or a guest with an address, and their card."""

    actor: Actor
    name: str
    email: str
    card: CardDetails


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """An order, and the token of a guest's order."""

    order: Order
    token: str | None


Pay: TypeAlias = Callable[[Buyer, CreatedOrder], Awaitable[object]]
Step: TypeAlias = Callable[[UUID], Awaitable[None]]


class DemoPayments:
    """Pays orders through the services, as buyers and staff do, and plays the buyer's part at the MOCK provider.

    In a shop that is not the demo's own, no settings are changed, and all orders are paid by cards.
    """

    def __init__(self, services: Services, db: Database, staff: Actor, mock: MockPayments, *, is_own: bool) -> None:
        self._services = services
        self._db = db
        self._staff = staff
        self._system = Actor.system(staff.company_id)
        self._mock = mock
        self._ways = WAYS if is_own else {}

    async def pay(self, index: int, buyer: Buyer, created: CreatedOrder) -> None:
        """Pay an order on its day, some after a declined card."""
        if index % 10 == 3:
            with suppress(PaymentDeclined):
                await self._start(buyer, created, card_of(declines.DECLINES))
        ways: Mapping[Way, Pay] = {
            Way.THREE_D_SECURE: self._authenticated,
            Way.HOSTED: self._hosted,
            Way.SAVED_METHOD: self._by_saved_method,
            Way.AUTHORIZED: self._held,
            Way.VOIDED: self._voided,
            Way.PARTLY_CAPTURED: self._partly_captured,
            Way.REPLACED: self._replaced,
        }
        way = self._ways.get(index)
        await (ways[way] if way else self._by_card)(buyer, created)

    async def follow_up(self, index: int, order_id: UUID, at: datetime) -> None:
        """Refund the order or dispute its payment, days after it was paid at `at`."""
        steps: Mapping[Later, Step] = {
            Later.LINE_REFUND: self._refund_line,
            Later.SHIPPING_REFUND: self._refund_shipping,
            Later.REFUND_AT_PROVIDER: self._refund_at_provider,
            Later.DISPUTE: self._dispute,
        }
        later = LATER.get(index)
        if later is None:
            return
        with set_to(at + timedelta(days=7)):
            await steps[later](order_id)

    # ---- on the day of the order

    async def _by_card(self, buyer: Buyer, created: CreatedOrder) -> None:
        await self._start(buyer, created, buyer.card)

    async def _authenticated(self, buyer: Buyer, created: CreatedOrder) -> None:
        await self._approved(buyer, created, card_of(declines.AUTHENTICATES))

    async def _hosted(self, buyer: Buyer, created: CreatedOrder) -> None:
        await self._approved(buyer, created, HostedCheckout())

    async def _by_saved_method(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Save a method as its customer, and pay with it."""
        payment = self._services.payment
        setup = await payment.method_setups.begin(self._db, buyer.actor)
        if setup.next_action is not None:
            await self._mock.complete_setup(_reference(setup.next_action.url))
        finished = await payment.method_setups.finish(self._db, buyer.actor, setup.id)
        if finished.method is not None:
            reader = self._db.reader(self._staff.company_id)
            chosen = await payment.saved_methods.choose(reader, buyer.actor, finished.method.id)
            await self._start(buyer, created, chosen.instrument)

    async def _held(self, buyer: Buyer, created: CreatedOrder) -> Payment:
        """Pay by a card whose capture is left to staff."""
        async with self._manual_capture():
            return await self._start(buyer, created, buyer.card)

    async def _voided(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Let staff void an authorization, because the buyer pays by another card."""
        payment = await self._held(buyer, created)
        captures, reason = self._services.order.captures, "The buyer pays by another card"
        with self._after(hours=2):
            await captures.void(self._db, self._staff, payment.id, reason=reason)
        with self._after(hours=3):
            await self._start(buyer, created, card_of(declines.APPROVES))

    async def _partly_captured(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Capture half of an authorization; another card pays the rest."""
        payment = await self._held(buyer, created)
        half = round_half_up(payment.amount / 2, payment.currency)
        with self._after(hours=2):
            await self._services.order.captures.capture(self._db, self._staff, payment.id, amount=half)
        with self._after(hours=3):
            await self._start(buyer, created, card_of(declines.APPROVES))

    async def _replaced(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Leave the provider's page without a payment, and pay by card."""
        await self._start(buyer, created, HostedCheckout())
        with self._after(minutes=5):
            await self._by_card(buyer, created)

    async def _approved(self, buyer: Buyer, created: CreatedOrder, instrument: PaymentInstrument) -> None:
        """Pay, approve the payment on the provider's page, and return to the shop."""
        payment, confirmation = await self._start(buyer, created, instrument), self._services.order.confirmation
        with self._after(minutes=2):
            await self._mock.complete_action(payment.id, succeeds=True)
            await confirmation.confirm(self._db, buyer.actor, payment.id, token=created.token)

    async def _start(self, buyer: Buyer, created: CreatedOrder, instrument: PaymentInstrument) -> Payment:
        given = PaymentData(instrument=instrument, provider=self._mock.name, token=created.token)
        payments = self._services.order.payments
        return (await payments.start(self._db, buyer.actor, created.order.id, given)).payment

    def _after(self, *, hours: int = 0, minutes: int = 0) -> AbstractContextManager[None]:
        """What happens this long after the moment at which the clock stands."""
        return set_to(self._db.clock.now() + timedelta(hours=hours, minutes=minutes))

    @asynccontextmanager
    async def _manual_capture(self) -> AsyncIterator[None]:
        """Let the company capture payments by hand meanwhile."""
        await self._set_capture_mode(CaptureMode.MANUAL)
        try:
            yield
        finally:
            await self._set_capture_mode(CaptureMode.AUTOMATIC)

    async def _set_capture_mode(self, mode: CaptureMode) -> None:
        settings = self._services.payment.settings
        await self._db.run(lambda tx: settings.update(tx, {"capture_mode": mode}), self._system)

    # ---- days later

    async def _refund_line(self, order_id: UUID) -> None:
        """Refund a unit of the first line, less the fee of a return."""
        items = await self._services.order.items_of(self._db.reader(self._staff.company_id), [order_id])
        units = [RefundedUnits(items[0].id, 1)]
        await self._refund(order_id, NewRefund(lines=units, adjustment=FEE, reason="Sent back one"))

    async def _refund_shipping(self, order_id: UUID) -> None:
        await self._refund(order_id, NewRefund(shipping=True, adjustment=GOODWILL, reason="Arrived late"))

    async def _refund(self, order_id: UUID, new: NewRefund) -> None:
        await self._services.order.refunds.refund(self._db, self._staff, order_id, new)

    async def _refund_at_provider(self, order_id: UUID) -> None:
        """Refund a tenth on the provider's own pages, of which the shop hears afterwards."""
        payment = await self._payment_of(order_id)
        amount = Money(round_half_up(payment.amount / 10, payment.currency), payment.currency)
        reference = PaymentReference(payment.id, payment.provider_transaction_id)
        await self._mock.refund(RefundRequest(new_id(), reference, amount))
        await self._look_up(payment)

    async def _dispute(self, order_id: UUID) -> None:
        """Let the buyer's bank take the payment back."""
        payment = await self._payment_of(order_id)
        await self._mock.dispute(payment.id)
        await self._look_up(payment)

    async def _look_up(self, payment: Payment) -> None:
        await self._services.order.reconciliation.look_up(self._db, self._system, payment)

    async def _payment_of(self, order_id: UUID) -> Payment:
        reader = self._db.reader(self._staff.company_id)
        return (await self._services.payment.payments_of(reader, [order_id]))[0]


def card_of(number: str) -> CardDetails:
    """A test card of the MOCK provider."""
    return CardDetails(Secret(number), 12, EXPIRY_YEAR, Secret("123"))


def approved_card(index: int) -> CardDetails:
    """The approved card of a buyer. Each buyer has one, because a card pays few first orders."""
    digits = f"{declines.APPROVES_ALL}{index:09}"
    return card_of(next(number for check in "0123456789" if has_check_digit(number := digits + check)))


def staff_of(company_id: UUID, user_id: UUID) -> Actor:
    """The administrator, with the permission to manage orders."""
    grants = frozenset({Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)})
    return Actor(ActorKind.USER, company_id, user_id=user_id, grants=grants)


def _reference(url: str | None) -> UUID:
    """The reference at the end of the address of a page of the MOCK provider."""
    return UUID((url or "").rpartition("/")[2])
