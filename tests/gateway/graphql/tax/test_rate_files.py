"""Files of tax rates over HTTP, and the installation of starter rates: who may, and what a refused one changes."""

from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.tax.rate_files.rate_csv import HEADING, rate_file
from tests.gateway.graphql.tax.operations import INSTALL, RATES, make_class, make_rate
from tests.gateway.site import Site, Who

A, R = PermissionAction, PermissionResource
CSV: Final = {"content-type": "text/csv"}
GERMAN: Final = "standard,VAT,DE,,,0.19,2026-01-01,"
STORED: Final = """select (select json_agg(c) from tax_classes c where company_id = $1) as classes,
  (select json_agg(r) from tax_rates r where company_id = $1) as rates"""


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


def clerk(site: Site, action: PermissionAction) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset({Grant(R.SETTINGS, action)}))


async def upload(site: Site, who: Who, *rows: str) -> httpx.Response:
    content = rate_file(*rows).getvalue()
    return await site.send("POST", who, "/import/tax-rates", content=content, headers=CSV)


async def download(site: Site, who: Who) -> httpx.Response:
    return await site.send("GET", who, "/export/tax-rates.csv")


async def test_rates_are_imported_and_exported(site: Site, boss: Actor) -> None:
    await make_class(site, boss)
    given = [GERMAN, "standard,GST,CA,QC,,0.05,2026-01-01,2026-12-31"]
    first, second = await upload(site, boss, *given), await upload(site, boss, *given)
    assert (first.status_code, first.json()) == (200, {"created": 2, "updated": 0, "unchanged": 0})
    assert (second.status_code, second.json()) == (200, {"created": 0, "updated": 0, "unchanged": 2})
    exported = await download(site, clerk(site, A.EXPORT))
    assert exported.headers["content-disposition"] == 'attachment; filename="tax-rates.csv"'
    lines = exported.text.split("\r\n")
    assert (lines[0], sorted(lines[1:])) == (HEADING, sorted([*given, ""]))
    again = await site.send("POST", boss, "/import/tax-rates", content=exported.content, headers=CSV)
    assert again.json() == {"created": 0, "updated": 0, "unchanged": 2}
    assert (await site.value(RATES, boss))["totalCount"] == 2


async def test_each_wrong_line_is_in_the_answer_and_nothing_is_imported(site: Site, boss: Actor, owner: Any) -> None:
    await make_rate(site, boss, await make_class(site, boss))
    before = await owner.fetchrow(STORED, site.company_id)
    response = await upload(site, boss, "standard,VAT,FR,,,0.2,2026-01-01,", "standard,VAT,XX,,,1.2,2026-01-01,")
    (error,) = response.json()["errors"]
    assert response.status_code == 400
    assert [(each["code"], each["message"]) for each in error["extensions"]["errors"]] == [
        (
            "TAX_RATE_ROW_INVALID",
            'Line 3: "country": This is not a country code. Use the two letters of ISO 3166-1, such as DE.',
        ),
        ("TAX_RATE_ROW_INVALID", 'Line 3: "rate": A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.'),
    ]
    overlapping = await upload(site, boss, "standard,VAT,DE,,,0.16,2026-02-01,")
    assert (overlapping.status_code, "Line 2: The rate overlaps the stored one" in overlapping.text) == (400, True)
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_only_staff_with_the_permission_import_export_and_install(
    site: Site, boss: Actor, owner: Any, make_site: Callable[..., Site], other_company: Any
) -> None:
    await make_rate(site, boss, await make_class(site, boss))
    before = await owner.fetchrow(STORED, site.company_id)
    for who, status in ((None, 401), ("nobody", 401), (clerk(site, A.READ), 403), (clerk(site, A.EXPORT), 403)):
        assert (await upload(site, who, "standard,VAT,FR,,,0.2,2026-01-01,")).status_code == status
    for who, status in ((None, 401), ("nobody", 401), (clerk(site, A.READ), 403), (clerk(site, A.IMPORT), 403)):
        response = await download(site, who)
        assert (response.status_code, "VAT" in response.text) == (status, False)
    assert await site.denied(INSTALL, None, input={"countries": ["FR"]}) == "UNAUTHENTICATED"
    for action in (A.READ, A.IMPORT):
        assert await site.denied(INSTALL, clerk(site, action), input={"countries": ["FR"]}) == "FORBIDDEN"
    elsewhere, stranger = make_site(other_company), administrator(other_company)
    refused = await upload(elsewhere, stranger, GERMAN)
    assert (refused.status_code, "no tax class with the code 'standard'" in refused.text) == (400, True)
    assert (await download(elsewhere, stranger)).text == f"{HEADING}\r\n"
    assert (await elsewhere.do(INSTALL, stranger, countries=["DE"]))["createdCount"] == 1
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_starter_rates_are_installed_once(site: Site, boss: Actor) -> None:
    installed = await site.do(INSTALL, clerk(site, A.UPDATE), countries=["de", "FR"])
    standard = {"code": "standard", "isDefault": True}
    assert installed == {"taxClass": standard, "createdCount": 2, "unchangedCount": 0, "errors": []}
    again = await site.do(INSTALL, boss, countries=["DE", "FR", "US"])
    assert (again["createdCount"], again["unchangedCount"]) == (52, 2)
    found = await site.value(RATES, boss, filter={"country": "FR"})
    assert [(each["name"], each["rate"]) for each in found["nodes"]] == [("VAT", "0.200000")]


async def test_starter_rates_that_differ_from_the_companys_are_refused_by_country(
    site: Site, boss: Actor, owner: Any
) -> None:
    await make_rate(site, boss, await make_class(site, boss, isDefault=True), rate="0.16")
    before = await owner.fetchrow(STORED, site.company_id)
    payload = await site.value(INSTALL, boss, input={"countries": ["FR", "DE", "HK", "Germany"]})
    assert (payload["taxClass"], payload["createdCount"], payload["unchangedCount"]) == (None, None, None)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("TAX_RATES_UNINSTALLABLE", ["input", "countries", "2"]),
        ("INVALID", ["input", "countries", "3"]),
    ]
    differing = await site.refused(INSTALL, boss, countries=["FR", "DE"])
    assert (differing["code"], differing["path"]) == ("TAX_RATES_UNINSTALLABLE", ["input", "countries", "1"])
    assert differing["message"].startswith("The company has the rate 0.16 of 'VAT' in DE, valid from 2026-01-01 on")
    assert await owner.fetchrow(STORED, site.company_id) == before
