"""A guest's order is accessible only with its token, which is derived from the cart's token."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import Order, OrderStatus
from domains.order.policy import guest_token, may_reach

COMPANY = new_id()
GUEST = Actor.anonymous(COMPANY)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def an_order(**given: Any) -> Order:
    values: dict[str, Any] = dict.fromkeys(Order.__dataclass_fields__)
    zero = {name: Decimal(0) for name in ("subtotal", "tax_amount", "shipping_cost", "discount_amount", "total")}
    return Order(**{**values, **zero, "id": new_id(), "status": OrderStatus.PENDING, "created_at": NOW, **given})


def user(*grants: Grant) -> Actor:
    return Actor(ActorKind.USER, COMPANY, user_id=new_id(), grants=frozenset(grants))


def test_the_order_token_depends_on_cart_token_and_order() -> None:
    first, second = new_id(), new_id()
    token = guest_token("cart", first)
    assert re.fullmatch(r"[0-9a-f]{64}", token)
    assert token == guest_token("cart", first)
    assert len({token, guest_token("cart", second), guest_token("another", first)}) == 3


def test_a_guests_order_is_accessible_only_with_its_token() -> None:
    token = guest_token("cart", "order")
    order = an_order(guest_token_hash=digest(token))
    assert may_reach(GUEST, order, token, PermissionAction.READ)
    assert not any(
        may_reach(GUEST, order, wrong, PermissionAction.READ)
        for wrong in (None, "", token[:-1], token.upper(), digest(token), "\ud800", token * 10)
    )


def test_an_order_without_a_token_is_accessible_with_none() -> None:
    order = an_order(user_id=new_id())
    assert not any(may_reach(GUEST, order, token, PermissionAction.READ) for token in (None, "", "x"))


@pytest.mark.parametrize("action", [PermissionAction.READ, PermissionAction.UPDATE, PermissionAction.MANAGE])
def test_an_order_is_accessible_to_its_buyer_and_to_staff_with_the_permission(action: PermissionAction) -> None:
    buyer, stranger = user(), user()
    order = an_order(user_id=buyer.user_id)
    assert may_reach(buyer, order, None, action)
    assert not may_reach(stranger, order, None, action)
    assert may_reach(user(Grant(PermissionResource.ORDERS, action)), order, None, action)
    assert not may_reach(user(Grant(PermissionResource.USERS, PermissionAction.MANAGE)), order, None, action)
