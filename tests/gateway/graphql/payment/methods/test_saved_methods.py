"""Saved payment methods through GraphQL: customers manage their own, staff see them, and no token is shown."""

import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import member
from tests.domains.order.storefront import Storefront
from tests.domains.payment.saved_methods.wallet import Wallet
from tests.gateway.graphql.payment.methods import operations as ops
from tests.gateway.site import Site

TOKEN = "pm_SECRET_TOKEN"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def ada(shop: Storefront) -> Wallet:
    """A customer."""
    return Wallet(shop.database, await shop.customer(), shop.services.payment)


async def listed(site: Site, who: Actor) -> list[dict[str, Any]]:
    methods: list[dict[str, Any]] = (await site.value(ops.LIST, who))["savedPaymentMethods"]
    return methods


def staff(company: UUID, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(company, "SUPPORT", 40, frozenset(Grant(*grant) for grant in grants))


READS_USERS = (PermissionResource.USERS, PermissionAction.READ)


async def test_a_card_is_saved_without_paying(site: Site, shop: Storefront, ada: Wallet) -> None:
    setup = (await site.do(ops.BEGIN, ada.actor, returnUrl="https://shop.example/cards"))["setup"]
    assert (setup["provider"], setup["nextAction"]["type"]) == ("MOCK", "REDIRECT")
    waiting = await site.do(ops.FINISH, ada.actor, setupId=setup["setupId"])
    assert (waiting["paymentMethod"], waiting["nextAction"]) == (None, setup["nextAction"])
    await shop.provider.complete_setup(UUID(setup["nextAction"]["url"].rpartition("/")[2]))
    finished = await site.do(ops.FINISH, ada.actor, setupId=setup["setupId"])
    method = finished["paymentMethod"]
    assert (method["brand"], method["last4"], method["isDefault"], method["isExpired"]) == (
        "visa",
        "4242",
        True,
        False,
    )
    assert finished["nextAction"] is None
    assert await listed(site, ada.actor) == [method]
    assert await site.value(ops.NODE, ada.actor, id=method["id"]) == method


async def test_a_customer_names_orders_and_deletes_methods(site: Site, ada: Wallet) -> None:
    first, second = str((await ada.save("pm_1")).id), str((await ada.save("pm_2")).id)
    changed = (await site.do(ops.UPDATE, ada.actor, id=second, alias=" My card ", isDefault=True))["paymentMethod"]
    assert (changed["alias"], changed["isDefault"]) == ("My card", True)
    assert [each["id"] for each in await listed(site, ada.actor)] == [second, first]
    long = await site.refused(ops.UPDATE, ada.actor, id=second, alias="x" * 101)
    assert (long["code"], long["path"]) == ("TOO_LONG", ["input", "alias"])
    assert (await site.do(ops.DELETE, ada.actor, id=second))["paymentMethod"]["id"] == second
    assert [(each["id"], each["isDefault"]) for each in await listed(site, ada.actor)] == [(first, True)]
    gone = await site.refused(ops.DELETE, ada.actor, id=second)
    assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["input", "id"])
    assert await site.value(ops.NODE, ada.actor, id=second) is None


async def test_another_customer_and_staff_change_nothing(site: Site, shop: Storefront, ada: Wallet) -> None:
    saved = str((await ada.save()).id)
    manager = staff(site.company_id, (PermissionResource.USERS, PermissionAction.MANAGE))
    for other in (await shop.customer(), manager):
        for text, more in ((ops.UPDATE, {"alias": "mine"}), (ops.DELETE, {})):
            assert (await site.refused(text, other, id=saved, **more))["code"] == "NOT_FOUND"
    for text in (ops.UPDATE, ops.DELETE):
        assert await site.denied(text, Actor.anonymous(site.company_id), input={"id": saved}) == "UNAUTHENTICATED"
    assert [each["alias"] for each in await listed(site, ada.actor)] == [None]


async def test_staff_with_the_permission_see_the_methods_of_a_customer(
    site: Site, shop: Storefront, ada: Wallet
) -> None:
    saved, user = str((await ada.save(TOKEN)).id), str(ada.user_id)
    reader, clerk = staff(site.company_id, READS_USERS), staff(site.company_id)
    shown = (await site.value(ops.OF_USER, reader, id=user))["savedPaymentMethods"]
    assert shown == await listed(site, ada.actor)
    assert (await site.value(ops.NODE, reader, id=saved))["id"] == saved
    for other in (clerk, await shop.customer()):
        assert await site.value(ops.NODE, other, id=saved) is None


async def test_many_customers_cost_one_statement(site: Site, shop: Storefront, ada: Wallet) -> None:
    await ada.save()
    await listed(site, ada.actor)
    one = site.count.data
    for number in range(5):
        await ada.save(f"pm_{number}")
    assert len(await listed(site, ada.actor)) == 6
    assert site.count.data == one


async def test_a_setup_of_another_customer_is_refused(site: Site, shop: Storefront, ada: Wallet) -> None:
    setup = (await site.do(ops.BEGIN, ada.actor))["setup"]
    wrong = await site.refused(ops.FINISH, await shop.customer(), setupId=setup["setupId"])
    assert (wrong["code"], wrong["path"]) == ("NOT_FOUND", ["input", "setupId"])
    unknown = await site.refused(ops.BEGIN, ada.actor, provider="NOWHERE")
    assert unknown["code"] == "PROVIDER_NOT_OFFERED"
    assert await site.denied(ops.BEGIN, Actor.anonymous(site.company_id), input={}) == "UNAUTHENTICATED"


async def test_no_card_number_becomes_a_name_or_is_repeated(site: Site, ada: Wallet) -> None:
    saved = str((await ada.save()).id)
    requests: list[tuple[str, str, dict[str, Any]]] = [
        (ops.UPDATE, "alias", {"id": saved, "alias": "5555 5555 5555 4444"}),
        (ops.UPDATE, "alias", {"id": saved, "alias": "Card 5555555555554444"}),
        (ops.BEGIN, "provider", {"provider": "5555555555554444"}),
        (ops.FINISH, "setupId", {"setupId": "5555555555554444"}),
    ]
    for operation, field, given in requests:
        refused = await site.refused(operation, ada.actor, **given)
        assert (refused["code"], refused["path"]) == ("CARD_NUMBER_REFUSED", ["input", field])
        assert "5555" not in str(refused)
    assert [each["alias"] for each in await listed(site, ada.actor)] == [None]


async def test_no_token_is_shown_logged_or_told(
    site: Site, ada: Wallet, owner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        saved = await ada.save(TOKEN)
        shown = [
            await site.value(ops.LIST, ada.actor),
            await site.do(ops.UPDATE, ada.actor, id=str(saved.id), alias="Mine"),
            await site.do(ops.DELETE, ada.actor, id=str(saved.id)),
        ]
    events = await owner.fetch("select payload::text from outbox_events where aggregate_id = $1", ada.user_id)
    assert len(events) == 2
    assert not [text for text in (str(shown), str(logs), caplog.text, str(events)) if TOKEN in text]
