"""Search of orders: by the end of a number, a name, a company, a postal code, a telephone number, a SKU."""

from dataclasses import replace
from typing import Any

import pytest

from domains.catalog.search.facet_tokens import company_code
from domains.kernel.actor import Actor
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import AddressFields, Order, OrderFilter
from domains.order.search.index import index_outdated
from tests.conftest import make_company
from tests.domains.order.storefront import HOME, Storefront
from tests.gateway.graphql.order.operations import LIST
from tests.gateway.site import Site

MUNICH = AddressFields(
    full_name="Zoë Müller-Lüdenscheidt",
    company_name="Brückner & Söhne GmbH",
    address_line_1="Sendlinger Str. 1",
    city="München",
    postal_code="80331",
    country="DE",
    phone="0171 1234567",
)
LONDON = AddressFields(
    full_name="Seán O'Brien",
    address_line_1="1 Park Street",
    city="London",
    postal_code="SW1A 1AA",
    country="GB",
    phone="+44 20 7946 0958",
)
MOSCOW = AddressFields(
    full_name="Анна Йылмаз",
    address_line_1="Тверская 1",
    city="Москва",
    postal_code="125009",
    country="RU",
    phone="8 (912) 345-67-89",
)
TAIPEI = AddressFields(full_name="陳大文", address_line_1="1", city="Taipei", postal_code="100", country="TW")
BOSTON = AddressFields(
    full_name="Ann Lee", address_line_1="1 Elm", city="Boston", province="MA", postal_code="02108", country="US",
    phone="(617) 555-0123 x12",
)  # fmt: skip
ADDRESSES = {"Munich": MUNICH, "London": LONDON, "Moscow": MOSCOW, "Taipei": TAIPEI, "Boston": BOSTON}
# The SKU 170000D000237 ends like Boston's number.
BOTH = {"Boston", "Munich"}
TYPED: dict[str, set[str]] = {
    "000237": BOTH,
    "237": {"Boston"},
    "0237": BOTH,
    "Müller": {"Munich"},
    "MULLER": {"Munich"},
    "zoe mull": {"Munich"},
    "müller-lüdenscheidt": {"Munich"},
    "Mu\u0308ller": {"Munich"},
    "muller 80331": {"Munich"},
    "muller 1234567": set(),
    "Brückner": {"Munich"},
    "bruckner & sohne": {"Munich"},
    "Söhne müller 80331": {"Munich"},
    "gmb": {"Munich"},
    "obrien gmbh": set(),
    "obrien": {"London"},
    "O\u2019Brien": {"London"},
    "sean": {"London"},
    "анна": {"Moscow"},
    "陳大": {"Taipei"},
    "大文": {"Taipei"},
    "80331": {"Munich"},
    "sw1a1aa": {"London"},
    "SW1A 1AA": {"London"},
    "1aa": {"London"},
    "0171 1234567": {"Munich"},
    "0171/1234567": {"Munich"},
    "+49 171 1234567": {"Munich"},
    "+49 (0)171-12345-67": {"Munich"},
    "0049 171 1234567": {"Munich"},
    "171 1234567": {"Munich"},
    "34567": {"Munich"},
    "020 7946 0958": {"London"},
    "8 912 345 67 89": {"Moscow"},
    "+7 912 345-67-89": {"Moscow"},
    "617.555.0123": {"Boston"},
    "1-617-555-0123 ext. 12": {"Boston"},
    "D000237": {"Munich"},
    "170000d": {"Munich"},
    "tee-red/l": {"London"},
    "teeredl": {"London"},
    "red/l": {"London"},
    "E\u03011": {"Moscow"},
    "moscow@EXAMPLE": {"Moscow"},
    "nobody": set(),
    "\N{WRAPPED PRESENT}": set(),
    "()": set(),
    "\u200b": set(),
}
SKUS = ("170000D000237", "TEE-RED/L", "É1", "MUG", "PEN")


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    """A member of staff with permission for orders and not for users."""
    staff = await shop.staff()
    return replace(staff, role=None, grants=frozenset({Grant(PermissionResource.ORDERS, PermissionAction.READ)}))


@pytest.fixture
async def orders(shop: Storefront) -> dict[str, Order]:
    """An order of a guest to each place, each of another SKU, numbered from 2026-000233 on."""
    placed = {}
    await shop.owner.execute(
        "insert into order_counters (company_id, last_number) values ($1, 232) "
        "on conflict (company_id) do update set last_number = 232",
        shop.company_id,
    )
    for sku, (name, address) in zip(SKUS, ADDRESSES.items(), strict=True):
        await shop.stock(sku, 5, "10.00")
        guest = Actor.anonymous(shop.company_id)
        token = await shop.fill(guest, (sku, 1))
        given: dict[str, Any] = {"cart_token": token, "email": f"{name.lower()}@example.com", "shipping": address}
        placed[name] = (await shop.place(guest, **given)).order
    return placed


async def found(site: Site, actor: Actor, orders: dict[str, Order], search: str, **more: Any) -> set[str]:
    names = {str(order.id): name for name, order in orders.items()}
    page = (await site.data(LIST, actor, search=search, **more))["orders"]
    assert page["totalCount"] == len(page["nodes"])
    return {names[node["id"]] for node in page["nodes"]}


async def test_an_order_is_found_by_what_staff_type(site: Site, clerk: Actor, orders: dict[str, Order]) -> None:
    number = orders["Boston"].order_number
    assert number.endswith("-000237")
    numbers = {
        number: {"Boston"},
        number.replace("-", ""): {"Boston"},
        number.replace("-", "\N{EN DASH}"): BOTH,
        number[:-1]: set(orders),
        "": set(orders),
    }
    for search, expected in {**numbers, **TYPED}.items():
        assert await found(site, clerk, orders, search) == expected, search


async def test_a_search_is_combined_with_filters_and_pages(
    site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    every = "example"  # of no address the beginning
    assert await found(site, clerk, orders, every) == set()
    assert await found(site, clerk, orders, "muller", filter={"statuses": ["PENDING", "PAID"]}) == {"Munich"}
    assert await found(site, clerk, orders, "muller", filter={"statuses": ["PAID"]}) == set()
    assert await found(site, clerk, orders, "237", filter={"sku": "PEN"}) == {"Boston"}


async def test_an_order_is_found_by_its_billing_address(shop: Storefront, site: Site, clerk: Actor) -> None:
    await shop.stock("A", 5, "10.00")
    buyer = await shop.customer()
    await shop.fill(buyer, ("A", 1))
    order = (await shop.place(buyer, shipping=HOME, billing=MUNICH)).order
    for search in ("lovelace", "muller", "80331", "01711234567"):
        assert await found(site, clerk, {"it": order}, search) == {"it"}, search


async def test_customers_find_their_own_orders_by_number_and_address_only(
    shop: Storefront, site: Site, orders: dict[str, Order]
) -> None:
    buyer = await shop.customer()
    await shop.fill(buyer, ("MUG", 1))
    mine = (await shop.place(buyer)).order
    everything = {**orders, "mine": mine}
    assert await found(site, buyer, everything, mine.order_number) == {"mine"}
    for search in ("muller", "000237", orders["Munich"].order_number, "80331"):
        assert await found(site, buyer, everything, search) == set()


async def test_orders_of_another_company_are_not_found(shop: Storefront, orders: dict[str, Order]) -> None:
    """Even where two companies share the letters that their terms begin with."""
    other = await make_company(shop.owner)
    await shop.owner.execute(
        "update order_search set version = 0, terms = array(select $2 || substr(term, 4) from unnest(terms) term) "
        "where company_id = $1",
        shop.company_id,
        company_code(other),
    )
    page = await shop.services.order.get_user_orders(
        shop.database.reader(other), Actor.system(other), PageArgs(), OrderFilter(search="muller")
    )
    assert page.items == []
    assert await shop.run(index_outdated) == len(orders)
    assert await shop.run(index_outdated) == 0


async def test_orders_of_an_earlier_version_are_reported_and_indexed(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    """By the migration they have an entry without terms; what a server of that version placed meanwhile has none."""
    await shop.owner.execute(
        "update order_search set version = 0, terms = '{}' where order_id = $1", orders["Munich"].id
    )
    await shop.owner.execute("delete from order_search where order_id = $1", orders["London"].id)
    assert {row["order_number"] for _, row in await shop.broken()} == {
        orders["Munich"].order_number,
        orders["London"].order_number,
    }
    assert await found(site, clerk, orders, "muller") == await found(site, clerk, orders, "obrien") == set()
    assert await found(site, clerk, orders, orders["London"].order_number) == {"London"}
    assert await shop.run(index_outdated) == 2
    assert await found(site, clerk, orders, "muller") == {"Munich"}
    assert await found(site, clerk, orders, "obrien") == {"London"}


async def test_orders_of_the_version_without_companies_are_reported_and_indexed(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    """The order with a company is reported until then, and the others remain correct."""
    await shop.owner.execute(
        "update order_search set version = 1, terms = array(select t from unnest(terms) t where t !~ $1) "
        "where company_id = $2",
        "bru|sohn|gmbh",
        shop.company_id,
    )
    assert [row["order_number"] for _, row in await shop.broken()] == [orders["Munich"].order_number]
    assert await found(site, clerk, orders, "brückner") == set()
    assert await found(site, clerk, orders, "muller") == {"Munich"}
    assert await shop.run(index_outdated) == len(orders)
    assert await found(site, clerk, orders, "brückner") == {"Munich"}
    assert await shop.run(index_outdated) == 0


async def test_searching_executes_as_many_statements_as_listing(
    site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    await found(site, clerk, orders, "")
    listed = site.count.data
    await found(site, clerk, orders, "muller")
    assert site.count.data == listed
