"""The shipping methods that buyers chose, with the prices that carriers quoted for them; pure."""

import hashlib
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from domains.cart.models import CartContents
from domains.pricing.models import ShippingChoice
from domains.tax.models import Destination


def shipped_lines(contents: CartContents) -> set[UUID]:
    """The lines of a cart that are shipped, among those that are for sale."""
    return {line.key for line in contents.priced if line.is_shipped and not line.is_gift_card}


def choice_of(
    contents: CartContents, now: datetime, destination: Destination | None = None, *, method_id: UUID | None = None
) -> ShippingChoice:
    """The choice of a cart; for another destination than its own, or with another method, where they are given.

    The price that a carrier quoted for the method of the cart holds until its time is over, for the same goods and
    place. Without goods to ship there is no method: nothing is collected either.
    """
    cart = contents.cart
    place = cart.destination if destination is None else destination
    if not shipped_lines(contents):
        return ShippingChoice(place)
    if method_id is not None and method_id != cart.shipping_method_id:
        return ShippingChoice(place, method_id)
    return ShippingChoice(place, cart.shipping_method_id, _held_rate(contents, now, place))


def _held_rate(contents: CartContents, now: datetime, destination: Destination | None) -> Decimal | None:
    cart = contents.cart
    if cart.shipping_rate is None or cart.shipping_rate_until is None or cart.shipping_rate_until <= now:
        return None
    return cart.shipping_rate if cart.shipping_rate_digest == rate_digest(contents, destination) else None


def rate_digest(contents: CartContents, destination: Destination | None) -> str:
    """A digest of the goods that are shipped and of their destination: what a carrier's price depends on."""
    place = destination and [destination.country, destination.province, destination.postal_code]
    shipped = shipped_lines(contents)
    goods = sorted(
        [str(line.product_id), str(line.variant_id), line.quantity, f"{line.weight.normalize():f}"]
        for line in contents.priced
        if line.key in shipped
    )
    return hashlib.sha256(orjson.dumps([place, goods])).hexdigest()
