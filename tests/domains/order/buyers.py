"""Buyers of every kind: guests with and without a confirmed address, and customers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.order.models import AddressFields, Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.promotion.models import PromotionType
from tests.domains.order.storefront import GOOD, HOME, Storefront, good_card

HALF: dict[str, Any] = {"discount_value": Decimal(50)}
WELCOME: dict[str, Any] = {"code": "WELCOME", "type": PromotionType.WELCOME, **HALF}
LOYAL: dict[str, Any] = {"code": "LOYAL", "type": PromotionType.LOYALTY, "required_orders": 1, **HALF}
OTHER_CARD = good_card(7)
VERIFY = "update users set email_verified = true where id = $1 returning email"


def home(street: object = None) -> AddressFields:
    """A delivery address, by default in a new street."""
    return replace(HOME, address_line_1=f"1 {street or new_id()} Street")


async def order_as_guest(
    shop: Storefront, email: str, code: str | None = None, *, confirm: bool = False, **given: Any
) -> Order:
    """An order of a guest at this address."""
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    if confirm:
        await confirm_email(shop, token, email)
    if code is not None:
        await shop.apply(guest, code, token=token)
    return (await shop.place(guest, cart_token=token, email=email, **{"shipping": home(), **given})).order


async def confirm_email(shop: Storefront, token: str | None, email: str) -> None:
    """Confirm the address, as `cartEmailConfirm` does."""
    await shop.owner.execute(
        "update carts set confirmed_email = $2 where session_id = $1", CartRef.of_token(token).token_hash, email
    )


async def order_as_customer(shop: Storefront, buyer: Actor, code: str) -> Order:
    await shop.fill(buyer, ("A", 1))
    await shop.apply(buyer, code)
    return (await shop.place(buyer, shipping=home())).order


async def clear_cart(shop: Storefront, buyer: Actor) -> None:
    """Remove all lines of a customer's cart."""
    await shop.run(lambda tx: shop.services.cart.clear_cart(tx, CartRef.of(buyer, None)))


async def verified_customer(shop: Storefront) -> tuple[Actor, str]:
    """A customer whose address is confirmed, and the address."""
    buyer = await shop.customer()
    return buyer, await shop.owner.fetchval(VERIFY, buyer.user_id)


async def paid(shop: Storefront, order: Order, number: str = GOOD) -> Order:
    """Pay the order as the system."""
    return await shop.pay(shop.system, order, number)


async def refund(shop: Storefront, order: Order, amount: Decimal | None = None) -> None:
    await shop.services.order.refunds.refund(shop.database, shop.system, order.id, NewRefund(amount=amount))


async def cancel(shop: Storefront, order: Order) -> None:
    await shop.services.order.cancel_order(shop.database, shop.system, order.id)


async def update_statuses(shop: Storefront, order: Order, *statuses: OrderStatus) -> None:
    for status in statuses:
        await shop.run(lambda tx, to=status: shop.services.order.update_status(tx, shop.system, order.id, to))
