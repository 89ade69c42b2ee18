"""The company of an address: in the address book, on the order's snapshot, and in errors."""

from typing import Any

from domains.role.models import SystemRole
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import ADDRESS, ordering
from tests.gateway.site import Site

CREATE = """mutation ($input: AddressCreateInput!) { addressCreate(input: $input) {
  address { id company province } errors { code path } } }"""
UPDATE = """mutation ($input: AddressUpdateInput!) { addressUpdate(input: $input) {
  address { company province } errors { code path } } }"""
ORDER = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { shippingAddress { company province } billingAddress { company province } } errors { code path } } }"""


async def test_an_order_keeps_the_company_of_its_addresses(site: Site, shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    site.actors["ada"] = ada
    home: dict[str, Any] = {**ADDRESS, "type": "SHIPPING", "company": " Acme GmbH", "province": "NRW"}
    book = (await site.do(CREATE, "ada", **home))["address"]
    assert (book["company"], book["province"]) == ("Acme GmbH", "NRW")
    billing = {**ADDRESS, "company": "Acme Holding"}
    variables = ordering(shippingAddressId=book["id"], billingAddress=billing)
    variables["input"].pop("shippingAddress")
    made = await site.do(ORDER, "ada", **variables["input"])
    assert made["order"] == {
        "shippingAddress": {"company": "Acme GmbH", "province": "NRW"},
        "billingAddress": {"company": "Acme Holding", "province": None},
    }


async def test_the_company_of_an_address_is_optional_and_can_be_changed_and_removed(site: Site) -> None:
    customer = await site.token(SystemRole.CUSTOMER)
    made = (await site.do(CREATE, customer, **ADDRESS, type="BILLING"))["address"]
    assert made["company"] is None
    changed = await site.do(UPDATE, customer, id=made["id"], company="Acme")
    assert changed["address"] == {"company": "Acme", "province": None}
    kept = await site.do(UPDATE, customer, id=made["id"], province="NRW")
    assert kept["address"] == {"company": "Acme", "province": "NRW"}
    assert (await site.do(UPDATE, customer, id=made["id"], company=None))["address"]["company"] is None
    error = await site.refused(UPDATE, customer, id=made["id"], company="x" * 256)
    assert error == {"code": "TOO_LONG", "path": ["input", "company"]}
