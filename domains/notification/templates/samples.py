"""The variables of each kind: samples, from which previews and the checks of templates are made."""

from collections.abc import Mapping
from typing import Any, Final

from domains.notification.data import NotificationKind as Kind
from domains.notification.kinds import KINDS, MARKETING
from domains.notification.templates.syntax import TEXT

Variables = Mapping[str, Any]

NULLABLE: Final = frozenset(
    {
        "amount_due", "billing_address", "carrier", "estimated_delivery_date", "footer", "image_url", "instructions",
        "last_day", "logo_url", "reason", "rejection_reason", "shipping_address", "shipping_method", "storefront_url",
        "text", "token", "tracking_number", "tracking_url", "unsubscribe_url", "url", "variant",
    }
)  # fmt: skip
"""Names of variables that can be null in at least one kind; `return.refund` can be null too."""
LONG: Final = 100
"""The elements of a long list: the lines of an order, or the items of a digest, that a message has at most."""
SHOP: Final[Variables] = {
    "company": {"name": "Example Shop", "time_zone": "Europe/Berlin"},
    "look": {
        "logo_url": "https://shop.example.com/logo.png",
        "brand_color": "#1f2937",
        "text_color": "#ffffff",
        "footer": "Example Shop GmbH, Hauptstraße 1, 10115 Berlin",
        "storefront_url": "https://shop.example.com",
    },
    "language": "en",
    "unsubscribe_url": "https://shop.example.com/unsubscribe/sample",
}
"""What the templates of all kinds have."""
ORDER: Final[Variables] = {
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "number": "10042",
    "placed_at": "2027-01-05T09:30:00+00:00",
    "currency": "EUR",
    "items": [
        {
            "name": "Linen shirt",
            "variant": "Blue / M",
            "sku": "LS-BL-M",
            "quantity": 2,
            "total": "79.80",
            "image_url": "https://shop.example.com/media/shirt.jpg",
        },
        {
            "name": "Teapot, hand-made, with a lid",
            "variant": None,
            "sku": "TP-1",
            "quantity": 1,
            "total": "45.00",
            "image_url": None,
        },
    ],
    "subtotal": "124.80",
    "discount": "10.00",
    "shipping": "4.90",
    "tax": "19.12",
    "total": "119.70",
    "amount_due": "119.70",
    "is_paid": False,
    "prices_include_tax": True,
    "shipping_address": ["Ann Example", "Gartenweg 12", "20095 Hamburg", "Germany"],
    "billing_address": ["Ann Example", "Gartenweg 12", "20095 Hamburg", "Germany"],
    "shipping_method": "Standard parcel",
    "estimated_delivery_date": "2027-01-08",
    "url": "https://shop.example.com/orders/10042",
}
ITEMS: Final = [
    {"name": "Linen shirt", "variant": "Blue / M", "quantity": 1},
    {"name": "Teapot, hand-made, with a lid", "variant": None, "quantity": 1},
]
SHIPMENT: Final[Variables] = {
    "carrier": "DHL",
    "tracking_number": "00340434161094042557",
    "tracking_url": "https://carrier.example.com/track/00340434161094042557",
    "items": ITEMS,
    "estimated_delivery_date": "2027-01-08",
}
REFUND: Final[Variables] = {"amount": "39.90", "currency": "EUR", "destination": "ORIGINAL_PAYMENT"}
RETURN: Final[Variables] = {
    "rma_number": "RMA-1007",
    "items": ITEMS,
    "instructions": "Put the label on the parcel and hand it in at any post office.",
    "rejection_reason": "The time for returns was over.",
    "refund": REFUND,
}
PRODUCT: Final[Variables] = {
    "name": "Linen shirt",
    "variant": "Blue / M",
    "url": "https://shop.example.com/products/linen-shirt",
    "image_url": "https://shop.example.com/media/shirt.jpg",
}
PRODUCTS: Final = [{name: PRODUCT[name] for name in ("name", "url", "image_url")}]
CART: Final[Variables] = {
    "items": [{"name": "Linen shirt", "variant": "Blue / M", "quantity": 2, "total": "79.80"}],
    "total": "79.80",
    "currency": "EUR",
    "url": "https://shop.example.com/cart",
}
MESSAGE: Final[Variables] = {
    "title": "New in spring",
    "text": "The linen collection is here.",
    "url": "https://shop.example.com/spring",
}
CARD: Final = {"code": "AAAA-BBBB-CCCC", "amount": "25.00", "currency": "EUR", "last_day": "2030-01-31"}
CODE: Final[Variables] = {"code": "123456"}
TOKEN: Final[Variables] = {"token": "q7Y2kP0sVnR4tXwZ8aBcDeFgHiJkLmNoPqRsTuVwXy1", "lifetime_minutes": 120}
RETURNED: Final[Variables] = {"order": ORDER, "return": RETURN}
SHIPPED: Final[Variables] = {"order": ORDER, "shipment": SHIPMENT}
NOTHING: Final[Variables] = {}
STOCK: Final = {"sku": "TP-1", "name": "Teapot, hand-made, with a lid", "available": 2, "threshold": 5}

SAMPLES: Final[Mapping[Kind, Variables]] = {
    Kind.REGISTRATION_CODE: CODE,
    Kind.ALREADY_REGISTERED: NOTHING,
    Kind.EMAIL_CHANGE_CODE: CODE,
    Kind.CART_CODE: CODE,
    Kind.PASSWORD_RESET: TOKEN,
    Kind.NO_ACCOUNT: NOTHING,
    Kind.STAFF_INVITATION: TOKEN,
    Kind.PASSWORD_CHANGED: NOTHING,
    Kind.EMAIL_CHANGED: {"new_email": "bob@example.com"},
    Kind.SESSION_ENDED: NOTHING,
    Kind.ROLE_CHANGED: NOTHING,
    Kind.ACCOUNT_DISABLED: NOTHING,
    Kind.ACCOUNT_ENABLED: NOTHING,
    Kind.ADDRESS_CHANGED: NOTHING,
    Kind.ADDRESS_DELETED: NOTHING,
    Kind.WELCOME: {"first_name": "Ann"},
    Kind.GIFT_CARDS: {"cards": [CARD, CARD | {"last_day": None}]},
    Kind.ORDER_PLACED: {"order": ORDER},
    Kind.ORDER_PAID: {"order": ORDER},
    Kind.PAYMENT_FAILED: {"order": ORDER, "reason": "CARD_DECLINED"},
    Kind.ORDER_EDITED: {"order": ORDER},
    Kind.ORDER_CANCELLED: {"order": ORDER, "reason": "The teapot is out of stock."},
    Kind.ORDER_REFUNDED: {"order": ORDER, "refund": REFUND},
    Kind.INVOICE_ISSUED: {"order": ORDER, "invoice": {"number": "R-2027-0042", "kind": "INVOICE"}},
    Kind.ORDER_SHIPPED: SHIPPED,
    Kind.ORDER_DELIVERED: SHIPPED,
    Kind.RETURN_REQUESTED: RETURNED,
    Kind.RETURN_APPROVED: RETURNED,
    Kind.RETURN_REJECTED: RETURNED,
    Kind.RETURN_RECEIVED: RETURNED,
    Kind.RETURN_REFUNDED: RETURNED,
    Kind.REVIEW_REQUEST: {"order": ORDER, "products": PRODUCTS},
    Kind.ABANDONED_CART: {"cart": CART, "step": 1},
    Kind.ALERT_CONFIRMATION: {"product": {"name": "Linen shirt"}, **CODE},
    Kind.BACK_IN_STOCK: {"product": PRODUCT},
    Kind.PRICE_DROP: {"product": PRODUCT, "old_price": "39.90", "new_price": "29.90", "currency": "EUR"},
    Kind.PROMOTION: MESSAGE,
    Kind.RECOMMENDATION: MESSAGE,
    Kind.NEWS: MESSAGE,
    Kind.DIGEST: {"items": [MESSAGE, {"title": "20 % off teapots", "text": "Until Sunday.", "url": None}]},
    Kind.STAFF_NEW_ORDER: {"order": ORDER},
    Kind.STAFF_LOW_STOCK: {"items": [STOCK, STOCK | {"sku": "LS-BL-M", "name": "Linen shirt", "available": 0}]},
}
"""All kinds that have a template; STORED_MAIL has its text."""


def sample(kind: Kind) -> Variables:
    """The sample of a kind. Only marketing has a link by which it can be refused."""
    url = SHOP["unsubscribe_url"] if KINDS[kind].category in MARKETING else None
    return {**SAMPLES[kind], "unsubscribe_url": url}


def shapes(kind: Kind) -> Variables:
    """The shapes of a kind's variables, those of all kinds included."""
    return {name: _shape(value) for name, value in {**SHOP, **SAMPLES[kind]}.items()}


def paths(kind: Kind) -> list[str]:
    """The variables of a kind as templates write them, without those of all kinds: `order.items[].name`."""
    return [path for name, value in SAMPLES[kind].items() for path in _paths(name, _shape(value))]


def without_optional(value: Any) -> Any:
    """A sample in which all that can be null is null."""
    if isinstance(value, Mapping):
        return {
            name: None if name in NULLABLE or (name == "refund" and "rma_number" in value) else without_optional(each)
            for name, each in value.items()
        }
    return [without_optional(each) for each in value] if isinstance(value, list) else value


def with_long_lists(value: Any) -> Any:
    """A sample in which each list has as many elements as an order has lines in a message."""
    if isinstance(value, Mapping):
        return {name: with_long_lists(each) for name, each in value.items()}
    return [value[index % len(value)] for index in range(LONG)] if isinstance(value, list) else value


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _shape(each) for name, each in value.items()}
    return [_shape(value[0])] if isinstance(value, list) else TEXT


def _paths(path: str, shape: Any) -> list[str]:
    if isinstance(shape, Mapping):
        return [each for name, inner in shape.items() for each in _paths(f"{path}.{name}", inner)]
    return _paths(f"{path}[]", shape[0]) if isinstance(shape, list) else [path]
