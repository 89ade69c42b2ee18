"""Tax classes and rates over HTTP: who reads and changes them, and the statements it takes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.gateway.graphql.tax.operations import (
    CLASSES,
    CREATE_CLASS,
    CREATE_RATE,
    DELETE_CLASS,
    DELETE_RATE,
    ONE_CLASS,
    ONE_RATE,
    RATES,
    UPDATE_CLASS,
    UPDATE_RATE,
    make_class,
    make_rate,
)
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
STORED: Final = """select (select json_agg(c) from tax_classes c where company_id = $1) as classes,
  (select json_agg(r) from tax_rates r where company_id = $1) as rates"""


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


def clerk(site: Site, *grants: tuple[PermissionResource, PermissionAction]) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset(Grant(*each) for each in grants))


async def test_a_class_and_its_rates_live(site: Site, boss: Actor) -> None:
    made = await site.do(CREATE_CLASS, boss, code="Books", name="Books", isDefault=True)
    books = made["taxClass"]
    assert books == {"id": books["id"], "code": "books", "name": "Books", "isDefault": True}
    rate = await make_rate(site, boss, books["id"], rate="0.07", province="by", postalPrefix="80-3")
    assert rate == {
        "id": rate["id"],
        "name": "VAT",
        "country": "DE",
        "province": "BY",
        "postalPrefix": "803",
        "rate": "0.070000",
        "validFrom": "2026-01-01",
        "validUntil": None,
        "taxClass": {"code": "books"},
    }
    changed = await site.do(UPDATE_RATE, boss, id=rate["id"], rate="0.05", validUntil="2026-12-31", province=None)
    assert changed["taxRate"] == rate | {"rate": "0.050000", "validUntil": "2026-12-31", "province": None}
    renamed = await site.do(UPDATE_CLASS, boss, id=books["id"], name="Print", isDefault=False)
    assert renamed["taxClass"] == books | {"name": "Print", "isDefault": False}
    refused = await site.refused(DELETE_CLASS, boss, id=books["id"])
    assert (refused["code"], refused["path"]) == ("TAX_CLASS_IN_USE", ["input", "id"])
    assert (await site.do(DELETE_RATE, boss, id=rate["id"]))["deletedId"] == rate["id"]
    assert (await site.do(DELETE_CLASS, boss, id=books["id"]))["deletedId"] == books["id"]
    assert (await site.value(CLASSES, boss))["totalCount"] == 0


async def test_an_overlapping_rate_is_refused_with_the_other(site: Site, boss: Actor, owner: Any) -> None:
    books = await make_class(site, boss)
    other = await make_rate(site, boss, books, validUntil="2026-06-30")
    before = await owner.fetchrow(STORED, site.company_id)
    given = {"taxClassId": books, "name": "vat", "country": "de", "rate": "0.07", "validFrom": "2026-06-30"}
    error = await site.refused(CREATE_RATE, boss, **given)
    assert (error["code"], error["path"]) == ("TAX_RATES_OVERLAP", ["input", "validFrom"])
    assert error["message"] == (
        f"The rate 0.19 of 'VAT' with the id {other['id']} is valid from 2026-01-01 to 2026-06-30 in the same class "
        "and place. Change the days of one of the two."
    )
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_lists_are_filtered_sorted_and_take_three_statements(site: Site, boss: Actor) -> None:
    goods, books = await make_class(site, boss, isDefault=True), await make_class(site, boss, "books")
    await make_rate(site, boss, goods)
    await make_rate(site, boss, books, rate="0.07")
    await make_rate(site, boss, goods, country="AT", rate="0.2")
    rising = {"field": "RATE", "direction": "ASC"}
    found = await site.value(RATES, boss, sortBy=rising)
    assert [(each["country"], each["rate"], each["taxClass"]["code"]) for each in found["nodes"]] == [
        ("DE", "0.070000", "books"),
        ("DE", "0.190000", "standard"),
        ("AT", "0.200000", "standard"),
    ]
    assert site.count.data == 3  # the page, the count, the classes
    german = await site.value(RATES, boss, filter={"country": "DE", "taxClassId": goods, "validOn": "2026-05-01"})
    assert [each["rate"] for each in german["nodes"]] == ["0.190000"]
    classes = await site.value(CLASSES, boss)
    assert classes == {
        "totalCount": 2,
        "nodes": [{"code": "standard", "isDefault": True}, {"code": "books", "isDefault": False}],
    }


async def test_only_staff_with_settings_read_and_change_taxes(
    site: Site, boss: Actor, owner: Any, make_site: Callable[..., Site], other_company: Any
) -> None:
    books = await make_class(site, boss)
    rate = (await make_rate(site, boss, books))["id"]
    before = await owner.fetchrow(STORED, site.company_id)
    changes: list[tuple[str, dict[str, Any]]] = [
        (CREATE_CLASS, {"code": "food", "name": "Food"}),
        (UPDATE_CLASS, {"id": books, "name": "Food"}),
        (DELETE_CLASS, {"id": books}),
        (CREATE_RATE, {"taxClassId": books, "name": "GST", "country": "NZ", "rate": "0.15"}),
        (UPDATE_RATE, {"id": rate, "rate": "0.15"}),
        (DELETE_RATE, {"id": rate}),
    ]
    reads: list[tuple[str, dict[str, Any]]] = [
        *((query, {}) for query in (CLASSES, RATES)),
        (ONE_CLASS, {"id": books}),
        (ONE_RATE, {"id": rate}),
    ]
    reader = clerk(site, (R.SETTINGS, A.READ))
    merchandiser = clerk(site, (R.PRODUCTS, A.MANAGE), (R.PROMOTIONS, A.MANAGE))
    for change, given in changes:
        assert await site.denied(change, None, input=given) == "UNAUTHENTICATED"
        for who in (reader, merchandiser):
            assert await site.denied(change, who, input=given) == "FORBIDDEN"
    for query, given in reads:
        assert await site.denied(query, None, **given) == "UNAUTHENTICATED"
        assert await site.denied(query, merchandiser, **given) == "FORBIDDEN"
        assert await site.value(query, reader, **given) is not None
    elsewhere = make_site(other_company)
    stranger = administrator(other_company)
    assert [await elsewhere.value(query, stranger, **given) for query, given in reads[2:]] == [None, None]
    for change, given in changes[1:]:
        assert (await elsewhere.refused(change, stranger, **given))["code"] == "NOT_FOUND"
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_statements_of_changes(site: Site, boss: Actor) -> None:
    counts = []
    books = await make_class(site, boss)
    counts.append(site.count.data)
    rate = await make_rate(site, boss, books)
    counts.append(site.count.data)
    await site.do(UPDATE_RATE, boss, id=rate["id"], rate="0.07")
    counts.append(site.count.data)
    await site.do(DELETE_RATE, boss, id=rate["id"])
    counts.append(site.count.data)
    assert counts == [2, 6, 7, 5]


async def test_an_unknown_class_of_a_rate_is_reported_at_its_field(site: Site, boss: Actor) -> None:
    given = {"taxClassId": str(new_id()), "name": "VAT", "country": "DE", "rate": "0.19"}
    error = await site.refused(CREATE_RATE, boss, **given)
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "taxClassId"])
