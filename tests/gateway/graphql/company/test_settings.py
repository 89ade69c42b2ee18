"""Settings of several domains, read and changed together through GraphQL."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from tests.domains.actors import administrator, super_administrator
from tests.gateway.site import Site

UPDATE = """
mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) {
    company {
      name currency taxRate handlingDays maxOrderValue { amount } maxLineUnits unitPriceDecimals
      allocationStrategy
    }
    errors { code path }
  }
}
"""
SHOP = "{ shop { taxRate maxOrderValue { amount } maxLineUnits guestCheckout unitPriceDecimals } }"
LIST = """
query ($search: String) {
  companies(search: $search) { nodes { id taxRate maxOrderValue { amount currency } orderNumberPattern } }
}
"""
ONE = "query ($id: ID!) { company(id: $id) { id currency taxRate maxOrderLines acceptUnpaidUpTo { amount } } }"
TABLES = (
    "companies",
    "catalog_settings",
    "inventory_settings",
    "tax_settings",
    "shipping_settings",
    "cart_settings",
    "order_settings",
)


async def stored(owner: Any, company: UUID) -> dict[str, list[Any]]:
    """All rows of a company's settings."""
    return {
        table: await owner.fetch(
            f"select * from {table} where {'id' if table == 'companies' else 'company_id'} = $1",  # noqa: S608 - ours
            company,
        )
        for table in TABLES
    }


async def test_settings_of_all_domains_change_together_and_emit_events_by_domain(
    site: Site, company: UUID, owner: Any
) -> None:
    changes = {
        "name": "Tea",
        "taxRate": "0.07",
        "handlingDays": 4,
        "maxOrderValue": "100",
        "maxLineUnits": 5,
        "unitPriceDecimals": 3,
        "allocationStrategy": "NEAREST",
    }
    payload = await site.do(UPDATE, administrator(company), **changes)
    assert payload["company"] == {
        "name": "Tea",
        "currency": "EUR",
        "taxRate": "0.070000",
        "handlingDays": 4,
        "maxOrderValue": {"amount": "100.00"},
        "maxLineUnits": 5,
        "unitPriceDecimals": 3,
        "allocationStrategy": "NEAREST",
    }
    topics = await owner.fetch("select topic, payload from outbox_events where company_id = $1", company)
    assert {row["topic"] for row in topics} == {
        "company.updated",
        "tax.settings_updated",
        "shipping.settings_updated",
        "order.settings_updated",
        "cart.settings_updated",
        "catalog.settings_updated",
        "inventory.settings_updated",
    }


async def test_errors_of_several_domains_are_reported_together_and_nothing_changes(
    site: Site, company: UUID, owner: Any
) -> None:
    before = await stored(owner, company)
    changes = {
        "name": "",
        "taxRate": "19",
        "maxOrderValue": "0.001",
        "maxLineUnits": 0,
        "orderNumberPattern": "x",
        "unitPriceDecimals": 9,
        "guestCheckout": False,
    }
    payload = await site.value(UPDATE, administrator(company), input=changes)
    wrong = {(error["code"], error["path"][1]) for error in payload["errors"]}
    assert wrong == {("REQUIRED", "name"), ("ORDER_NUMBER_PATTERN_INVALID", "orderNumberPattern")} | {
        ("TOO_MANY_DECIMALS", "maxOrderValue"),
        *(("OUT_OF_RANGE", name) for name in ("taxRate", "maxLineUnits", "unitPriceDecimals")),
    }
    assert await stored(owner, company) == before


async def test_amounts_of_every_domain_must_fit_a_new_currency(site: Site, company: UUID, owner: Any) -> None:
    admin = administrator(company)
    await site.do(UPDATE, admin, acceptUnpaidUpTo="4.99", maxOrderValue="99.50", unitPriceDecimals=2)
    before = await stored(owner, company)
    payload = await site.value(UPDATE, admin, input={"currency": "JPY"})
    assert {error["path"][1] for error in payload["errors"]} == {"acceptUnpaidUpTo", "maxOrderValue"}
    assert await stored(owner, company) == before
    changed = await site.do(UPDATE, admin, currency="JPY", acceptUnpaidUpTo=None, maxOrderValue="500")
    assert changed["company"]["maxOrderValue"] == {"amount": "500"}


async def test_changed_settings_are_visible_at_once_and_then_cached(site: Site, company: UUID) -> None:
    guest = Actor.anonymous(company)
    await site.data(SHOP, guest)
    await site.do(UPDATE, administrator(company), maxLineUnits=7)
    assert (await site.value(SHOP, guest))["maxLineUnits"] == 7
    await site.data(SHOP, guest)
    assert site.count.data == 0


async def test_a_super_administrator_reads_the_settings_of_any_company(
    site: Site, company: UUID, other_company: UUID, owner: Any
) -> None:
    boss = super_administrator(company)
    await owner.execute("insert into tax_settings (company_id, tax_rate) values ($1, 0.2)", other_company)
    found = await site.value(ONE, boss, id=str(other_company))
    assert found == {
        "id": str(other_company),
        "currency": "EUR",
        "taxRate": "0.200000",
        "maxOrderLines": 100,
        "acceptUnpaidUpTo": {"amount": "1000000.00"},
    }
    listed = await site.value(LIST, boss, search="shop-")
    rates = {node["id"]: Decimal(node["taxRate"]) for node in listed["nodes"]}
    assert (rates[str(company)], rates[str(other_company)]) == (Decimal(0), Decimal("0.2"))
    assert site.count.data == 2
    assert await site.value(ONE, administrator(company), id=str(other_company)) is None


async def test_the_look_of_notifications_is_a_setting(site: Site, company: UUID) -> None:
    names = "defaultLanguage senderName replyTo logoUrl brandColor footer storefrontUrl staffEmails quietHoursStart"
    names += " quietHoursEnd retentionDays alertDays"
    update = f"""mutation ($input: CompanySettingsUpdateInput!) {{ companySettingsUpdate(input: $input) {{
      company {{ {names} }} errors {{ code path }} }} }}"""
    changes: dict[str, Any] = {
        "defaultLanguage": "de",
        "senderName": "Ada's tea",
        "replyTo": "help@example.com",
        "logoUrl": "https://example.com/logo.png",
        "brandColor": "#aa0000",
        "footer": "Street 1",
        "storefrontUrl": "https://example.com",
        "staffEmails": ["ada@example.com"],
        "quietHoursStart": "22:00",
        "quietHoursEnd": "07:00",
        "retentionDays": 90,
        "alertDays": 30,
    }
    admin = administrator(company)
    assert (await site.do(update, admin, **changes))["company"] == changes
    wrong = {"brandColor": "red", "logoUrl": "javascript:x", "staffEmails": ["no"], "quietHoursEnd": None}
    payload = await site.value(update, admin, input=wrong)
    assert [each["path"][1] for each in payload["errors"]] == ["logoUrl", "brandColor", "staffEmails"]
    assert (await site.value(f"{{ companySettings {{ {names} }} }}", admin)) == changes


async def test_marketing_is_a_setting(site: Site, company: UUID) -> None:
    names = "cartReminders cartReminderHours reviewRequestDays"
    update = f"""mutation ($input: CompanySettingsUpdateInput!) {{ companySettingsUpdate(input: $input) {{
      company {{ {names} }} errors {{ code path }} }} }}"""
    admin = administrator(company)
    standard = {"cartReminders": "CUSTOMERS", "cartReminderHours": [24, 72, 168], "reviewRequestDays": 7}
    assert await site.value(f"{{ companySettings {{ {names} }} }}", admin) == standard
    changes = {"cartReminders": "CHOSEN", "cartReminderHours": [4, 24], "reviewRequestDays": 0}
    assert (await site.do(update, admin, **changes))["company"] == changes
    assert (await site.do(update, admin, cartReminderHours=[]))["company"]["cartReminderHours"] == [24, 72, 168]
    for wrong in ([24, 4], [0], [721], [4, 4], [1, 2, 3, 4]):
        payload = await site.value(update, admin, input={"cartReminderHours": wrong, "reviewRequestDays": 366})
        assert [each["path"][1] for each in payload["errors"]] == ["cartReminderHours", "reviewRequestDays"]
