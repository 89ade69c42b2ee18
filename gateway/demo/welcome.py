"""What somebody who starts the demo is told: how to sign in, and what to ask first."""

from collections.abc import Sequence
from typing import Final

from domains.role.models import SystemRole
from gateway.demo.loading import Login

ROLES: Final = {SystemRole.SUPER_ADMIN: "admin", SystemRole.CUSTOMER: "customer"}
QUERIES: Final = (
    '{ products(search: "wool", first: 3) { totalCount nodes { name price { amount currency } isInStock } } }',
    '{ product(slug: "drifter-jumper") { name rating variants { name sku stock price { amount } } } }',
    'mutation { login(input: {email: "%s", password: "%s"}) { auth { accessToken } errors { message } } }',
)


def shown_logins(logins: Sequence[Login]) -> str:
    """A line for each account."""
    return "".join(f"  {ROLES[login.role]:9} {login.email}  {login.password}\n" for login in logins)


def queries_for(logins: Sequence[Login]) -> list[str]:
    """Three operations to try; the last signs the first of the accounts in."""
    *reading, signing_in = QUERIES
    return [*reading, *(signing_in % (login.email, login.password) for login in logins[:1])]


def welcome(logins: Sequence[Login]) -> str:
    """Logins and queries, as `make run` prints them."""
    asked = "".join(f"  {query}\n" for query in queries_for(logins))
    return f"Sign in as\n{shown_logins(logins)}and try\n{asked}" if logins else ""
