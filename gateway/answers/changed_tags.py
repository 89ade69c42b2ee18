"""The tags that each event changes: which cached answers it removes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.auth import events as auth
from domains.catalog import events as catalog
from domains.company import events as company
from domains.inventory import events as inventory
from domains.kernel.events import Event
from domains.notification import events as notification
from domains.promotion import events as promotion
from domains.review import events as review
from domains.shipping import events as shipping
from gateway.answers.dependencies import ANY, SHOP, Kind, tag

Payload: TypeAlias = Mapping[str, Any]
Ids: TypeAlias = "Callable[[Payload], Iterable[object]]"
SETTINGS: Final = ".settings_updated"
UNSHOWN_SETTINGS: Final = {
    inventory.InventorySettingsUpdated.topic,
    notification.NotificationSettingsUpdated.topic,
    shipping.ShippingSettingsUpdated.topic,
}
"""Changes of settings that no cached answer shows: how orders are allocated, and when they are sent; e-mails."""
EVERY_COMPANY: Final = "*"
MAX_TAGS: Final = 200


def _product(payload: Payload) -> Iterable[object]:
    return [payload["product_id"]]


def _products_of(name: str) -> Ids:
    return lambda payload: {line["product_id"] for line in payload[name]}


def _any(_payload: Payload) -> Iterable[object]:
    return ()


CHANGES: Final[Mapping[str, Mapping[Kind, Ids]]] = {
    catalog.ProductCreated.topic: {Kind.PRODUCT: _any},
    catalog.ProductUpdated.topic: {Kind.PRODUCT: _product},
    catalog.ProductDeleted.topic: {Kind.PRODUCT: _product},
    catalog.ProductAvailabilityChanged.topic: {Kind.PRODUCT: _any},  # which products are listed, not their units
    catalog.CategoryChanged.topic: {Kind.SHOP: _any},
    catalog.CategoryDeleted.topic: {Kind.SHOP: _any},
    company.CompanyCreated.topic: {Kind.SHOP: _any},
    company.CompanyUpdated.topic: {Kind.SHOP: _any},
    company.CompanyDeactivated.topic: {Kind.SHOP: _any},
    company.CompanyActivated.topic: {Kind.SHOP: _any},
    inventory.StockAdjusted.topic: {Kind.STOCK: _products_of("items")},
    inventory.StockReserved.topic: {Kind.STOCK: _products_of("lines")},
    inventory.BackorderTermsUpdated.topic: {Kind.STOCK: _products_of("items")},
    inventory.BackorderCreated.topic: {Kind.STOCK: _products_of("lines")},
    inventory.BackorderCancelled.topic: {Kind.STOCK: _products_of("lines")},
    inventory.StockReleased.topic: {Kind.STOCK: _products_of("lines")},
    promotion.PromotionCreated.topic: {Kind.PROMOTION: _any},
    promotion.PromotionUpdated.topic: {Kind.PROMOTION: _any},
    promotion.PromotionDeleted.topic: {Kind.PROMOTION: _any},
    promotion.PromotionUsedUp.topic: {Kind.PROMOTION: _any},
    review.ReviewCreated.topic: {Kind.PRODUCT: _product},  # all lists of reviews depend on products too
    review.ReviewUpdated.topic: {Kind.REVIEW: _any, Kind.PRODUCT: _product},
    review.ReviewModerated.topic: {Kind.REVIEW: _any, Kind.PRODUCT: _product},
    review.ReviewDeleted.topic: {Kind.REVIEW: _any, Kind.PRODUCT: _product},
    auth.UserUpdated.topic: {Kind.REVIEW: _any},  # reviews show their authors' names
    auth.UserErased.topic: {Kind.REVIEW: _any},
    auth.UserMerged.topic: {Kind.REVIEW: _any},
}

OF_EVERY_COMPANY: Final = {auth.UserUpdated.topic}  # emitted in one; an erased account has its event in none


def topics_of(declared: Iterable[type[Event]]) -> list[str]:
    """The topics of events that change cached answers: those of `CHANGES`, and of all changes of settings."""
    return sorted({*CHANGES, *(event.topic for event in declared if shows_settings(event.topic))})


def shows_settings(topic: str) -> bool:
    """Whether the event tells of settings that cached answers show."""
    return topic.endswith(SETTINGS) and topic not in UNSHOWN_SETTINGS


def changed_tags(topic: str, company_id: UUID | None, payload: Payload) -> set[str]:
    """The tags that an event changes, as answers have them; none when no answer shows what it is about.

    An event of another version that lacks a field changes everything of its company.
    """
    try:
        kinds = CHANGES.get(topic, {Kind.SHOP: _any} if shows_settings(topic) else {})
        tags = {tag(kind, each) for kind, ids in kinds.items() for each in (ANY, *ids(payload))}
    except (LookupError, TypeError):
        tags = {SHOP}
    company = EVERY_COMPANY if topic in OF_EVERY_COMPANY else payload.get("company_id", company_id) or EVERY_COMPANY
    return {f"{company}/{each}" for each in tags}


def answer_tags(company_id: UUID, tags: Iterable[str]) -> frozenset[str]:
    """The tags of an answer of a company that shows what these tags name.

    Above 200 tags it depends on all objects of each kind instead of single ones.
    """
    shown = {SHOP, *tags}
    if len(shown) > MAX_TAGS:
        shown = {tag(Kind(each.partition(":")[0])) for each in shown}
    lists = (each for each in shown if each.endswith(f":{ANY}"))
    return frozenset((*(f"{company_id}/{each}" for each in shown), *(f"{EVERY_COMPANY}/{each}" for each in lists)))


def is_of_shop(changed: str) -> bool:
    """Whether a changed tag stands for everything of its company."""
    return changed.endswith(f"/{SHOP}")
