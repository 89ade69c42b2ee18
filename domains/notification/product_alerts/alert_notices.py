"""Notices of product alerts: everyone who waits is told, once, when the wish has come true."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.auth.service import AuthService
from domains.catalog.events import PriceChanged
from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.service import CatalogService
from domains.inventory.events import BackInStock
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope
from domains.kernel.settings import SettingsTable
from domains.kernel.values.money import Money
from domains.notification.models import NewNotification, NotificationKind, NotificationSettings
from domains.notification.notifications import Notifications, by_types
from domains.notification.product_alerts import sql
from domains.notification.product_alerts.models import ProductAlertKind, ProductStockAlert
from domains.notification.product_alerts.product_alerts import BATCH_SIZE, is_in_stock, stock_of
from domains.notification.product_alerts.sql import Present

CHECK_EVERY: Final = timedelta(hours=1)
CHECKED_AT_ONCE: Final = 500
KINDS: Final[Mapping[ProductAlertKind, NotificationKind]] = {
    ProductAlertKind.BACK_IN_STOCK: NotificationKind.BACK_IN_STOCK,
    ProductAlertKind.PRICE_DROP: NotificationKind.PRICE_DROP,
}


class AlertNotices:
    """Creates the notifications of alerts, by the present stock and price of their products."""

    topics: Final = (BackInStock.topic, PriceChanged.topic)

    def __init__(
        self,
        auth: AuthService,
        catalog: CatalogService,
        inventory: InventoryService,
        notifications: Notifications,
        settings: SettingsTable[NotificationSettings],
    ) -> None:
        self._auth = auth
        self._catalog = catalog
        self._inventory = inventory
        self._notifications = notifications
        self._settings = settings

    async def handle(self, tx: Tx, event: Envelope) -> None:
        """Tell those who wait for the products of an event."""
        payload = event.payload
        named = payload["items"] if event.topic == BackInStock.topic else [payload]
        await self.tell(tx, {UUID(str(each["product_id"])) for each in named})

    async def check(self, tx: Tx) -> int:
        """Tell a batch of alerts that were not looked at for an hour; returns their number.

        It finds what no event told: a product that is published again, or an alert that was created meanwhile.
        """
        products = await sql.check(tx, tx.clock.now() - CHECK_EVERY, CHECKED_AT_ONCE)
        await self.tell(tx, set(products))
        return len(products)

    async def tell(self, tx: Tx, product_ids: Collection[UUID]) -> int:
        """Tell those who wait for these products, as far as they are sold; returns the number of alerts.

        An alert is marked in the transaction of its notification. One statement when no one waits; otherwise three,
        and three for each 1,000 alerts. Stock that is sold out again, and a price that rose again, tell no one.
        """
        keys = await sql.waiting_keys(tx, product_ids, tx.clock.now()) if product_ids else []
        if not keys:
            return 0
        offers = {key: offer for key, offer in (await self._catalog.offers.find(tx, keys)).items() if offer.is_sold}
        present, told = await self._present(tx, offers), 0
        while taken := await sql.take(tx, present, BATCH_SIZE) if present else []:
            await self._create(tx, taken, offers)
            told += len(taken)
            if len(taken) < BATCH_SIZE:
                break
        return told

    async def _present(self, db: Reader, offers: Mapping[OfferKey, Offer]) -> list[Present]:
        levels = await stock_of(self._inventory, db, offers.values())
        return [
            Present(*key, is_in_stock(offer, levels), offer.price.amount, offer.price.currency)
            for key, offer in offers.items()
        ]

    async def _create(self, tx: Tx, alerts: Sequence[ProductStockAlert], offers: Mapping[OfferKey, Offer]) -> None:
        user_ids = {alert.user_id for alert in alerts if alert.user_id is not None}
        users = await self._auth.users.find(tx, list(user_ids)) if user_ids else []
        addresses = {user.id: user.email for user in users if user.is_active}
        storefront = (await self._settings.current(tx)).storefront_url
        created = [
            each
            for alert in alerts
            if (address := alert.email or addresses.get(alert.user_id or alert.id)) is not None
            for each in by_types(
                _notification(alert, address, offers[alert.product_id, alert.variant_id], storefront)
            )
        ]
        await self._notifications.create(tx, created)


def _notification(alert: ProductStockAlert, address: str, offer: Offer, storefront: str | None) -> NewNotification:
    variables: dict[str, Any] = {"product": product_variables(offer, storefront)}
    if alert.kind is ProductAlertKind.PRICE_DROP:
        variables |= {
            "old_price": str(Money(alert.price, alert.currency).shown()),
            "new_price": str(offer.price.shown()),
            "currency": alert.currency,
        }
    return NewNotification(
        kind=KINDS[alert.kind],
        dedupe_key=f"product alert {alert.id}",
        recipient=address,
        user_id=alert.user_id,
        language=alert.language,
        variables=variables,
        metadata={"product_id": str(alert.product_id), "product_alert_id": str(alert.id)},
    )


def product_variables(offer: Offer, storefront: str | None) -> dict[str, str | None]:
    """A product in the variables of a template, with its address in the shop when that is known."""
    image = (offer.variant and offer.variant.image) or offer.product.image
    return {
        "name": offer.product.name,
        "variant": offer.variant.name if offer.variant else None,
        "url": f"{storefront.rstrip('/')}/products/{offer.product.slug}" if storefront else None,
        "image_url": image if image and image.startswith("https://") else None,
    }
