"""The text that the start of the demo prints: logins, example queries and an example purchase."""

import secrets
from collections.abc import Sequence
from typing import Final

from domains.role.models import SystemRole
from gateway.demo.loader import Login, Purchase

ROLES: Final = {SystemRole.SUPER_ADMIN: "admin", SystemRole.CUSTOMER: "customer"}
QUERIES: Final = (
    '{ products(search: "wool", first: 3) { totalCount nodes { name price { amount currency } isInStock } } }',
    '{ product(slug: "drifter-jumper") { name rating variants { name sku stock price { amount } } } }',
    'mutation { login(input: {email: "%s", password: "%s"}) { auth { accessToken } errors { message } } }',
)


CODE: Final = "HARBOUR15"
ORDERING: Final = (
    'mutation { cartItemAdd(input: {productId: "%s", variantId: "%s", quantity: 4}) { errors { message } } '
    'cartPromotionApply(input: {code: "%s"}) { cart { totals { total { amount } } } errors { message } } '
    'orderCreate(input: {idempotencyKey: "order %s", shippingAddress: {fullName: "Casper Demo", '
    'addressLine1: "3 Kiln Lane", city: "Stoke", postalCode: "ST1 1AA", country: "GB"}}) '
    "{ order { id orderNumber total { amount currency } } errors { message } } }"
)
PAYING: Final = (
    'mutation { orderPay(input: {idempotencyKey: "payment %s", orderId: "ID OF THE ORDER", '
    'card: {number: "4242 4242 4242 4242", expiryMonth: 12, expiryYear: 2030, securityCode: "123"}}) '
    "{ order { status } errors { message } } }"
)


def purchases_for(purchase: Purchase) -> tuple[str, str]:
    """Two operations of a logged-in customer: an order with a code, and its payment, with new idempotency keys."""
    key = secrets.token_hex(4)
    return ORDERING % (purchase.product_id, purchase.variant_id, CODE, key), PAYING % key


def shown_logins(logins: Sequence[Login]) -> str:
    """A line for each account."""
    return "".join(f"  {ROLES[login.role]:9} {login.email}  {login.password}\n" for login in logins)


def queries_for(logins: Sequence[Login]) -> list[str]:
    """Three example operations; the last is the login of the first account."""
    *queries, login_mutation = QUERIES
    return [*queries, *(login_mutation % (login.email, login.password) for login in logins[:1])]


def welcome(logins: Sequence[Login], purchase: Purchase | None = None) -> str:
    """Logins, queries and a purchase, as `make run` prints them."""
    if not logins:
        return ""
    queries = "".join(f"  {query}\n" for query in queries_for(logins))
    purchases = "".join(f"  {query}\n" for query in purchases_for(purchase)) if purchase else ""
    next_step = f"and, with the header `authorization: Bearer <accessToken>`, buy with the code {CODE}\n"
    return f"Log in as\n{shown_logins(logins)}and try\n{queries}{next_step if purchases else ''}{purchases}"
