"""Times without an offset and days are in the company's time zone, in every input and in export parameters."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from domains.kernel.actor import Actor
from tests.domains.actors import administrator
from tests.gateway.site import SCHEMA, Site

SET = """mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) { company { timeZone } errors { code path message } } }"""
PROMOTION = """mutation ($input: PromotionCreateInput!) {
  promotionCreate(input: $input) { promotion { id startDate endDate } errors { code path } } }"""
CHANGE = """mutation ($input: PromotionUpdateInput!) {
  promotionUpdate(input: $input) { promotion { startDate endDate } errors { code path } } }"""
WRITTEN_OUT = """mutation { promotionCreate(input: {name: "Eve", isAutomatic: true, type: SEASONAL,
  discountType: FREE_SHIPPING, startDate: "2026-12-24", endDate: "2026-12-24"}) {
  promotion { startDate endDate } errors { code } } }"""
EVE = {"name": "Eve", "isAutomatic": True, "type": "SEASONAL", "discountType": "FREE_SHIPPING"}
BERLIN = {"startDate": "2026-12-23T23:00:00+00:00", "endDate": "2026-12-24T23:00:00+00:00"}


async def move(site: Site, admin: Actor, time_zone: str) -> Any:
    return (await site.data(SET, admin, input={"timeZone": time_zone}))["companySettingsUpdate"]


async def test_the_time_zone_is_a_public_setting(site: Site, company: UUID) -> None:
    guest, admin = Actor.anonymous(company), administrator(company)
    assert await site.data("{ shop { timeZone } }", guest) == {"shop": {"timeZone": "UTC"}}
    assert await move(site, admin, "Europe/Berlin") == {"company": {"timeZone": "Europe/Berlin"}, "errors": []}
    assert await site.data("{ shop { timeZone } }", guest) == {"shop": {"timeZone": "Europe/Berlin"}}


@pytest.mark.parametrize("name", ["Mars/Olympus", "europe/berlin", "localtime", "", "+01:00", "../../etc/passwd"])
async def test_an_invalid_time_zone_is_refused(site: Site, company: UUID, name: str) -> None:
    (error,) = (await move(site, administrator(company), name))["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["input", "timeZone"])


async def test_a_promotion_starts_and_ends_in_the_companys_time_zone(site: Site, company: UUID) -> None:
    admin = administrator(company)
    await move(site, admin, "Europe/Berlin")
    made = await site.data(PROMOTION, admin, input={**EVE, "startDate": "2026-12-24", "endDate": "2026-12-24"})
    promotion = made["promotionCreate"]["promotion"]
    assert {name: promotion[name] for name in BERLIN} == BERLIN
    for given, shown in (
        ("2026-12-24T18:00", "2026-12-24T17:00:00+00:00"),
        ("2026-12-24T18:00:00-05:00", "2026-12-24T23:00:00+00:00"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00+00:00"),
    ):
        changed = await site.data(CHANGE, admin, input={"id": promotion["id"], "endDate": given})
        assert changed["promotionUpdate"]["promotion"] == {**BERLIN, "endDate": shown}


async def test_one_document_uses_the_time_zone_of_each_company(
    site: Site, company: UUID, other_company: UUID
) -> None:
    """A literal is cached with its document, which other companies may send too."""
    here, there = administrator(company), administrator(other_company)
    await move(site, here, "Europe/Berlin")
    await move(site, there, "America/New_York")
    new_york = {"startDate": "2026-12-24T05:00:00+00:00", "endDate": "2026-12-25T05:00:00+00:00"}
    for admin, expected in ((here, BERLIN), (there, new_york), (here, BERLIN)):
        assert (await site.data(WRITTEN_OUT, admin))["promotionCreate"]["promotion"] == expected


async def test_lists_are_filtered_by_days_of_the_companys_time_zone(site: Site, company: UUID) -> None:
    admin = administrator(company)
    await move(site, admin, "Pacific/Kiritimati")
    query = "query ($from: DateTime, $to: DateTime) { %s(first: 1, filter: {%s: $from, %s: $to}) { totalCount } }"
    for field, low, high in (
        ("orders", "createdFrom", "createdBefore"),
        ("carts", "updatedAfter", "updatedBefore"),
        ("activityLogs", "start", "end"),
    ):
        text = query % (field, low, high)
        answer = await site.data(text, admin, **{"from": "2026-12-01", "to": "2026-12-02T09:00"})
        assert answer == {field: {"totalCount": 0}}


def moments_in(kind: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The DateTime fields of an input type, and of those within."""
    if isinstance(kind, GraphQLInputObjectType) and kind.name not in seen:
        for name, field in kind.fields.items():
            inner = get_named_type(field.type)
            if inner.name == "DateTime":
                yield f"{kind.name}.{name}"
            yield from moments_in(inner, seen | {kind.name})


def test_local_times_occur_only_in_inputs_of_root_fields() -> None:
    """There it is placed in the shop's time zone before a resolver sees it."""
    schema = SCHEMA.graphql
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    found: set[str] = set()
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                for argument in field.args.values():
                    given = get_named_type(argument.type)
                    assert given.name != "DateTime", f"{kind.name}.{name}"
                    fields = set(moments_in(given))
                    assert not fields or kind in roots, f"{kind.name}.{name}"
                    found |= fields
    assert {"PromotionCreateInput.endDate", "OrderFilterInput.createdFrom", "ActivityInput.timestamp"} <= found
