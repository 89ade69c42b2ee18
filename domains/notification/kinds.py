"""The kinds of notifications: the category that recipients choose by, the priority of seed 003, and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domains.notification.data import NotificationCategory as Category
from domains.notification.data import NotificationKind as Kind
from domains.notification.data import NotificationPriority as Priority
from domains.notification.data import NotificationType as Type


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of a kind. The text of one with a secret is not stored, and shown to no one but the recipient.

    `types` are those by which customers are told.
    """

    category: Category
    priority: Priority
    has_secret: bool = False
    types: tuple[Type, ...] = (Type.EMAIL,)


def _listed(category: Category) -> KindRules:
    return KindRules(category, Priority.IMPORTANT, types=(Type.EMAIL, Type.IN_APP))


def _pushed(category: Category) -> KindRules:
    return KindRules(category, Priority.IMPORTANT, types=(Type.EMAIL, Type.PUSH, Type.IN_APP))


_SECRET: Final = KindRules(Category.ACCOUNT, Priority.CRITICAL, has_secret=True)
_URGENT: Final = KindRules(Category.ORDERS, Priority.CRITICAL, types=(Type.EMAIL, Type.SMS, Type.PUSH, Type.IN_APP))
_WARNING: Final = KindRules(Category.ACCOUNT, Priority.IMPORTANT)
KINDS: Final[Mapping[Kind, KindRules]] = {
    Kind.REGISTRATION_CODE: _SECRET,
    Kind.ALREADY_REGISTERED: _SECRET,
    Kind.EMAIL_CHANGE_CODE: _SECRET,
    Kind.CART_CODE: _SECRET,
    Kind.PASSWORD_RESET: _SECRET,
    Kind.NO_ACCOUNT: _SECRET,
    Kind.STAFF_INVITATION: _SECRET,
    Kind.PASSWORD_CHANGED: _WARNING,
    Kind.EMAIL_CHANGED: _WARNING,
    Kind.SESSION_ENDED: _WARNING,
    Kind.ROLE_CHANGED: _WARNING,
    Kind.ACCOUNT_DISABLED: _WARNING,
    Kind.ACCOUNT_ENABLED: _WARNING,
    Kind.ADDRESS_CHANGED: _WARNING,
    Kind.ADDRESS_DELETED: _WARNING,
    Kind.WELCOME: _WARNING,
    Kind.GIFT_CARDS: KindRules(Category.ORDERS, Priority.CRITICAL, has_secret=True),
    Kind.ORDER_PLACED: _URGENT,
    Kind.ORDER_PAID: _listed(Category.ORDERS),
    Kind.PAYMENT_FAILED: _URGENT,
    Kind.ORDER_EDITED: _listed(Category.ORDERS),
    Kind.ORDER_CANCELLED: _listed(Category.ORDERS),
    Kind.ORDER_REFUNDED: _listed(Category.ORDERS),
    Kind.INVOICE_ISSUED: _listed(Category.ORDERS),
    Kind.ORDER_SHIPPED: _pushed(Category.SHIPPING),
    Kind.ORDER_DELIVERED: _pushed(Category.SHIPPING),
    Kind.RETURN_REQUESTED: _pushed(Category.RETURNS),
    Kind.RETURN_APPROVED: _pushed(Category.RETURNS),
    Kind.RETURN_REJECTED: _pushed(Category.RETURNS),
    Kind.RETURN_RECEIVED: _pushed(Category.RETURNS),
    Kind.RETURN_REFUNDED: _pushed(Category.RETURNS),
    Kind.REVIEW_REQUEST: KindRules(Category.REVIEWS, Priority.NORMAL),
    Kind.ABANDONED_CART: KindRules(Category.CARTS, Priority.NORMAL),
    Kind.ALERT_CONFIRMATION: _SECRET,
    Kind.BACK_IN_STOCK: _pushed(Category.ALERTS),
    Kind.PRICE_DROP: _pushed(Category.ALERTS),
    Kind.PROMOTION: KindRules(Category.PROMOTIONS, Priority.NORMAL),
    Kind.RECOMMENDATION: KindRules(Category.RECOMMENDATIONS, Priority.NORMAL),
    Kind.NEWS: KindRules(Category.NEWS, Priority.NORMAL),
    Kind.DIGEST: KindRules(Category.NEWS, Priority.NORMAL),
    Kind.STAFF_NEW_ORDER: KindRules(Category.STAFF, Priority.IMPORTANT),
    Kind.STAFF_LOW_STOCK: KindRules(Category.STAFF, Priority.IMPORTANT),
    Kind.STORED_MAIL: _SECRET,
}

MARKETING: Final = frozenset(
    {Category.REVIEWS, Category.CARTS, Category.PROMOTIONS, Category.RECOMMENDATIONS, Category.NEWS}
)
"""Categories that the shop sends of its own accord, and that recipients may refuse at any time."""
ONE_CLICK: Final = MARKETING | {Category.ALERTS}
"""Categories whose e-mails have a link that unsubscribes by one click; with that of alerts, the alerts end."""
ASKED_FOR: Final = frozenset({Category.PROMOTIONS, Category.RECOMMENDATIONS, Category.NEWS})
"""Categories that nobody gets without having asked for them."""
REQUIRED: Final = frozenset({Category.ACCOUNT, Category.STAFF})
"""Categories that cannot be refused."""
