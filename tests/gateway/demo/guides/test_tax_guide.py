"""The operations of docs/taxes.md, one after the other."""

import httpx

from gateway.demo.loader import Demo
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in

GUIDE = "docs/taxes.md"
UNDO = """mutation { companySettingsUpdate(input: {taxCountry: null, shippingTaxMethod: UNTAXED}) {
  company { taxCountry } errors { message } } }"""


async def test_the_operations_of_the_guide_set_up_taxes(client: httpx.AsyncClient, demo: Demo) -> None:
    goods, books, assign, vat, qst, rates, end, following, settings = operations(GUIDE)[:9]
    staff, purchase = await log_in(client, 0), await demo.purchase()
    assert purchase is not None
    created = [(await value(client, each, staff))["taxClass"] for each in (goods, books)]
    assert [each["code"] for each in created] == ["goods", "printed-books"]
    standard, reduced = (each["id"] for each in created)
    product = (await value(client, filled(assign, str(purchase.product_id), reduced), staff))["product"]
    assert product["taxClass"] == {"code": "printed-books"}
    first = (await value(client, filled(vat, reduced), staff))["taxRate"]
    assert first["validUntil"] is None
    assert (await value(client, filled(qst, standard), staff))["taxRate"]["province"] == "QC"
    listed = await value(client, rates, staff)
    found = [(each["name"], each["rate"], each["taxClass"]["code"]) for each in listed["nodes"]]
    assert [each for each in found if each[0] == "VAT"] == [("VAT", "0.070000", "printed-books")]
    assert (await value(client, filled(end, first["id"]), staff))["taxRate"]["validUntil"] == "2026-12-31"
    assert (await value(client, filled(following, reduced), staff))["taxRate"]["validFrom"] == "2027-01-01"
    company = (await value(client, settings, staff))["company"]
    assert (company["taxCountry"], company["shippingTaxMethod"]) == ("GB", "PROPORTIONAL")
    await value(client, UNDO, staff)


async def test_the_installation_of_the_guide_is_done_once(client: httpx.AsyncClient) -> None:
    (install,) = (each for each in operations(GUIDE) if "taxRatesInstall" in each)
    staff = await log_in(client, 0)
    first, second = await value(client, install, staff), await value(client, install, staff)
    assert first["createdCount"] + first["unchangedCount"] == 18
    assert (second["createdCount"], second["unchangedCount"], second["taxClass"]) == (0, 18, first["taxClass"])
    assert first["taxClass"]["isDefault"]
