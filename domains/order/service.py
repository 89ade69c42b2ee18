"""OrderService: the methods of the class diagram, and the parts of the order domain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.permissions import PermissionAction
from domains.kernel.settings import SettingsTable
from domains.order import data, policy
from domains.order.allocation.reallocation import Reallocations
from domains.order.cancellation import Cancellation
from domains.order.checkout.checkout import Checkout
from domains.order.discounts.manual_discounts import ManualDiscounts
from domains.order.editing.edits import Edits
from domains.order.editing.new_lines import NewLines
from domains.order.errors import OrderNotFound
from domains.order.exchanges.exchanges import Exchanges
from domains.order.expiry import Expiry
from domains.order.export import Export
from domains.order.fulfilment.bulk_fulfilment import BulkFulfilment
from domains.order.fulfilment.followed_shipments import ShipmentFollowing
from domains.order.fulfilment.holds import Holds
from domains.order.fulfilment.lookup import ParcelLookup
from domains.order.fulfilment.parcels import Parcels
from domains.order.fulfilment.progress import Progress
from domains.order.fulfilment.returned_parcels import ReturnedParcels
from domains.order.fulfilment.status import Fulfilment
from domains.order.gift_cards.returns import FailedReturns
from domains.order.handlers import Purchases
from domains.order.invoices.invoices import Invoices
from domains.order.labels.label_purchases import LabelPurchases
from domains.order.models import (
    CreatedOrder,
    NewOrder,
    Order,
    OrderAddress,
    OrderAdjustment,
    OrderFilter,
    OrderItem,
    OrderPromotion,
    OrderSettings,
    OrderStatus,
    OrderStatusHistory,
    OrderTax,
    OrderTicket,
)
from domains.order.notes.notes import Notes
from domains.order.packing.packing_lists import PackingLists
from domains.order.payments.captures import Captures
from domains.order.payments.confirmation import Confirmation
from domains.order.payments.manual_payments import ManualPayments
from domains.order.payments.payments import PaymentData, Payments
from domains.order.payments.reconciliation import Reconciliation
from domains.order.payments.refunds import Refunds
from domains.order.payments.webhooks import Webhooks
from domains.order.policy import may_reach
from domains.order.search.listing import OrderSearch, OrderSort
from domains.order.timeline import Timeline
from domains.payment.personal_data import PaymentDetails
from domains.pricing.models import Quote, Terms
from domains.pricing.quote import quote
from domains.promotion.rules import Buyer, DiscountRule, PricedLine


@dataclass(frozen=True, slots=True)
class ShipmentTracking:
    """What orders make of the way of their shipments: they follow it, take goods back, and show it to recipients."""

    following: ShipmentFollowing
    returned: ReturnedParcels
    lookup: ParcelLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderService:
    """Orders. Methods that take a `Database` run their own transactions, around calls to the payment provider."""

    settings: SettingsTable[OrderSettings]
    checkout: Checkout
    payments: Payments
    confirmation: Confirmation
    manual_payments: ManualPayments
    captures: Captures
    refunds: Refunds
    cancellation: Cancellation
    discounts: ManualDiscounts
    new_lines: NewLines
    exchanges: Exchanges
    edits: Edits
    fulfilment: Fulfilment
    bulk_fulfilment: BulkFulfilment
    parcels: Parcels
    progress: Progress
    shipment_tracking: ShipmentTracking
    reallocations: Reallocations
    notes: Notes
    holds: Holds
    expiry: Expiry
    reconciliation: Reconciliation
    webhooks: Webhooks
    search: OrderSearch
    timeline: Timeline
    export: Export
    purchases: Purchases
    failed_returns: FailedReturns
    label_purchases: LabelPurchases
    invoices: Invoices
    packing_lists: PackingLists
    payment_details: PaymentDetails

    async def create_order(self, tx: Tx, actor: Actor, new_order: NewOrder, ticket: OrderTicket) -> CreatedOrder:
        """Create an order from the actor's cart, with new quotes; its units are reserved, and the cart is emptied.

        The order number follows the company's pattern. The order can be paid until the company's time limit; a free
        one is CONFIRMED at once. It is taxed for its shipping address, and stores its taxes. Gift cards and store
        credit of the cart pay it in the same transaction: one that they pay completely is PAID at once. A guest's
        order is returned with its token. Raises GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders,
        CartNotFound, CartEmpty, ProductUnavailable, PriceChanged, TenderBalanceChanged, PromoCodeRefused,
        InsufficientStock, PromotionExhausted, CouponExhausted, AddressNotFound, Required, TooLong, InvalidInput,
        VatNumberMalformed, VatNumberCheckDigitWrong, VatNumberOfAnotherCountry, VatNumberUnsupported, OutOfRange and
        TooManyDecimals for the expected amounts, and NumberTaken if an earlier pattern gave the same number.

        Emits CartChanged, StockReserved, BackorderCreated, StockChanged, StockRanLow, StockRanOut, PromotionUsedUp,
        CouponUsedUp, OrderCreated, OrderConfirmed for a free order, and for one of
        digital goods StockSold and OrderCompleted; PaymentCaptured for each tender, and OrderPaid.
        """
        return await self.checkout.complete(tx, actor, new_order, ticket)

    async def process_payment(
        self, db: Database | Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData
    ) -> Order:
        """Pay an order through a provider, or accept it without a capture (invoice, cash on delivery).

        A payment whose buyer has not completed it is cancelled at its provider first. `payments.start` answers with
        the payment too.
        While the provider has not answered, the order is PAYMENT_PENDING; the reconciliation finds the outcome. After
        a decline it is PENDING again, its units still reserved. Raises OrderNotFound, OrderNotPayable, OrderExpired,
        PaymentInProgress, PaymentDeclined, PaymentMethodNotAccepted, CardUsedUp, Required, MethodNotKept, and as
        `PaymentService.accepting`. The payment has the id of the attempt. Emits OrderPaymentStarted; PaymentCaptured,
        OrderPaid, OrderCompleted, GiftCardIssued; PaymentAuthorized; OrderConfirmed or OrderAwaitsAcceptance; or
        PaymentFailed, OrderPaymentDeclined. After the time limit a decline emits OrderFailed, StockReleased,
        StockChanged, BackInStock, and a capture is cancelled: PaymentCancelled.
        """
        return await self.payments.pay(db, actor, order_id, payment_data)

    async def cancel_order(
        self,
        db: Database | Attempt,
        actor: Actor,
        order_id: UUID,
        *,
        reason: str | None = None,
        token: str | None = None,
    ) -> Order:
        """Cancel an order before it is shipped: units and promotions are released, captured amounts are refunded.

        The order is CANCELLED, or REFUNDED once the provider has refunded all of it; the refund has the id of
        the attempt. Its gift cards are taken back. Raises OrderNotFound, OrderNotCancellable, GiftCardsSpent,
        TooLong, and RefundPermissionRequired for staff who cancel a paid order without ORDERS:MANAGE. Emits
        StockReleased, StockChanged, BackInStock, ShipmentCancelled, OrderCancelled; for a paid order
        also GiftCardWasDisabled, PaymentRefunded and OrderRefunded, or RefundFailed.
        """
        return await self.cancellation.cancel(db, actor, order_id, reason=reason, token=token)

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
        """Record the fact that leads to a status: CONFIRMED, PROCESSING, SHIPPED (all units left) or DELIVERED.

        The resulting status differs if the order was refunded before. Raises OrderNotFound,
        StatusNotSettable for any other status, StatusNotAllowed, OrderBeingRefunded for shipping an order whose
        payment is being refunded, TooLong. Emits ShipmentCreated,
        ShipmentDispatched, StockSold, ShipmentStatusChanged, OrderStatusChanged, OrderCompleted.
        """
        return await self.fulfilment.update_status(
            tx, actor, order_id, status, comment=comment, tracking_number=tracking_number
        )

    def guest_token(self, order: Order, cart_token: str | None) -> str | None:
        """The token of a guest's order, for a client with the token of its cart; otherwise None."""
        if order.guest_token_hash is None or cart_token is None:
            return None
        token = policy.guest_token(cart_token, order.id)
        return token if digest(token) == order.guest_token_hash else None

    async def get_order_by_id(self, db: Reader, actor: Actor, order_id: UUID, *, token: str | None = None) -> Order:
        """An order of the actor, of the token, or any with ORDERS:READ. Raises OrderNotFound."""
        order = await data.order.find_unique(db, id=order_id)
        return _require_visible(order, actor, token)

    async def get_order_by_number(self, db: Reader, actor: Actor, number: str, *, token: str | None = None) -> Order:
        """Get an order by its number, as by its id."""
        order = await data.order.find_unique(db, order_number=number)
        return _require_visible(order, actor, token, field=("number",))

    async def get_order_by_token(self, db: Reader, token: str) -> Order:
        """A guest's order by its token. Raises OrderNotFound."""
        order = await data.order.find_unique(db, guest_token_hash=digest(token))
        if order is None:
            raise OrderNotFound(field=("order_token",))
        return order

    async def get_user_orders(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        filters: OrderFilter | None = None,
        sort: OrderSort = OrderSort.CREATED_AT,
        *,
        descending: bool = True,
    ) -> Page[Order]:
        """One page of the actor's orders; with ORDERS:READ of all orders, unless the filter has `mine`.

        One statement, one more for staff who search. Raises Unauthenticated for guests, PermissionDenied for other
        users' orders, InvalidInput for contradictory page arguments, CursorInvalid, RangeInverted, TooLong.
        """
        return await self.search.find(db, actor, args, filters or OrderFilter(), sort, descending=descending)

    async def orders_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Order]:
        """Orders by id, in no order; for callers who may see them. One statement."""
        return await data.order.find_many(db, where={"id": {"in": list(ids)}})

    async def visible_orders(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Order]:
        """The orders of these ids that the actor may see without a token, in no order. One statement."""
        orders = await self.orders_by_id(db, ids)
        return [order for order in orders if may_reach(actor, order, None, PermissionAction.READ)]

    async def items_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderItem]:
        """The lines of orders, in the order of the cart. One statement."""
        where: data.OrderItemWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_item.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def items_by_id(self, db: Reader, ids: Collection[UUID]) -> list[OrderItem]:
        """The lines with these ids, in no order; for those who may see their orders. One statement."""
        return await data.order_item.find_many(db, where={"id": {"in": list(ids)}})

    async def history_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderStatusHistory]:
        """Every change of the orders' status, oldest first. One statement."""
        where: data.OrderStatusHistoryWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_status_history.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def promotions_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderPromotion]:
        """The promotions that discount the orders. One statement."""
        where: data.OrderPromotionWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_promotion.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def adjustments_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderAdjustment]:
        """The discounts of the orders' lines and shipping, in the order in which they apply. One statement."""
        where: data.OrderAdjustmentWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_adjustment.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def adjustments_of_items(self, db: Reader, item_ids: Collection[UUID]) -> list[OrderAdjustment]:
        """The discounts of lines, in the order in which they apply. One statement."""
        where: data.OrderAdjustmentWhere = {"order_item_id": {"in": list(item_ids)}}
        return await data.order_adjustment.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def taxes_of(self, db: Reader, order_ids: Collection[UUID]) -> list[OrderTax]:
        """The taxes of the orders' lines and shipping. One statement."""
        where: data.OrderTaxWhere = {"order_id": {"in": list(order_ids)}}
        return await data.order_tax.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def taxes_of_items(self, db: Reader, item_ids: Collection[UUID]) -> list[OrderTax]:
        """The taxes of lines, for those who may see their orders. One statement."""
        where: data.OrderTaxWhere = {"order_item_id": {"in": list(item_ids)}}
        return await data.order_tax.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def addresses_by_id(self, db: Reader, ids: Sequence[UUID]) -> list[OrderAddress]:
        """The frozen addresses of these ids, in no order. One statement."""
        return await data.order_address.find_many(db, where={"id": {"in": list(ids)}})

    @staticmethod
    def calculate_total(
        items: Sequence[PricedLine], promotions: Sequence[DiscountRule], terms: Terms, buyer: Buyer, now: datetime
    ) -> Quote:
        """The amounts of lines, as carts show and orders store them; a pure function."""
        return quote(items, promotions, terms.taxes, terms.shipping, buyer, now)


def _require_visible(
    order: Order | None, actor: Actor, token: str | None, *, field: Sequence[str] = ("order_id",)
) -> Order:
    if order is None or not may_reach(actor, order, token, PermissionAction.READ):
        raise OrderNotFound(field=field)
    return order
