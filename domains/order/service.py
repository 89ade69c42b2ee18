"""OrderService: from a cart to a delivered parcel; each use case stands in a module of its own."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction
from domains.kernel.values.networks import network_of
from domains.order import (
    cancellation,
    data,
    expiry,
    fulfilment,
    manual_payments,
    payments,
    policy,
    reconciliation,
    refunds,
    timeline,
)
from domains.order.below import Below
from domains.order.checkout import checkout, limits, numbers
from domains.order.errors import OrderNotFound
from domains.order.export import export as exported
from domains.order.handlers import Purchases
from domains.order.models import (
    NewOrder,
    Order,
    OrderAddress,
    OrderFilter,
    OrderItem,
    OrderPromotion,
    OrderStatus,
    OrderStatusHistory,
    OrderTicket,
    PlacedOrder,
)
from domains.order.payments import PaymentData, WhenPaid
from domains.order.policy import may_reach
from domains.order.search import index, listing
from domains.order.search.listing import OrderSort
from domains.order.timeline import OrderStory
from domains.payment.models import PaymentMethod, Refund
from domains.promotion.totals import Buyer, PricedLine, PromotionTerms, Terms, Totals, calculate


class OrderService:
    """Orders. What takes a `Database` opens its own transactions, around calls to the payment provider."""

    def __init__(self, below: Below, purchases: Purchases) -> None:
        self._below = below
        self.purchases = purchases

    # ---- making and moving

    async def take_ticket(self, db: Database, actor: Actor, address: str | None = None) -> OrderTicket:
        """What `create_order` needs, taken by a transaction of its own before the order's begins. One statement.

        Its number is no other order's of the company; one that is not used leaves a gap. By the client's `address`
        orders that wait to be paid are limited. Raises Busy.
        """
        number = await db.run_alone(numbers.next_number, actor)
        return OrderTicket(number, network_of(address) if address else None)

    async def create_order(self, tx: Tx, actor: Actor, given: NewOrder, ticket: OrderTicket) -> PlacedOrder:
        """Order the actor's cart: checked and priced anew, its goods reserved, the cart emptied.

        The company's pattern writes the ticket's number with the day. The order waits to be paid as long as the
        company's settings say; one that costs nothing is CONFIRMED at once. A guest's order comes with the token that
        opens it. Raises GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders, CartNotFound, CartEmpty,
        ProductUnavailable, PriceChanged, CodeRefused, InsufficientStock, PromotionExhausted, AddressNotFound,
        Required, TooLong, InvalidInput, and NumberTaken where an earlier pattern wrote the same. Emits OrderCreated,
        OrderConfirmed for a free one, and StockChanged.
        """
        return await checkout.place(self._below, tx, actor, given, ticket)

    async def accepted_methods(self, db: Reader, actor: Actor) -> list[PaymentMethod]:
        """The ways of paying that the company offers to the actor. Raises CompanyNotFound."""
        return limits.accepted_methods(await self._below.company.current(db), actor)

    async def process_payment(
        self,
        db: Database,
        actor: Actor,
        order_id: UUID,
        given: PaymentData,
        *,
        when_paid: WhenPaid = payments.tell_nobody,
    ) -> Order:
        """Pay an order by card, or have it accepted without a capture (invoice, cash on delivery).

        An order whose outcome the provider does not tell in time comes back as PAYMENT_PENDING; `settle` finds it
        out. After a decline the order is PENDING again, its goods still reserved. Raises OrderNotFound,
        OrderNotPayable, OrderExpired, PaymentInProgress, PaymentDeclined, Required. Emits OrderPaid, OrderConfirmed
        or OrderPaymentDeclined. `when_paid` is called in the transaction that makes it PAID, with the order.
        """
        return await payments.pay(self._below, db, actor, order_id, given, when_paid)

    async def mark_paid(self, tx: Tx, actor: Actor, order_id: UUID, *, reference: str | None = None) -> Order:
        """Mark an accepted order as paid: its whole total came by hand; for staff with ORDERS:MANAGE.

        CONFIRMED becomes PAID; an order that is processed, shipped or delivered stays so and has `paid_at`. The
        method is the order's, INVOICE when it has none; `reference` stands in the history. Raises OrderNotFound,
        OrderNotMarkable, PaymentInProgress while a card may still pay it, TooLong. Emits OrderPaid.
        """
        return await manual_payments.mark_paid(self._below, tx, actor, order_id, reference=reference)

    async def cancel_order(
        self,
        db: Database,
        actor: Actor,
        order_id: UUID,
        *,
        reason: str | None = None,
        token: str | None = None,
        attempt: UUID | None = None,
    ) -> Order:
        """Call an order off before it is shipped: its goods and promotions are free, what was paid goes back.

        CANCELLED, or REFUNDED once the provider has given all of it back; `attempt` is the refund's id. Raises
        OrderNotFound, OrderNotCancellable, CancellingRefunds for staff who cancel a paid order without ORDERS:MANAGE,
        TooLong. Emits OrderCancelled, OrderRefunded, StockChanged.
        """
        return await cancellation.cancel(
            self._below, db, actor, order_id, reason=reason, token=token, attempt=attempt
        )

    async def refund_order(
        self,
        db: Database,
        actor: Actor,
        order_id: UUID,
        *,
        amount: Decimal | None = None,
        reason: str | None = None,
        attempt: UUID | None = None,
    ) -> tuple[Order, Refund]:
        """Give back some of what was paid, or with no amount all that is left; for staff with ORDERS:MANAGE.

        A whole refund ends the order: REFUNDED at once, its goods free, where it was not shipped; when it arrives
        where it is on its way. A refund that the provider does not answer stays PENDING and is sent again by
        `settle`. Raises OrderNotFound, OrderNotRefundable, RefundTooLarge, InvalidInput. Emits OrderRefunded, and
        OrderCancelled and StockChanged where it was not shipped.
        """
        return await refunds.refund(self._below, db, actor, order_id, amount=amount, reason=reason, attempt=attempt)

    async def update_status(
        self,
        tx: Tx,
        actor: Actor,
        order_id: UUID,
        status: OrderStatus,
        comment: str | None = None,
        *,
        tracking_number: str | None = None,
    ) -> Order:
        """Move an order on: CONFIRMED, PROCESSING, SHIPPED (its units leave the stock) or DELIVERED.

        Raises OrderNotFound, StatusFollowsFacts for a status that nobody sets by hand, StatusNotAllowed,
        OrderBeingRefunded for what would be shipped while all its money goes back, TooLong.
        Emits OrderStatusChanged, StockChanged.
        """
        return await fulfilment.update_status(
            self._below, tx, actor, order_id, status, comment=comment, tracking_number=tracking_number
        )

    async def expire(self, tx: Tx) -> int:
        """End one order that was not paid in time, its goods free again; 0 when there is none. Emits OrderFailed."""
        return await expiry.expire_one(self._below, tx)

    async def end_refunded(self, tx: Tx) -> int:
        """End one order that was wholly refunded before it was shipped and was not ended then, its goods free again.

        0 when there is none. A refund ends its order at once; this finds what an earlier version left.
        Emits OrderCancelled, StockChanged.
        """
        return await expiry.end_refunded_one(self._below, tx)

    async def index_outdated(self, tx: Tx) -> int:
        """Make anew what some orders of an earlier version are searched by; how many, 0 when all are done."""
        return await index.index_outdated(tx)

    async def settle(self, db: Database, actor: Actor) -> int:
        """Find out what became of open payments and refunds of the actor's company; how many there were."""
        return await reconciliation.settle(self._below, db, actor)

    # ---- reading

    def now(self) -> datetime:
        """The time by which orders and cards expire."""
        return self._below.clock.now()

    async def time_zone(self, db: Reader) -> str:
        """The time zone by which the company's orders are numbered and exported (IANA). Raises CompanyNotFound."""
        return (await self._below.company.current(db)).time_zone

    def guest_token(self, order: Order, cart_token: str | None) -> str | None:
        """The token of a guest's order again, for who holds the token of the cart that it was ordered from."""
        if order.guest_token_hash is None or cart_token is None:
            return None
        token = policy.guest_token(cart_token, order.id)
        return token if digest(token) == order.guest_token_hash else None

    async def get_order_by_id(self, db: Reader, actor: Actor, order_id: UUID, *, token: str | None = None) -> Order:
        """An order that is the actor's own, opens to the token, or is seen with ORDERS:READ. Raises OrderNotFound."""
        order = await data.order.find_unique(db, id=order_id)
        return _seen(order, actor, token)

    async def get_order_by_number(self, db: Reader, actor: Actor, number: str, *, token: str | None = None) -> Order:
        """The same, by the order's number."""
        return _seen(await data.order.find_unique(db, order_number=number), actor, token)

    async def get_order_by_token(self, db: Reader, token: str) -> Order:
        """A guest's order by the token that came with it. Raises OrderNotFound."""
        order = await data.order.find_unique(db, guest_token_hash=digest(token))
        if order is None:
            raise OrderNotFound(field=("order_token",))
        return order

    async def get_user_orders(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        wanted: OrderFilter | None = None,
        sort: OrderSort = OrderSort.CREATED_AT,
        *,
        descending: bool = True,
    ) -> Page[Order]:
        """One page of the actor's orders; with ORDERS:READ of everybody's, unless the filter says `mine`.

        One statement, one more for staff who search. Raises Unauthenticated for guests, PermissionDenied for other
        people's orders, InvalidInput for page arguments and for ranges that nothing lies in, TooLong.
        """
        return await listing.find(self._below, db, actor, args, wanted or OrderFilter(), sort, descending=descending)

    async def orders_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Order]:
        """Orders by id, in no order; for those who may already know of them."""
        return await data.order.find_many(db, where={"id": {"in": list(ids)}})

    async def items_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderItem]:
        """The lines of orders, as they were ordered. One statement."""
        where: data.OrderItemWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_item.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def history_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderStatusHistory]:
        """Every change of the orders' status, oldest first. One statement."""
        where: data.OrderStatusHistoryWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_status_history.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def promotions_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderPromotion]:
        """What took something off the orders. One statement."""
        where: data.OrderPromotionWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_promotion.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def addresses_by_id(self, db: Reader, ids: Sequence[UUID]) -> list[OrderAddress]:
        """The frozen addresses of these ids, in no order. One statement."""
        return await data.order_address.find_many(db, where={"id": {"in": list(ids)}})

    async def story_of(self, db: Reader, number: str) -> OrderStory:
        """Everything that happened to an order, by its number. Raises OrderNotFound."""
        return await timeline.story_of(self._below, db, number)

    def export(self, db: Reader, wanted: OrderFilter | None = None) -> AsyncIterator[bytes]:
        """The company's orders as CSV, oldest first, a row for each line; for whoever may export.

        Of the filter, whose orders they are and what is searched ask nothing here. Four statements for 250 orders.
        Raises InvalidInput for ranges that nothing lies in.
        """
        return exported(self._below, db, wanted or OrderFilter())

    @staticmethod
    def calculate_total(
        items: Sequence[PricedLine], promotions: Sequence[PromotionTerms], terms: Terms, buyer: Buyer, now: datetime
    ) -> Totals:
        """What lines come to: the figures that carts show and orders store, from one pure function."""
        return calculate(items, promotions, terms, buyer, now)


def _seen(order: Order | None, actor: Actor, token: str | None) -> Order:
    if order is None or not may_reach(actor, order, token, PermissionAction.READ):
        raise OrderNotFound(field=("id",))
    return order
