"""Accounts at payment providers through GraphQL: who may, what is shown, what is refused, and no secret anywhere."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.kernel.actor import Actor
from domains.role.models import SystemRole
from tests.domains.actors import administrator
from tests.gateway.graphql.payment.accounts.operations import CHOOSE, CONNECT, PROVIDERS, listed
from tests.gateway.site import Site

KEYS = {"secret_key": "sk_test_SECRET1", "webhook_secret": "whsec_SECRET2", "publishable_key": "pk_test_1"}
STRIPE = {"provider": "STRIPE", "credentials": listed(**KEYS)}


async def provider_of(site: Site, who: Actor, name: str) -> dict[str, Any]:
    (found,) = [each for each in await site.value(PROVIDERS, who) if each["name"] == name]
    shown: dict[str, Any] = found
    return shown


async def test_staff_see_what_each_provider_needs(site: Site, company: UUID) -> None:
    admin = administrator(company)
    mock, paypal, stripe = await site.value(PROVIDERS, admin)
    slug = await site._slug(company)
    assert (mock["name"], mock["isConnected"], mock["credentials"], mock["webhookUrl"]) == ("MOCK", True, [], None)
    assert (paypal["isConnected"], paypal["isEnabled"]) == (False, False)
    assert paypal["webhookUrl"] == f"/webhooks/{slug}/paypal"
    assert [(each["name"], each["isSecret"], each["isSet"]) for each in stripe["credentials"]] == [
        ("secret_key", True, False),
        ("webhook_secret", True, False),
        ("publishable_key", False, False),
    ]
    await site.value(PROVIDERS, admin)
    assert site.count.data == 1


async def test_a_secret_is_never_shown_logged_or_stored_in_clear(
    site: Site, company: UUID, owner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    admin = administrator(company)
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        changed = await site.do(CONNECT, admin, **STRIPE)
        refused = await site.refused(CONNECT, admin, provider="STRIPE", credentials=listed(secret_key="SECRET1"))
    shown = {each["name"]: (each["isSet"], each["value"]) for each in changed["provider"]["credentials"]}
    assert shown == {
        "secret_key": (True, None),
        "webhook_secret": (True, None),
        "publishable_key": (True, "pk_test_1"),
    }
    assert (changed["provider"]["isConnected"], changed["provider"]["isEnabled"]) == (True, True)
    assert (refused["code"], refused["path"]) == ("INVALID", ["input", "credentials", "0"])
    tables = await owner.fetch(
        "select payment_accounts::text from payment_accounts where company_id = $1 "
        "union all select outbox_events::text from outbox_events where company_id = $1",
        company,
    )
    everything = f"{changed} {refused} {logs} {caplog.text} {await site.value(PROVIDERS, admin)} {tables}"
    assert len(tables) > 1
    assert not [secret for secret in ("SECRET1", "SECRET2") if secret in everything]


async def test_the_same_change_twice_is_the_same(site: Site, company: UUID) -> None:
    admin = administrator(company)
    assert await site.do(CONNECT, admin, **STRIPE) == await site.do(CONNECT, admin, **STRIPE)
    await site.do(CONNECT, admin, provider="STRIPE", isEnabled=False)
    changed = await site.do(CONNECT, admin, provider="STRIPE", credentials=listed(publishable_key="pk_test_2"))
    assert (changed["provider"]["isEnabled"], changed["provider"]["credentials"][2]["value"]) == (False, "pk_test_2")


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"provider": "ADYEN"}, "PROVIDER_UNKNOWN", ["provider"]),
        ({"provider": "MOCK"}, "PROVIDER_UNKNOWN", ["provider"]),
        (
            {"provider": "STRIPE", "credentials": listed(**KEYS, api_key="x")},
            "CREDENTIAL_UNKNOWN",
            ["credentials", "3"],
        ),
        (
            {"provider": "STRIPE", "credentials": listed(secret_key="sk_1", publishable_key="pk_1")},
            "REQUIRED",
            ["credentials"],
        ),
        (
            {"provider": "STRIPE", "credentials": [*listed(**KEYS), *listed(secret_key="sk_2")]},
            "INVALID",
            ["credentials", "3", "name"],
        ),
        ({"provider": "STRIPE", "credentials": listed(**KEYS | {"webhook_secret": "x y"})}, "INVALID", None),
    ],
)
async def test_a_refused_change_names_its_place_and_connects_nothing(
    site: Site, company: UUID, given: dict[str, Any], code: str, path: list[str] | None
) -> None:
    admin = administrator(company)
    error = await site.refused(CONNECT, admin, **given)
    assert (error["code"], error["path"]) == (code, ["input", *(path or ["credentials", "1"])])
    assert not (await provider_of(site, admin, "STRIPE"))["isConnected"]


async def test_a_provider_is_chosen_when_it_is_connected_and_kept_while_it_is_chosen(
    site: Site, company: UUID
) -> None:
    admin = administrator(company)
    error = await site.refused(CHOOSE, admin, paymentProvider="STRIPE")
    assert (error["code"], error["path"]) == ("PROVIDER_NOT_CONNECTED", ["input", "paymentProvider"])
    assert "`isEnabled`" in error["message"]
    await site.do(CONNECT, admin, **STRIPE)
    chosen = await site.do(CHOOSE, admin, paymentProvider="STRIPE")
    assert chosen["company"] == {"paymentProvider": "STRIPE"}
    error = await site.refused(CONNECT, admin, provider="STRIPE", isEnabled=False)
    assert (error["code"], error["path"]) == ("PROVIDER_IN_USE", ["input", "isEnabled"])
    assert "`paymentProvider`" in error["message"]
    await site.do(CHOOSE, admin, paymentProvider=None)
    assert not (await site.do(CONNECT, admin, provider="STRIPE", isEnabled=False))["provider"]["isEnabled"]


@pytest.mark.parametrize("role", [None, SystemRole.CUSTOMER, SystemRole.SUPPORT])
async def test_settings_of_providers_are_for_those_who_manage_settings(
    site: Site, company: UUID, role: SystemRole | None
) -> None:
    who = None if role is None else await site.token(role)
    for operation, variables in ((PROVIDERS, {}), (CONNECT, {"input": STRIPE})):
        assert await site.denied(operation, who, **variables) in {"FORBIDDEN", "UNAUTHENTICATED"}
    assert not (await provider_of(site, administrator(company), "STRIPE"))["isConnected"]


async def test_a_company_sees_its_own_account_only(
    make_site: Callable[..., Site], company: UUID, other_company: UUID
) -> None:
    site, other = make_site(company), make_site(other_company)
    await site.do(CONNECT, administrator(company), **STRIPE)
    theirs = await provider_of(other, administrator(other_company), "STRIPE")
    assert (theirs["isConnected"], theirs["isEnabled"]) == (False, False)
    assert theirs["webhookUrl"] == f"/webhooks/{await other._slug(other_company)}/stripe"
    assert {each["value"] for each in theirs["credentials"]} == {None}
