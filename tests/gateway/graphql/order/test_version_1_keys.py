"""Idempotency keys that version 1 wrote: they are answered from their rows and never executed again.

The rows are as that version wrote them, with the paths of its modules.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.keys import LEASE
from domains.kernel.ids import new_id
from domains.order.models import Order
from domains.payment.providers.operations import Operations
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import CREATE, PAY, ordering, paying
from tests.gateway.site import Site

ROW = """
insert into idempotency_keys (id, company_id, actor_key, operation, key, request_hash, version, outcome, claimed_at,
                              created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, 1, $7, now() - $8::interval, now(), now() + interval '1 day')
"""
DIGEST = sha256(b"with the paths of modules").hexdigest()
NOTHING: dict[str, Any] = {"order_id": None}
NOT_FOUND = {
    "$": "object",
    "of": "gateway.graphql.problems:GenericUserError",
    "value": {
        "code": {"$": "enum", "of": "domains.kernel.errors:ErrorCode", "value": "NOT_FOUND"},
        "message": "There is no such order.",
        "path": ["input", "orderId"],
    },
}
DECLINED = {
    "$": "object",
    "of": "gateway.graphql.order.payloads:PaymentDeclinedError",
    "value": {
        "code": {"$": "enum", "of": "domains.kernel.errors:ErrorCode", "value": "PAYMENT_DECLINED"},
        "message": "The card was declined.",
        "path": None,
        "reason": "CARD_DECLINED",
    },
}
DEARER = {
    "$": "object",
    "of": "gateway.graphql.order.payloads:PriceChangedError",
    "value": {
        "code": {"$": "enum", "of": "domains.kernel.errors:ErrorCode", "value": "CONFLICT"},
        "message": "It costs more.",
        "path": ["input", "expectedTotal"],
        "expected": {"$": "decimal", "value": "9.50"},
        "actual": {"$": "decimal", "value": "10.00"},
        "currency": "EUR",
    },
}
SHORT = {
    "$": "object",
    "of": "gateway.graphql.inventory.mutations:InsufficientStockError",
    "value": {
        "code": {"$": "enum", "of": "domains.kernel.errors:ErrorCode", "value": "INSUFFICIENT_STOCK"},
        "message": "Not enough stock. Available: 1 of 'A' instead of 2.",
        "path": ["input", "quantity"],
        "sku": "A",
        "requested": 2,
        "available": 1,
        "shortages": [
            {
                "$": "object",
                "of": "domains.inventory.errors:Shortage",
                "value": {"sku": "A", "requested": 2, "available": 1},
            }
        ],
    },
}
GONE = {
    "$": "object",
    "of": "gateway.graphql.order.payloads:NoSuchError",
    "value": {
        "code": {"$": "enum", "of": "domains.kernel.errors:ErrorCode", "value": "NO_SUCH_CODE"},
        "message": "It was refused.",
        "path": None,
        "detail": 7,
    },
}


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


def done(order_id: UUID) -> dict[str, Any]:
    return {"payload": {"order_id": {"$": "uuid", "value": str(order_id)}}, "errors": []}


async def written(
    shop: Storefront,
    actor_key: str,
    operation: str,
    variables: Any,
    outcome: Any,
    *,
    row_id: UUID | None = None,
    ago: timedelta = timedelta(),
) -> None:
    """The row of a key, as version 1 wrote it."""
    key = variables["input"]["idempotencyKey"]
    row = (row_id or new_id(), shop.company_id, actor_key, operation, key, DIGEST, outcome, ago)
    await shop.owner.execute(ROW, *row)


async def test_a_key_of_a_created_order_is_answered_with_its_token(shop: Storefront, site: Site, ada: Actor) -> None:
    guest = Actor.anonymous(shop.company_id)
    cart = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=cart, email="g@example.com")
    assert cart is not None
    variables = ordering(cartToken=cart, email="g@example.com")
    await written(
        shop, f"guest:{sha256(cart.encode()).hexdigest()}", "order_create", variables, done(placed.order.id)
    )
    payload = await site.value(CREATE, guest, **variables)
    assert (payload["order"]["id"], payload["orderToken"], payload["errors"]) == (
        str(placed.order.id),
        placed.token,
        [],
    )
    assert await shop.count("orders") == 1


async def test_a_key_of_a_paid_order_is_answered_with_its_current_state(
    shop: Storefront, site: Site, ada: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    variables = paying(order.id)
    await written(shop, f"user:{ada.user_id}", "order_pay", variables, done(order.id))
    payload = await site.value(PAY, ada, **variables)
    assert (payload["order"]["status"], payload["errors"]) == ("PAID", [])
    assert len(await shop.charges()) == 1


@pytest.mark.parametrize(
    ("query", "operation", "error", "shown"),
    [
        (PAY, "order_pay", NOT_FOUND, {"code": "NOT_FOUND", "path": ["input", "orderId"]}),
        (PAY, "order_pay", DECLINED, {"code": "PAYMENT_DECLINED", "path": None, "reason": "CARD_DECLINED"}),
        (
            CREATE,
            "order_create",
            DEARER,
            {
                "code": "PRICE_CHANGED",
                "path": ["input", "expectedTotal"],
                "expected": "9.50",
                "actual": "10.00",
                "currency": "EUR",
            },
        ),
        (
            CREATE,
            "order_create",
            SHORT,
            {
                "code": "INSUFFICIENT_STOCK",
                "path": ["input", "quantity"],
                "sku": "A",
                "requested": 2,
                "available": 1,
            },
        ),
        (PAY, "order_pay", GONE, {"code": "INVALID", "path": None}),
    ],
)
async def test_a_stored_refusal_is_repeated_completely(
    shop: Storefront, site: Site, ada: Actor, query: str, operation: str, error: Any, shown: Any
) -> None:
    order = await shop.buy(ada, ("A", 1))
    await shop.fill(ada, ("A", 1))
    variables = ordering() if query == CREATE else paying(order.id)
    await written(shop, f"user:{ada.user_id}", operation, variables, {"payload": NOTHING, "errors": [error]})
    payload = await site.value(query, ada, **variables)
    assert payload["order"] is None
    assert payload["errors"] == [{"message": error["value"]["message"], **shown}]
    assert (await shop.count("orders"), await shop.charges()) == (1, [])


async def begun(shop: Storefront, ada: Actor, order: Order) -> UUID:
    """The id of an attempt to pay an order whose process died before it asked the provider."""

    async def dies(*_: Any, **__: Any) -> None:
        raise ConnectionError

    attempt = Attempt(shop.database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Operations, "authorize", dies)
        with pytest.raises(ConnectionError):
            await shop.pay(ada, order, db=attempt)
    return attempt.id


async def test_a_request_in_progress_is_awaited_and_then_resumed_as_the_same_attempt(
    shop: Storefront, site: Site, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domains.kernel.idempotency.execution.POLL_INTERVALS", (0.0,))
    order = await shop.buy(ada, ("A", 1))
    attempt_id, variables = await begun(shop, ada, order), paying(order.id)
    await written(shop, f"user:{ada.user_id}", "order_pay", variables, None, row_id=attempt_id)
    waiting = await site.value(PAY, ada, **variables)
    assert [(error["code"], error["path"]) for error in waiting["errors"]] == [
        ("REQUEST_IN_PROGRESS", ["input", "idempotencyKey"])
    ]
    assert await shop.charges() == []
    over = "update idempotency_keys set claimed_at = now() - $2::interval where id = $1"
    await shop.owner.execute(over, attempt_id, LEASE)
    paid = await site.value(PAY, ada, **variables)
    assert (paid["order"]["status"], paid["errors"]) == ("PAID", [])
    assert await site.value(PAY, ada, **variables) == paid
    assert (await shop.count("payments"), len(await shop.charges())) == (1, 1)
    other = await site.value(PAY, ada, **paying(order.id, **{**variables["input"], "method": "INVOICE"}))
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_new_row_contains_no_module_name(shop: Storefront, site: Site, ada: Actor) -> None:
    order = await shop.buy(ada, ("A", 1))
    await site.value(PAY, ada, **paying(order.id, card=None))
    await site.value(PAY, ada, **paying(order.id))
    rows = await shop.owner.fetch(
        "select version, outcome from idempotency_keys where company_id = $1 order by created_at", shop.company_id
    )
    assert [row["version"] for row in rows] == [2, 2]
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    values = {"order_id": str(order.id), "payment_id": str(payment.id)}
    assert rows[1]["outcome"] == {"values": values, "errors": []}
    (error,) = rows[0]["outcome"]["errors"]
    assert {name: error[name] for name in ("type", "code", "path", "data")} == {
        "type": "GenericUserError",
        "code": "REQUIRED",
        "path": ["input", "card"],
        "data": {},
    }
