"""Paying with a saved method: the actor's own alone, at its provider, also when it is removed or the process dies."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.order.models import OrderStatus
from domains.payment.providers.requests import AuthorizationRequest, MethodToken
from domains.payment.providers.results import ProviderPayment
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.storefront import Storefront
from tests.domains.payment.saved_methods.wallet import Wallet
from tests.gateway.graphql.payment.attempts.operations import BY_CARD, CONFIRM, CREATE, confirming, creating
from tests.gateway.graphql.payment.methods.operations import BEGIN, DELETE
from tests.gateway.site import Site

PRICE = Decimal(10)
CHOSEN = ["input", "instrument", "savedMethodId"]


@pytest.fixture
async def ada(shop: Storefront) -> Wallet:
    """A customer of the shop."""
    return Wallet(shop.database, await shop.customer(), shop.services.payment)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[AuthorizationRequest]:
    """What the provider is asked to authorize."""
    sent: list[AuthorizationRequest] = []
    authorize = MockPayments.authorize

    async def recorded(self: MockPayments, request: AuthorizationRequest) -> ProviderPayment:
        sent.append(request)
        return await authorize(self, request)

    monkeypatch.setattr(MockPayments, "authorize", recorded)
    return sent


@pytest.fixture
def disarmed() -> Iterator[None]:
    yield
    fail_points.arm([])


def saved(method_id: Any) -> dict[str, Any]:
    """The instrument of a saved method."""
    return {"instrument": {"savedMethodId": str(method_id)}}


async def kept_by_paying(shop: Storefront, site: Site, ada: Wallet) -> UUID:
    """The method of a card with which the customer has paid, and which MOCK keeps."""
    order = await shop.buy(ada.actor, ("A", 1))
    assert (await site.do(CREATE, ada.actor, **creating(order.id, instrument=BY_CARD, saveMethod=True)["input"]))[
        "order"
    ]["status"] == "PAID"
    return (await ada.methods())[0].id


async def refusal(site: Site, who: Actor, given: dict[str, Any]) -> tuple[str, list[str]]:
    error = await site.refused(CREATE, who, **given["input"])
    return error["code"], error["path"]


async def untouched(shop: Storefront, order_id: UUID) -> bool:
    """Whether an order can be paid as before."""
    order = await shop.order(order_id)
    payments = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order_id])
    return (payments, order.status, order.open_attempts) == ([], OrderStatus.PENDING, 0)


async def test_a_card_is_kept_with_a_payment_and_pays_the_next_one(
    shop: Storefront, site: Site, ada: Wallet, requests: list[AuthorizationRequest]
) -> None:
    method_id = await kept_by_paying(shop, site, ada)
    order = await shop.buy(ada.actor, ("A", 1))
    paid = await site.do(CREATE, ada.actor, **creating(order.id, saveMethod=True, **saved(method_id))["input"])
    assert (paid["order"]["status"], paid["payment"]["status"], paid["payment"]["provider"]) == (
        "PAID",
        "SUCCEEDED",
        "MOCK",
    )
    assert [method.id for method in await ada.methods()] == [method_id]
    first, second = requests
    assert first.keep_method_for is not None
    assert first.keep_method_for.reference == ada.user_id
    assert second.keep_method_for is None
    assert isinstance(second.instrument, MethodToken)
    assert second.instrument.customer is not None
    assert second.instrument.customer.reference == ada.user_id


async def test_the_provider_is_told_the_customer_that_it_knows(
    shop: Storefront, site: Site, ada: Wallet, requests: list[AuthorizationRequest]
) -> None:
    await ada.save()
    await kept_by_paying(shop, site, ada)
    (request,) = requests
    assert request.keep_method_for is not None
    assert (request.keep_method_for.reference, request.keep_method_for.provider_id) == (ada.user_id, "cus_1")


async def test_only_a_method_of_ones_own_pays(
    shop: Storefront, site: Site, ada: Wallet, other_company: UUID, requests: list[AuthorizationRequest]
) -> None:
    theirs = await Wallet(shop.database, await shop.customer(), shop.services.payment).save()
    elsewhere = Wallet(
        shop.database, Actor(ActorKind.USER, other_company, user_id=ada.user_id), shop.services.payment
    )
    foreign, removed, own = await elsewhere.save(), await ada.save("mock_pm_declines"), await ada.save()
    await ada.remove(removed.id)
    order = await shop.buy(ada.actor, ("A", 1))
    for method_id in (theirs.id, foreign.id, removed.id, new_id()):
        assert await refusal(site, ada.actor, creating(order.id, **saved(method_id))) == ("NOT_FOUND", CHOSEN)
    staff = await shop.staff()
    assert await refusal(site, staff, creating(order.id, **saved(own.id))) == ("NOT_FOUND", CHOSEN)
    assert await untouched(shop, order.id)
    assert requests == []


async def test_a_guest_has_no_saved_methods(shop: Storefront, site: Site, ada: Wallet) -> None:
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    given = creating(placed.order.id, orderToken=placed.token, **saved((await ada.save()).id))
    assert await refusal(site, guest, given) == ("NOT_FOUND", CHOSEN)
    assert await untouched(shop, placed.order.id)


async def test_an_expired_card_and_another_provider_are_refused(shop: Storefront, site: Site, ada: Wallet) -> None:
    order = await shop.buy(ada.actor, ("A", 1))
    expired = await ada.save("mock_pm_declines", year=2020)
    given = creating(order.id, **saved(expired.id))
    assert await refusal(site, ada.actor, given) == ("SAVED_METHOD_EXPIRED", CHOSEN)
    given = creating(order.id, provider="ACCOUNTS", **saved((await ada.save()).id))
    assert await refusal(site, ada.actor, given) == ("INVALID", ["input", "provider"])
    assert await untouched(shop, order.id)


async def test_a_method_of_a_provider_that_the_shop_has_left_is_refused(
    connected: Storefront, site: Site, ada: Wallet
) -> None:
    method = await ada.save()
    await connected.run(lambda tx: connected.services.payment.settings.update(tx, {"payment_provider": "ACCOUNTS"}))
    order = await connected.buy(ada.actor, ("A", 1))
    refused = await refusal(site, ada.actor, creating(order.id, **saved(method.id)))
    assert refused == ("PROVIDER_NOT_OFFERED", ["input", "provider"])
    assert await untouched(connected, order.id)


async def test_no_method_is_saved_at_a_provider_that_the_shop_has_left(
    connected: Storefront, site: Site, ada: Wallet
) -> None:
    await connected.run(lambda tx: connected.services.payment.settings.update(tx, {"payment_provider": "ACCOUNTS"}))
    refused = await site.refused(BEGIN, ada.actor, provider="MOCK")
    assert (refused["code"], refused["path"]) == ("PROVIDER_NOT_OFFERED", ["input", "provider"])
    assert (await site.do(BEGIN, ada.actor, provider="ACCOUNTS"))["setup"]["provider"] == "ACCOUNTS"


async def test_a_declined_method_stays_and_another_one_pays(shop: Storefront, site: Site, ada: Wallet) -> None:
    bad, good = await ada.save("mock_pm_declines"), await ada.save()
    order = await shop.buy(ada.actor, ("A", 1))
    refused = await refusal(site, ada.actor, creating(order.id, **saved(bad.id)))
    assert refused == ("PAYMENT_DECLINED", ["input", "instrument"])
    assert {method.id for method in await ada.methods()} == {bad.id, good.id}
    paid = await site.do(CREATE, ada.actor, **creating(order.id, **saved(good.id))["input"])
    assert (paid["order"]["status"], await shop.charges()) == ("PAID", [("DECLINED", PRICE), ("APPROVED", PRICE)])


@pytest.mark.parametrize("succeeds", [True, False])
async def test_a_saved_method_may_need_authentication(
    shop: Storefront, site: Site, ada: Wallet, succeeds: bool
) -> None:
    method = await ada.save("mock_pm_authenticates")
    order = await shop.buy(ada.actor, ("A", 1))
    begun = (await site.do(CREATE, ada.actor, **creating(order.id, **saved(method.id))["input"]))["payment"]
    assert (begun["status"], begun["nextAction"]["type"]) == ("REQUIRES_ACTION", "THREE_D_SECURE")
    await shop.provider.complete_action(UUID(begun["id"]), succeeds=succeeds)
    confirmed = await site.value(CONFIRM, ada.actor, **confirming(begun["id"]))
    codes = [error["code"] for error in confirmed["errors"]]
    status = (await shop.order(order.id)).status
    assert (codes, status) == (([], OrderStatus.PAID) if succeeds else (["PAYMENT_DECLINED"], OrderStatus.PENDING))


@pytest.mark.parametrize("is_forgotten", [False, True])
async def test_a_method_that_is_removed_while_it_pays(
    shop: Storefront, site: Site, ada: Wallet, monkeypatch: pytest.MonkeyPatch, is_forgotten: bool
) -> None:
    """The payment that has begun goes on; once the provider has deleted the method, it declines."""
    method_id = await kept_by_paying(shop, site, ada)
    order = await shop.buy(ada.actor, ("A", 1))
    authorize = MockPayments.authorize

    async def removed_first(self: MockPayments, request: AuthorizationRequest) -> ProviderPayment:
        await ada.remove(method_id)
        if is_forgotten:
            assert await ada.forget() == 1
        return await authorize(self, request)

    monkeypatch.setattr(MockPayments, "authorize", removed_first)
    answer = await site.value(CREATE, ada.actor, **creating(order.id, **saved(method_id)))
    codes = [error["code"] for error in answer["errors"]]
    assert (codes, (await shop.order(order.id)).status) == (
        (["PAYMENT_DECLINED"], OrderStatus.PENDING) if is_forgotten else ([], OrderStatus.PAID)
    )
    assert await ada.methods() == []


@pytest.mark.usefixtures("disarmed")
@pytest.mark.parametrize("point", ["payment.attempt_committed", "payment.provider_charged"])
async def test_a_repeated_payment_after_a_crash_charges_the_method_once(
    shop: Storefront, site: Site, ada: Wallet, point: str
) -> None:
    order, method = await shop.buy(ada.actor, ("A", 1)), await ada.save()
    given = creating(order.id, **saved(method.id))
    fail_points.arm([f"{point}:raise:1"])
    assert (await site.ask(CREATE, ada.actor, **given))["errors"]
    paid = await site.do(CREATE, ada.actor, **given["input"])
    assert (paid["order"]["status"], await shop.charges()) == ("PAID", [("APPROVED", PRICE)])


async def test_paying_with_a_saved_method_and_keeping_one_take_few_statements(
    shop: Storefront, site: Site, ada: Wallet
) -> None:
    for given in (
        {"instrument": BY_CARD, "saveMethod": True},
        saved((await ada.save()).id),
        saved((await ada.save("mock_pm_authenticates")).id),
    ):
        order = await shop.buy(ada.actor, ("A", 1))
        assert (await site.value(CREATE, ada.actor, **creating(order.id, **given)))["errors"] == []
        assert site.count.data <= 8, (given, site.count)


async def test_saved_and_deleted_methods_are_in_the_audit_log(
    shop: Storefront, site: Site, ada: Wallet, owner: Any
) -> None:
    method_id = await kept_by_paying(shop, site, ada)
    await site.do(DELETE, ada.actor, id=str(method_id))
    rows = await owner.fetch(
        "select event_type, user_id, provider, success, details from payment_audit_logs "
        "where company_id = $1 and event_type::text like 'METHOD_%' order by id",
        shop.company_id,
    )
    about = (ada.user_id, "MOCK", True, f"payment method {method_id}")
    assert [tuple(row) for row in rows] == [("METHOD_SAVED", *about), ("METHOD_FORGOTTEN", *about)]


async def test_a_kept_method_is_not_charged_by_its_token(shop: Storefront, site: Site, ada: Wallet) -> None:
    """Who has learnt the token of another customer's method pays nothing with it."""
    setup = (await site.do(BEGIN, ada.actor))["setup"]
    await shop.provider.complete_setup(UUID(setup["nextAction"]["url"].rpartition("/")[2]))
    finished = await ada.payments.method_setups.finish(ada.database, ada.actor, setup["setupId"])
    assert finished.method is not None
    token = (await ada.choose(finished.method.id)).instrument.token.reveal()
    thief = await shop.customer()
    order = await shop.buy(thief, ("A", 1))
    refused = await refusal(site, thief, creating(order.id, instrument={"token": token}))
    assert refused == ("PAYMENT_DECLINED", ["input", "instrument"])
    assert (await shop.order(order.id)).status is OrderStatus.PENDING
