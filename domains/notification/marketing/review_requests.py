"""Review requests: some days after an order was delivered, its buyer is asked for reviews of what it had."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.catalog.products.offers import Offer
from domains.catalog.service import CatalogService
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope
from domains.notification.checks import Variables
from domains.notification.marketing.audience import Audience
from domains.notification.models import NewNotification, NotificationKind
from domains.notification.notifications import Notifications
from domains.notification.orders.order_notices import ORDER_ID
from domains.notification.orders.order_notifications import is_late
from domains.notification.orders.told_orders import ToldOrder, ToldOrders
from domains.notification.product_alerts.alert_notices import product_variables
from domains.notification.sql import Loaded
from domains.order.events import OrderCompleted
from domains.order.models import OrderStatus
from domains.review.service import ReviewService

MOST_PRODUCTS: Final = 20


class ReviewRequests:
    """Creates the request of an order when the order is completed, and checks it when it is sent.

    Guests are not asked, because only users review.
    """

    topics: Final = (OrderCompleted.topic,)

    def __init__(
        self,
        audience: Audience,
        orders: ToldOrders,
        catalog: CatalogService,
        reviews: ReviewService,
        notifications: Notifications,
    ) -> None:
        self._audience = audience
        self._orders = orders
        self._catalog = catalog
        self._reviews = reviews
        self._notifications = notifications

    async def ask(self, tx: Tx, event: Envelope) -> None:
        """Create the request of an order, once, for the time that the settings say. Four statements at most."""
        days = (await self._audience.settings.current(tx)).review_request_days
        if not days or event.payload["user_id"] is None or is_late(tx, event):
            return
        order = await self._orders.find(tx, UUID(event.payload[ORDER_ID]))
        if order is None or order.user_id is None:
            return
        address = (await self._audience.addresses(tx, [order.user_id])).get(order.user_id)
        if address is None:
            return
        request = NewNotification(
            kind=NotificationKind.REVIEW_REQUEST,
            dedupe_key=f"{NotificationKind.REVIEW_REQUEST} {order.id}",
            recipient=address,
            user_id=order.user_id,
            language=order.language,
            metadata={ORDER_ID: str(order.id)},
            scheduled_at=tx.clock.now() + timedelta(days=days),
        )
        await self._notifications.create(tx, [request])

    async def current(self, db: Reader, waiting: Sequence[Loaded]) -> Mapping[UUID, Variables]:
        """The present orders with the products that are still to be reviewed. Seven statements at most.

        A request is stale when nothing is left of the order that its buyer keeps, has not reviewed and can find in
        the shop; when the order was refunded in full; and when the user is disabled or has another address.
        """
        about = [each for each in waiting if ORDER_ID in each.notification.metadata]
        found: dict[UUID, Variables] = {
            each.notification.id: {} for each in waiting if ORDER_ID not in each.notification.metadata
        }
        valid = await self._audience.with_their_address(db, about) if about else []
        ids = {UUID(each.notification.metadata[ORDER_ID]) for each in valid}
        orders = [each for each in await self._orders.find_all(db, ids) if each.status is OrderStatus.DELIVERED]
        if not orders:
            return found
        told = {each.order.id: each for each in await self._orders.told_all(db, orders)}
        products = await self._products(db, list(told.values()))
        storefront = (await self._audience.settings.current(db)).storefront_url
        for each in valid:
            order_id = UUID(each.notification.metadata[ORDER_ID])
            if offers := products.get(order_id):
                found[each.notification.id] = {
                    "order": told[order_id].variables,
                    "products": [_product(offer, storefront) for offer in offers[:MOST_PRODUCTS]],
                }
        return found

    async def _products(self, db: Reader, told: Sequence[ToldOrder]) -> Mapping[UUID, list[Offer]]:
        """The products of orders that their buyers keep, can find and have not reviewed. Two statements."""
        kept = {each.order.id: _kept(each) for each in told}
        keys = {(product_id, None) for ids in kept.values() for product_id in ids}
        offers = {key[0]: offer for key, offer in (await self._catalog.offers.find(db, keys)).items()}
        buyers = {each.order.id: each.order.user_id for each in told}
        pairs = [(user, each) for order, ids in kept.items() if (user := buyers[order]) is not None for each in ids]
        reviewed = await self._reviews.listing.reviewed(db, pairs)
        return {
            order: [
                offers[each]
                for each in ids
                if each in offers and offers[each].is_listed and (buyers[order], each) not in reviewed
            ]
            for order, ids in kept.items()
        }


def _kept(told: ToldOrder) -> list[UUID]:
    """The products of an order of which units are left, each once; gift cards are not reviewed."""
    left = [each for each in told.items if each.quantity > each.dropped_quantity + each.returned_quantity]
    return list(dict.fromkeys(each.product_id for each in left if not each.is_gift_card))


def _product(offer: Offer, storefront: str | None) -> dict[str, Any]:
    variables = product_variables(offer, storefront)
    return {name: variables[name] for name in ("name", "url", "image_url")}
