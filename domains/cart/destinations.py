"""The destinations of carts: where their goods are to be sent, and the VAT number of their buyer there."""

from dataclasses import dataclass

from domains.account.postal_formats import postal_code
from domains.cart import data, locking
from domains.cart.events import CartChanged
from domains.cart.models import Cart, CartRef, cart_of
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.text.names import NAME_LENGTH
from domains.kernel.text.validation import Required, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.countries import country_code
from domains.tax.models import Destination
from domains.tax.vat_numbers import require_vat_number


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDestination:
    """A destination as the buyer enters it; nothing at all for none."""

    country: str | None = None
    province: str | None = None
    postal_code: str | None = None
    vat_number: str | None = None


class CartDestinations:
    """Sets the destinations of carts, for whose taxes they are quoted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def update(self, tx: Tx, ref: CartRef, new: NewDestination) -> Cart:
        """Set where the goods of a cart are to be sent, or remove it; what is not given is removed. Idempotent.

        A cart without a destination is quoted for the place of the company. Two statements at most. Raises
        CartNotFound, and together Required for a place without a country, TooLong, InvalidInput, and the errors of
        `require_vat_number` for a VAT number that is not one of the country. Emits CartChanged when it changes.
        """
        destination = checked_destination(new)
        cart = await locking.require(tx, ref, self._clock.now())
        return cart if cart.destination == destination else await self.set(tx, cart, destination)

    async def set(self, tx: Tx, cart: Cart, destination: Destination | None) -> Cart:
        """Set the destination of a locked cart; the cart after it. One statement. Emits CartChanged."""
        return await self._change(tx, cart, destination, {})

    async def take_over(self, tx: Tx, cart: Cart, source: Cart) -> Cart:
        """Give a locked cart the destination and the shipping method of another one; as `set`."""
        method: data.CartUpdate = {
            "shipping_method_id": source.shipping_method_id,
            "shipping_rate": source.shipping_rate,
            "shipping_rate_digest": source.shipping_rate_digest,
            "shipping_rate_until": source.shipping_rate_until,
        }
        return await self._change(tx, cart, source.destination, method)

    async def _change(self, tx: Tx, cart: Cart, destination: Destination | None, method: data.CartUpdate) -> Cart:
        changes: data.CartUpdate = {
            **method,
            "destination_country": destination.country if destination else None,
            "destination_province": destination.province if destination else None,
            "destination_postal_code": destination.postal_code if destination else None,
            "vat_number": destination.vat_number if destination else None,
        }
        tx.emit(CartChanged.of(cart))
        return cart_of(await data.cart.update(tx, id=cart.id, data=changes))


def checked_destination(new: NewDestination) -> Destination | None:
    """The destination in normal form, None for nothing. Raises as `CartDestinations.update`, all errors together.

    The postal code may be left out, also where addresses need one.
    """
    if not (new.country or "").strip():
        if any((text or "").strip() for text in (new.province, new.postal_code, new.vat_number)):
            raise Required("Give the country of the destination.", field=("country",))
        return None
    country, province, code, vat_number = country_code(new.country or ""), None, None, None
    with collect_errors() as each:
        with each:
            province = optional_text(new.province, field=("province",), max_length=NAME_LENGTH)
        with each:
            if (new.postal_code or "").strip():
                code = postal_code(new.postal_code, country) or None
        with each:
            if (new.vat_number or "").strip():
                vat_number = require_vat_number(new.vat_number or "", country)
    return Destination(country, province, code, vat_number)
