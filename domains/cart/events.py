"""The events of the cart domain."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self
from uuid import UUID

from domains.cart.models import Cart
from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class CartEvent(Event):
    """The base of the events about one cart; `user_id` is null for the cart of a guest."""

    cart_id: UUID
    user_id: UUID | None

    @property
    def aggregate_id(self) -> UUID:
        """The cart."""
        return self.cart_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CartChanged(CartEvent):
    """A cart has changed: a line, its quantity or accepted price, a code, a tender, the destination or the address.

    A transaction emits it once for a cart, also for one that was emptied by an order, or deleted because its lines
    were merged into another cart. What changes in the catalogue is not a change of the carts that contain it, and
    a cart that expires is deleted without an event.
    """

    topic: ClassVar[str] = "cart.changed"

    @classmethod
    def of(cls, cart: Cart) -> Self:
        """The event of a cart."""
        return cls(cart_id=cart.id, user_id=cart.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItemAdded(CartEvent):
    """Units of a product or variant were added to a cart; `quantity` is their number, not that of the whole line.

    Changes of a line's quantity are no additions, nor are the lines of a guest's cart that move to a user's.
    """

    topic: ClassVar[str] = "cart.item_added"
    product_id: UUID
    variant_id: UUID | None
    quantity: int
    unit_price: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CartAbandoned(CartEvent):
    """A buyer left a cart with `units` units unchanged since `changed_at`, for the hours that the settings say.

    The buyer is a user, or a guest who has confirmed an e-mail address for the cart. A cart that changes, and is left
    again, has the event again.
    """

    topic: ClassVar[str] = "cart.abandoned"
    units: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSettingsUpdated(SettingsUpdated):
    """The cart settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "cart.settings_updated"
