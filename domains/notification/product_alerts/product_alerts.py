"""Product alerts: users and guests ask to be told once when a product is back in stock or cheaper."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.policy import require_user_id
from domains.cart.errors import VariantRequired
from domains.catalog.errors import ProductNotFound, VariantNotFound
from domains.catalog.products.offers import Offer
from domains.catalog.service import CatalogService
from domains.inventory.models import StockLevel
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.settings import SettingsTable
from domains.kernel.values.money import require_amount
from domains.notification import data
from domains.notification.models import NotificationCategory, NotificationSettings
from domains.notification.product_alerts import sql
from domains.notification.product_alerts.errors import (
    ProductAlertLimitExceeded,
    ProductAlertNotFound,
    ProductInStock,
    TargetPriceTooHigh,
)
from domains.notification.product_alerts.models import NewProductAlert, ProductAlertKind, ProductStockAlert
from domains.notification.product_alerts.sql import Wish
from domains.notification.suppressions.suppressions import Suppressions
from domains.order.invoices.languages import require_language

MOST_WAITING: Final = 50
BATCH_SIZE: Final = 1_000


class ProductAlerts:
    """Creates and deletes product alerts."""

    def __init__(
        self,
        catalog: CatalogService,
        inventory: InventoryService,
        settings: SettingsTable[NotificationSettings],
        suppressions: Suppressions,
    ) -> None:
        self._catalog = catalog
        self._inventory = inventory
        self._settings = settings
        self._suppressions = suppressions

    async def create(self, tx: Tx, actor: Actor, new: NewProductAlert) -> ProductStockAlert:
        """Create the alert of a user, or renew the one that waits for the same, with the present price.

        It expires after the days that the settings say, and takes back a refusal of alerts by the link of an e-mail.
        Seven statements, one for settings that are not remembered, and one for a refusal. Raises Unauthenticated,
        ProductAlertLimitExceeded with 50 others that wait, and as `wish_of`.
        """
        user_id = require_user_id(actor)
        alert = await self.store(tx, await self.wish_of(tx, new, user_id=user_id))
        await self._suppressions.resubscribe_user(tx, user_id, NotificationCategory.ALERTS)
        return alert

    async def wish_of(
        self, db: Reader, new: NewProductAlert, *, user_id: UUID | None = None, email: str | None = None
    ) -> Wish:
        """The alert to store for a user or a guest, with the present price. At most two statements.

        Raises ProductNotFound, VariantNotFound, VariantRequired, ProductInStock for an alert of stock,
        LanguageInvalid, and for a target price InvalidInput, OutOfRange, TooManyDecimals and TargetPriceTooHigh.
        """
        language = require_language(new.language) if new.language else None
        offer = _require_sold((await self._catalog.offers.find(db, [new.key])).get(new.key), new)
        if new.kind is ProductAlertKind.BACK_IN_STOCK and await self._is_in_stock(db, offer):
            raise ProductInStock(offer.name)
        _require_target(offer, new)
        return Wish(
            product_id=new.product_id,
            variant_id=new.variant_id,
            kind=new.kind,
            language=language,
            price=offer.price.amount,
            target_price=new.target_price,
            currency=offer.price.currency,
            name=offer.name,
            user_id=user_id,
            email=email,
        )

    async def store(self, tx: Tx, wish: Wish) -> ProductStockAlert:
        """Store an alert. Two statements. Raises ProductAlertLimitExceeded."""
        settings = await self._settings.current(tx)
        owner = str(wish.user_id) if wish.email is None else mailbox_of(wish.email)
        expires_at = tx.clock.now() + timedelta(days=settings.alert_days)
        alert = await sql.store(tx, wish, owner, expires_at=expires_at, most=MOST_WAITING)
        if alert is None:
            raise ProductAlertLimitExceeded(MOST_WAITING)
        return alert

    async def delete(self, tx: Tx, actor: Actor, alert_id: UUID) -> ProductStockAlert:
        """Delete an alert of the actor's own; with USERS:UPDATE any. Raises ProductAlertNotFound."""
        alert = await data.product_stock_alert.find_unique(tx, id=alert_id, lock=True)
        if alert is None or not may_change(actor, alert):
            raise ProductAlertNotFound(alert_id)
        return await data.product_stock_alert.delete(tx, id=alert_id)

    async def delete_expired(self, tx: Tx) -> int:
        """Delete a batch of expired alerts and codes; returns their number. One statement."""
        return await sql.delete_expired(tx, BATCH_SIZE)

    async def find_by_id(self, db: Reader, actor: Actor, ids: Sequence[UUID]) -> list[ProductStockAlert]:
        """The alerts of these ids that the actor may see, in no order. One statement."""
        rows = await data.product_stock_alert.find_many(db, where={"id": {"in": list(ids)}})
        return [row for row in rows if may_see(actor, row)]

    async def _is_in_stock(self, db: Reader, offer: Offer) -> bool:
        levels = await stock_of(self._inventory, db, [offer])
        return is_in_stock(offer, levels)


async def stock_of(inventory: InventoryService, db: Reader, offers: Iterable[Offer]) -> Mapping[str, StockLevel]:
    """The stock of those that are tracked, by SKU. One statement, or none."""
    skus = {offer.sku for offer in offers if offer.is_tracked and offer.sku}
    return await inventory.listing.levels(db, skus) if skus else {}


def is_in_stock(offer: Offer, levels: Mapping[str, StockLevel]) -> bool:
    """Whether units are available now, apart from those on backorder; always what is not tracked."""
    level = levels.get(offer.sku or "")
    return not offer.is_tracked or (level is not None and level.available > 0)


def may_see(actor: Actor, alert: ProductStockAlert) -> bool:
    """Whether an actor may see an alert: its user, and staff with USERS:READ."""
    return actor.owns(alert.user_id) or actor.can(PermissionResource.USERS, PermissionAction.READ)


def may_change(actor: Actor, alert: ProductStockAlert) -> bool:
    """Whether an actor may delete an alert: its user, and staff with USERS:UPDATE."""
    return actor.owns(alert.user_id) or actor.can(PermissionResource.USERS, PermissionAction.UPDATE)


def _require_sold(offer: Offer | None, new: NewProductAlert) -> Offer:
    """The offer. Raises ProductNotFound, VariantNotFound or VariantRequired unless customers can buy this."""
    if offer is None or not offer.is_listed:
        raise ProductNotFound(new.product_id, field=("product_id",))
    if new.variant_id is None and offer.needs_variant:
        raise VariantRequired(offer.name)
    if not offer.is_sold:
        raise VariantNotFound(new.variant_id or new.product_id, field=("variant_id",))
    return offer


def _require_target(offer: Offer, new: NewProductAlert) -> None:
    if new.target_price is None:
        return
    if new.kind is not ProductAlertKind.PRICE_DROP:
        raise InvalidInput("A price is of alerts of the kind PRICE_DROP.", field=("target_price",))
    if require_amount(new.target_price, offer.price.currency, field=("target_price",)) >= offer.price.amount:
        raise TargetPriceTooHigh
