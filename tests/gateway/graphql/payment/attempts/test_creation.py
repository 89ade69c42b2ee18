"""Beginning payments: by a test card, a token, or on a page of the provider; whoever may, and once for a key."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.quotas import Quota
from gateway.graphql.order import rate_limit
from tests.domains.actors import administrator
from tests.domains.order.storefront import DECLINED, Storefront
from tests.gateway.graphql.order.operations import CARD
from tests.gateway.graphql.payment.attempts.conftest import ORIGIN, connect
from tests.gateway.graphql.payment.attempts.operations import BY_CARD, CREATE, HOSTED, PROVIDERS, creating
from tests.gateway.site import Site

Given = dict[str, Any]


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


async def code(site: Site, who: Any, given: Given) -> tuple[str, list[str] | None] | None:
    """The code and the path of the error of a payment."""
    errors = (await site.data(CREATE, who, **given))["paymentCreate"]["errors"]
    return (errors[0]["code"], errors[0]["path"]) if errors else None


@pytest.mark.parametrize("instrument", [BY_CARD, {"token": "mock_pm_approves"}])
async def test_a_card_or_a_token_pays_at_once(shop: Storefront, site: Site, ada: Actor, instrument: Given) -> None:
    order = await shop.buy(ada, ("A", 1))
    paid = await site.value(CREATE, ada, **creating(order.id, instrument=instrument))
    assert (paid["errors"], paid["order"]["status"], paid["payment"]["status"]) == ([], "PAID", "SUCCEEDED")
    assert (paid["clientSecret"], paid["publishableKey"], paid["payment"]["provider"]) == (None, None, "MOCK")
    assert paid["payment"]["cardLast4"] == ("4242" if "card" in instrument else None)


async def test_a_hosted_payment_has_a_page(shop: Storefront, site: Site, ada: Actor) -> None:
    order = await shop.buy(ada, ("A", 1))
    begun = await site.value(CREATE, ada, **creating(order.id, returnUrl=f"{ORIGIN}/back?order=1"))
    payment = begun["payment"]
    assert (begun["order"]["status"], payment["status"]) == ("PAYMENT_PENDING", "REQUIRES_ACTION")
    assert payment["nextAction"] == {"type": "REDIRECT", "url": f"/payments/mock/{payment['id']}"}
    assert [comment for _, comment in await shop.history(order.id)] == [None, None]


async def test_a_client_secret_is_given_again_and_stored_nowhere(
    connected: Storefront, site: Site, ada: Actor, owner: Any
) -> None:
    order = await connected.buy(ada, ("A", 1))
    given = creating(order.id, provider="ACCOUNTS")
    first, second = [await site.value(CREATE, ada, **given) for _ in range(2)]
    secret = first["clientSecret"]
    assert secret == f"secret_of_{first['payment']['id']}"
    assert first["publishableKey"] == "pk_browser"
    assert first["payment"]["nextAction"] == {"type": "CONFIRMATION", "url": None}
    assert second == first
    for table in ("payments", "outbox_events", "idempotency_keys", "payment_audit_logs", "payment_transactions"):
        rows = await owner.fetch(f"select t::text from {table} t where company_id = $1", connected.company_id)  # noqa: S608 - names from this test
        assert not any("secret_of_" in row[0] for row in rows)


async def test_a_repeated_payment_that_succeeded_is_answered_again(shop: Storefront, site: Site, ada: Actor) -> None:
    given = creating((await shop.buy(ada, ("A", 1))).id, instrument=BY_CARD)
    first, second = [await site.value(CREATE, ada, **given) for _ in range(2)]
    assert second == first
    assert await shop.count("payments") == 1


async def test_a_decline_is_that_of_order_pay_and_counts(
    shop: Storefront, site: Site, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "DECLINED_CARDS", Quota("declined cards", 2, timedelta(hours=1)))
    order = await shop.buy(ada, ("A", 1))
    bad = {"card": CARD | {"number": DECLINED}}
    refused = await site.value(CREATE, ada, **creating(order.id, instrument=bad))
    (error,) = refused["errors"]
    assert (error["code"], error["reason"], refused["payment"]) == ("PAYMENT_DECLINED", "CARD_DECLINED", None)
    assert await code(site, ada, creating(order.id, instrument={"token": "mock_pm_declines"})) == (
        "PAYMENT_DECLINED",
        ["input", "instrument"],
    )
    assert await code(site, ada, creating(order.id, instrument=BY_CARD)) == ("RATE_LIMITED", None)
    assert await shop.count("payments") == 2


async def test_the_owner_a_guest_with_the_token_and_staff_may_pay(
    shop: Storefront, site: Site, ada: Actor, other_company: UUID
) -> None:
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    order, theirs = await shop.buy(ada, ("A", 1)), placed.order
    not_found = ("NOT_FOUND", ["input", "orderId"])
    for stranger in (
        await shop.customer(),
        guest,
        administrator(other_company),
    ):
        assert await code(site, stranger, creating(order.id)) == not_found
    assert await code(site, guest, creating(theirs.id, orderToken="guessed")) == not_found
    assert await code(site, guest, creating(theirs.id, orderToken=placed.token)) is None
    assert await code(site, await shop.staff(), creating(order.id, instrument=BY_CARD)) is None


@pytest.mark.parametrize("instrument", [{}, {**HOSTED, **BY_CARD}, {"hosted": None}])
async def test_exactly_one_instrument_is_given(shop: Storefront, site: Site, ada: Actor, instrument: Given) -> None:
    answer = await site.ask(CREATE, ada, **creating((await shop.buy(ada, ("A", 1))).id, instrument=instrument))
    assert answer["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert await shop.count("payments") == 0


INPUT = "input"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"instrument": {"hosted": False}}, ("INVALID", ["input", "instrument", "hosted"])),
        ({"instrument": {"token": " "}}, ("REQUIRED", ["input", "instrument", "token"])),
        ({"instrument": {"token": "x" * 501}}, ("TOO_LONG", ["input", "instrument", "token"])),
        ({"instrument": {"token": "a\nb"}}, ("INVALID", ["input", "instrument", "token"])),
        (
            {"instrument": {"card": CARD | {"number": "4242424242424241"}}},
            ("CARD_INVALID", ["input", "instrument", "card", "number"]),
        ),
        ({"returnUrl": "http://shop.example/"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": "https://evil.example/"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": "https://shop.example.evil.example/"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": "https://shop.example@evil.example/"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": "/back"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": "javascript:alert(1)"}, ("INVALID", ["input", "returnUrl"])),
        ({"returnUrl": f"{ORIGIN}/{'x' * 1000}"}, ("TOO_LONG", ["input", "returnUrl"])),
        ({"provider": "ACCOUNTS", "instrument": BY_CARD}, ("CARD_NOT_ACCEPTED", ["input", "instrument"])),
        ({"provider": "MANUAL"}, ("PROVIDER_NOT_OFFERED", ["input", "provider"])),
        ({"provider": "NONE"}, ("PROVIDER_NOT_OFFERED", ["input", "provider"])),
    ],
)
async def test_what_cannot_be_paid_is_refused_before_the_provider(
    connected: Storefront, site: Site, ada: Actor, given: Given, refusal: Any
) -> None:
    order = await connected.buy(ada, ("A", 1))
    assert await code(site, ada, creating(order.id, **given)) == refusal
    assert (await connected.count("payments"), await connected.charges()) == (0, [])


async def test_mock_pays_no_shop_that_takes_payments_by_another_provider(
    connected: Storefront, site: Site, ada: Actor
) -> None:
    await connected.run(lambda tx: connected.services.payment.settings.update(tx, {"payment_provider": "ACCOUNTS"}))
    order = await connected.buy(ada, ("A", 1))
    refusal = ("PROVIDER_NOT_OFFERED", ["input", "provider"])
    assert await code(site, ada, creating(order.id, provider="MOCK", instrument=BY_CARD)) == refusal
    assert (await site.data(PROVIDERS, ada))["availablePaymentProviders"] == [
        {"name": "ACCOUNTS", "takesTestCards": False, "publishableKey": "pk_browser"}
    ]


async def test_the_providers_are_those_that_take_new_payments(shop: Storefront, site: Site) -> None:
    guest = Actor.anonymous(shop.company_id)
    mock = {"name": "MOCK", "takesTestCards": True, "publishableKey": None}
    assert (await site.data(PROVIDERS, guest))["availablePaymentProviders"] == [mock]
    await connect(shop)
    account = {"name": "ACCOUNTS", "takesTestCards": False, "publishableKey": "pk_browser"}
    assert (await site.data(PROVIDERS, guest))["availablePaymentProviders"] == [mock, account]
    await connect(shop, is_enabled=False)
    assert (await site.data(PROVIDERS, guest))["availablePaymentProviders"] == [mock]
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    assert await code(site, ada, creating(order.id, provider="ACCOUNTS")) == (
        "PROVIDER_DISABLED",
        ["input", "orderId"],
    )


async def test_only_the_customer_of_an_order_can_have_a_method_kept(
    shop: Storefront, site: Site, ada: Actor, owner: Any
) -> None:
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    order = await shop.buy(ada, ("A", 1))
    refusal = ("METHOD_NOT_KEPT", ["input", "saveMethod"])
    given = {"instrument": BY_CARD, "saveMethod": True}
    assert await code(site, guest, creating(placed.order.id, orderToken=placed.token, **given)) == refusal
    assert await code(site, await shop.staff(), creating(order.id, **given)) == refusal
    assert await code(site, ada, creating(order.id, **given)) is None
    assert (
        await owner.fetchval(
            "select kept_for from mock_charges m join payments p on p.id = m.reference where p.order_id = $1",
            order.id,
        )
        == ada.user_id
    )


async def test_beginning_a_payment_takes_few_statements(connected: Storefront, site: Site, ada: Actor) -> None:
    for given in ({"instrument": BY_CARD}, {"provider": "ACCOUNTS"}, {"provider": "ACCOUNTS"}):
        order = await connected.buy(ada, ("A", 1))
        await site.data(CREATE, ada, **creating(order.id, **given))
        assert site.count.data <= 8, (given, site.count)
