"""Carriers over HTTP: for staff with SETTINGS permissions; no secret comes back."""

from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
CARRIER: Final = "id name code adapter apiEndpoint isActive isAvailable credentials { name isSecret isSet value }"
CREATE: Final = f"""mutation ($input: CarrierCreateInput!) {{ carrierCreate(input: $input) {{
  carrier {{ {CARRIER} }} errors {{ code message path }} }} }}"""
UPDATE: Final = f"""mutation ($input: CarrierUpdateInput!) {{ carrierUpdate(input: $input) {{
  carrier {{ {CARRIER} }} errors {{ code message path }} }} }}"""
DELETE: Final = """mutation ($input: CarrierDeleteInput!) { carrierDelete(input: $input) {
  deletedId errors { code message path } } }"""
LIST: Final = "query { carriers(first: 10) { totalCount nodes { code } } }"
ONE: Final = "query ($id: ID!) { carrier(id: $id) { code } }"
ADAPTERS: Final = "query { carrierAdapters { name isBuiltIn quotesRates sellsLabels takesTypedLabels } }"
NEW: Final = {"name": "Mock", "code": "Mock", "adapter": "MOCK"}
SECRET: Final = "whsec_that_nobody_sees"


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


def clerk(site: Site, action: PermissionAction) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset({Grant(R.SETTINGS, action)}))


async def test_a_carrier_lives_without_showing_its_secret(
    site: Site, boss: Actor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = [{"name": "webhook_secret", "value": SECRET}, {"name": "account_number", "value": "77"}]
    made = (await site.do(CREATE, boss, **NEW, credentials=credentials))["carrier"]
    assert made == {
        "id": made["id"],
        "name": "Mock",
        "code": "mock",
        "adapter": "MOCK",
        "apiEndpoint": None,
        "isActive": True,
        "isAvailable": True,
        "credentials": [
            {"name": "webhook_secret", "isSecret": True, "isSet": True, "value": None},
            {"name": "account_number", "isSecret": False, "isSet": True, "value": "77"},
        ],
    }
    removed = [{"name": "webhook_secret", "value": ""}]
    changed = (await site.do(UPDATE, boss, id=made["id"], isActive=False, credentials=removed))["carrier"]
    assert (changed["isActive"], changed["isAvailable"]) == (False, False)
    assert changed["credentials"][0]["isSet"] is False
    assert (await site.value(ONE, boss, id=made["id"])) == {"code": "mock"}
    assert (await site.value(LIST, boss)) == {"totalCount": 1, "nodes": [{"code": "mock"}]}
    assert (await site.do(DELETE, boss, id=made["id"]))["deletedId"] == made["id"]
    assert SECRET not in caplog.text + "".join(capsys.readouterr())


async def test_the_adapters_say_what_they_can_do(site: Site, boss: Actor) -> None:
    assert await site.value(ADAPTERS, boss) == [
        {"name": name, "isBuiltIn": True, "quotesRates": quotes, "sellsLabels": sells, "takesTypedLabels": typed}
        for name, quotes, sells, typed in [
            ("MANUAL", False, True, True),
            ("MOCK", True, True, False),
            ("TABLE", False, False, False),
        ]
    ]


async def test_a_credential_that_is_given_twice_or_unknown_is_named_by_its_place(site: Site, boss: Actor) -> None:
    twice = [{"name": "webhook_secret", "value": "a"}, {"name": "webhook_secret", "value": "b"}]
    error = await site.refused(CREATE, boss, **NEW, credentials=twice)
    assert error["path"] == ["input", "credentials", "1", "name"]
    error = await site.refused(CREATE, boss, **NEW, credentials=[{"name": "unknown", "value": SECRET}])
    assert (error["code"], error["path"]) == ("CARRIER_CREDENTIAL_UNKNOWN", ["input", "credentials", "0"])
    assert SECRET not in error["message"]


async def test_only_staff_who_manage_settings_change_carriers(site: Site, boss: Actor, owner: Any) -> None:
    made = (await site.do(CREATE, boss, **NEW))["carrier"]
    stored = "select * from carriers where company_id = $1"
    before = await owner.fetch(stored, site.company_id)
    for who, code in ((None, "UNAUTHENTICATED"), (clerk(site, A.UPDATE), "FORBIDDEN")):
        for query, given in (
            (CREATE, NEW | {"code": "b"}),
            (UPDATE, {"id": made["id"]}),
            (DELETE, {"id": made["id"]}),
        ):
            assert await site.denied(query, who, input=given) == code
    for query in (LIST, ADAPTERS):
        assert await site.denied(query, member(site.company_id, "CLERK", 10, frozenset())) == "FORBIDDEN"
    assert (await site.value(ONE, clerk(site, A.READ), id=made["id"])) == {"code": "mock"}
    assert await owner.fetch(stored, site.company_id) == before


async def test_a_list_takes_two_statements_and_a_change_three(site: Site, boss: Actor) -> None:
    made = (await site.do(CREATE, boss, **NEW))["carrier"]
    await site.do(UPDATE, boss, id=made["id"], name="Parcels")
    assert site.count.data == 3  # the carrier, its change, and the event
    await site.value(LIST, boss)
    assert site.count.data == 2  # the page, and its number
