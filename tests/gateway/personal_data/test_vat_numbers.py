"""VAT numbers of carts and orders: exported with the other data of a person, and erased with them."""

import pytest

from domains.cart.destinations import NewDestination
from domains.cart.models import CartRef
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import personal_data
from tests.gateway.personal_data.test_personal_data import shop

__all__ = ["shop"]
NUMBER = "GB980780684"
STORED = """
select (select count(*) from orders where company_id = $1 and vat_number is not null),
  (select count(*) from carts where company_id = $1 and num_nonnulls(vat_number, destination_country) > 0),
  (select count(*) from order_taxes where company_id = $1)
"""


@pytest.mark.parametrize("is_guest", [False, True])
async def test_a_vat_number_is_exported_and_erased_and_the_taxes_stay(shop: Storefront, is_guest: bool) -> None:
    subject = people.guest(shop) if is_guest else await people.register(shop)
    await shop.stock("A", 5)
    given = {"email": subject.email} if is_guest else {}
    await people.delivered_order(shop, subject, vat_number=NUMBER, **given)
    if not is_guest:
        ref, new = CartRef.of(subject.actor, None), NewDestination(country="GB", vat_number=NUMBER)
        await shop.run(lambda tx: shop.services.cart.destinations.update(tx, ref, new), subject.actor)
    exported = (await personal_data(shop).export(subject.email))["companies"]
    (data,) = exported.values()
    assert [row["vat_number"] for row in data["order"]["orders"]] == [NUMBER]
    assert len(data["order"]["order_taxes"]) == 1
    if not is_guest:
        assert [row["vat_number"] for row in data["cart"]["carts"]] == [NUMBER]
    assert tuple(await shop.owner.fetchrow(STORED, shop.company_id)) == (1, 0 if is_guest else 1, 1)
    await personal_data(shop).erase(subject.email)
    assert tuple(await shop.owner.fetchrow(STORED, shop.company_id)) == (0, 0, 1)
