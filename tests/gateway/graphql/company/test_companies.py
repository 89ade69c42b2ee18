"""Companies and their settings through GraphQL: public fields, permissions, and super administrators."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member, super_administrator
from tests.gateway.site import Site

SHOP = """
{ shop { name slug currency taxRate pricesIncludeTax maxOrderValue { amount currency } } }
"""
SETTINGS = "{ companySettings { id name slug orderNumberPattern isActive maxOrderValue { amount } } }"
UPDATE = """
mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) {
    company { name currency taxRate pricesIncludeTax orderNumberPattern
              maxOrderValue { amount currency } acceptUnpaidUpTo { amount } }
    errors { code message path }
  }
}
"""
PAYMENTS = "{ companySettings { name paymentProvider cardPayments invoicePayments cashOnDelivery captureMode } }"
PAYMENTS_UPDATE = """
mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) {
    company { name paymentProvider cardPayments invoicePayments cashOnDelivery captureMode } errors { code path }
  }
}
"""
CREATE = """
mutation ($input: CompanyCreateInput!) {
  companyCreate(input: $input) { company { id name slug currency isActive } errors { code path } }
}
"""
RENAME = """
mutation ($input: CompanyUpdateInput!) {
  companyUpdate(input: $input) { company { name slug } errors { code path } }
}
"""
CLOSE = """
mutation ($input: CompanyDeactivateInput!) {
  companyDeactivate(input: $input) { company { isActive } errors { code path } }
}
"""
OPEN = """
mutation ($input: CompanyActivateInput!) {
  companyActivate(input: $input) { company { isActive } errors { code path } }
}
"""
LIST = """
query ($search: String, $filter: CompanyFilterInput) {
  companies(search: $search, filter: $filter, sortBy: {field: NAME, direction: ASC}) { totalCount nodes { id slug } }
}
"""


async def all_companies(owner: Any) -> list[Any]:
    rows: list[Any] = await owner.fetch("select * from companies order by id")
    return rows


def reader_of_settings(company: UUID) -> Actor:
    grant = Grant(PermissionResource.SETTINGS, PermissionAction.READ)
    return member(company, "ONLOOKER", 50, frozenset([grant]))


async def test_the_public_settings_are_cached(site: Site, company: UUID) -> None:
    guest = Actor.anonymous(company)
    first = await site.data(SHOP, guest)
    assert site.count.data == 1
    assert first["shop"] == {
        "name": "A shop",
        "slug": f"shop-{company.hex}",
        "currency": "EUR",
        "taxRate": "0.000000",
        "pricesIncludeTax": True,
        "maxOrderValue": None,
    }
    assert await site.data(SHOP, guest) == first
    assert site.count.data == 0


async def test_an_administrator_changes_settings_and_the_shop_shows_them(site: Site, company: UUID) -> None:
    changes = {
        "name": "Tea & Co",
        "currency": "KWD",
        "taxRate": "0.07",
        "pricesIncludeTax": False,
        "maxOrderValue": "1.5",
        "acceptUnpaidUpTo": "20",
        "orderNumberPattern": "T-{number}",
    }
    payload = (await site.data(UPDATE, administrator(company), input=changes))["companySettingsUpdate"]
    assert payload == {
        "company": changes
        | {
            "taxRate": "0.070000",
            "maxOrderValue": {"amount": "1.500", "currency": "KWD"},
            "acceptUnpaidUpTo": {"amount": "20.000"},
        },
        "errors": [],
    }
    shop = (await site.data(SHOP, Actor.anonymous(company)))["shop"]
    assert (shop["name"], shop["currency"], shop["taxRate"]) == ("Tea & Co", "KWD", "0.070000")
    none = await site.data(UPDATE, administrator(company), input={"acceptUnpaidUpTo": None})
    assert none["companySettingsUpdate"]["company"]["acceptUnpaidUpTo"] is None


async def test_payment_settings_are_changed_and_shown_with_the_others(site: Site, company: UUID) -> None:
    admin = administrator(company)
    payments = {"cardPayments": "NOBODY", "invoicePayments": "CUSTOMERS", "paymentProvider": "MOCK"}
    payments |= {"captureMode": "ON_SHIPMENT"}
    answer = (await site.data(PAYMENTS_UPDATE, admin, input={"name": "Tea", **payments}))["companySettingsUpdate"]
    assert answer == {"company": {"name": "Tea", "cashOnDelivery": "EVERYONE", **payments}, "errors": []}
    assert (await site.data(PAYMENTS, admin))["companySettings"] == answer["company"]
    assert (await site.data("{ paymentMethods }", Actor.anonymous(company)))["paymentMethods"] == ["CASH_ON_DELIVERY"]


async def test_invalid_settings_of_two_domains_are_reported_together_and_none_is_changed(
    site: Site, company: UUID
) -> None:
    admin = administrator(company)
    before = await site.data(PAYMENTS, admin)
    changes = {"name": "", "paymentProvider": "ADYEN", "invoicePayments": None, "cashOnDelivery": "NOBODY"}
    errors = (await site.data(PAYMENTS_UPDATE, admin, input=changes))["companySettingsUpdate"]["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("REQUIRED", ["input", "name"]),
        ("PROVIDER_UNKNOWN", ["input", "paymentProvider"]),
        ("REQUIRED", ["input", "invoicePayments"]),
    ]
    assert await site.data(PAYMENTS, admin) == before
    for bad in ({"name": ""}, {"paymentProvider": "STRIPE"}):
        await site.data(PAYMENTS_UPDATE, admin, input={"cashOnDelivery": "NOBODY", "cardPayments": "NOBODY", **bad})
        assert await site.data(PAYMENTS, admin) == before


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"name": ""}, "name", "REQUIRED"),
        ({"name": None}, "name", "REQUIRED"),
        ({"taxRate": "19"}, "taxRate", "OUT_OF_RANGE"),
        ({"acceptUnpaidUpTo": "-1"}, "acceptUnpaidUpTo", "OUT_OF_RANGE"),
        ({"acceptUnpaidUpTo": "1e20"}, "acceptUnpaidUpTo", "OUT_OF_RANGE"),
        ({"acceptUnpaidUpTo": "0.001"}, "acceptUnpaidUpTo", "TOO_MANY_DECIMALS"),
        ({"orderNumberPattern": "{number.real}"}, "orderNumberPattern", "ORDER_NUMBER_PATTERN_INVALID"),
    ],
)
async def test_an_invalid_setting_is_refused_with_its_path_and_changes_nothing(
    site: Site, company: UUID, owner: Any, changes: dict[str, Any], path: str, code: str
) -> None:
    before = await all_companies(owner)
    payload = await site.data(UPDATE, administrator(company), input={"pricesIncludeTax": False} | changes)
    errors = payload["companySettingsUpdate"]["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [(code, ["input", path])]
    assert await all_companies(owner) == before


async def test_settings_require_the_permission(site: Site, company: UUID, owner: Any) -> None:
    before = await all_companies(owner)
    guest, customer, onlooker = (
        Actor.anonymous(company),
        member(company, "CUSTOMER", 0, frozenset()),
        reader_of_settings(company),
    )
    change = {"input": {"name": "Mine"}}
    for actor, reads, writes in (
        (guest, "UNAUTHENTICATED", "UNAUTHENTICATED"),
        (customer, "FORBIDDEN", "FORBIDDEN"),
        (onlooker, None, "FORBIDDEN"),
    ):
        if reads:
            assert await site.denied(SETTINGS, actor) == reads
        assert await site.denied(UPDATE, actor, **change) == writes
    assert (await site.data(SETTINGS, onlooker))["companySettings"]["id"] == str(company)
    assert await all_companies(owner) == before


async def test_managing_companies_requires_a_super_administrator(
    site: Site, company: UUID, other_company: UUID, owner: Any
) -> None:
    before = await all_companies(owner)
    other = {"input": {"id": str(other_company)}}
    for query, variables in (
        (LIST, {}),
        (CREATE, {"input": {"name": "Mine", "currency": "EUR"}}),
        (RENAME, {"input": {"id": str(other_company), "name": "Mine"}}),
        (CLOSE, other),
        (OPEN, other),
    ):
        assert await site.denied(query, Actor.anonymous(company), **variables) == "UNAUTHENTICATED"
        for actor in (reader_of_settings(company), administrator(company)):
            assert await site.denied(query, actor, **variables) == "FORBIDDEN"
    found = f'{{ company(id: "{other_company}") {{ id }} }}'
    assert await site.data(found, administrator(company)) == {"company": None}
    assert await site.data(found, super_administrator(company)) == {"company": {"id": str(other_company)}}
    assert await all_companies(owner) == before


async def test_a_super_administrator_creates_renames_and_deactivates_companies(site: Site, company: UUID) -> None:
    boss, mark = super_administrator(company), new_id().hex
    opened = (await site.data(CREATE, boss, input={"name": f"Tea {mark}", "currency": "JPY"}))["companyCreate"]
    assert opened["errors"] == []
    assert (opened["company"]["slug"], opened["company"]["currency"]) == (f"tea-{mark}", "JPY")
    twice = (await site.data(CREATE, boss, input={"name": f"Tea {mark}", "currency": "JPY"}))["companyCreate"]
    assert twice == {"company": None, "errors": [{"code": "COMPANY_SLUG_TAKEN", "path": ["input", "slug"]}]}
    company_id = opened["company"]["id"]
    renamed = await site.data(RENAME, boss, input={"id": company_id, "name": "Coffee", "slug": f"c-{mark}"})
    assert renamed["companyUpdate"]["company"] == {"name": "Coffee", "slug": f"c-{mark}"}
    closed = await site.data(CLOSE, boss, input={"id": company_id})
    assert closed["companyDeactivate"]["company"] == {"isActive": False}
    listed = await site.data(LIST, boss, search=mark, filter={"isActive": False})
    assert listed["companies"] == {"totalCount": 1, "nodes": [{"id": company_id, "slug": f"c-{mark}"}]}
    reopened = await site.data(OPEN, boss, input={"id": company_id})
    assert reopened["companyActivate"]["company"] == {"isActive": True}
    unknown = await site.data(CLOSE, boss, input={"id": mark[:8] + "-0000-7000-8000-000000000000"})
    assert unknown["companyDeactivate"]["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
