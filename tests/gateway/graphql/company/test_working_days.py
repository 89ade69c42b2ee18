"""The working days of a company, by which deliveries are estimated, through GraphQL."""

from typing import Any
from uuid import UUID

import pytest

from tests.domains.actors import administrator
from tests.gateway.site import Site

UPDATE = """
mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) {
    company { workingDays holidays orderCutoff handlingDays }
    errors { code message path }
  }
}
"""
WORKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]


async def test_working_days_are_monday_to_friday_by_default(site: Site, company: UUID) -> None:
    payload = await site.do(UPDATE, administrator(company))
    expected = {"workingDays": WORKDAYS, "holidays": [], "orderCutoff": None, "handlingDays": 1}
    assert payload["company"] == expected


async def test_working_days_are_changed_and_sorted(site: Site, company: UUID, owner: Any) -> None:
    changes = {
        "workingDays": ["SATURDAY", "MONDAY", "SATURDAY"],
        "holidays": ["2027-01-01", "2026-12-25", "2027-01-01"],
        "orderCutoff": "09:30",
        "handlingDays": 0,
    }
    payload = await site.do(UPDATE, administrator(company), **changes)
    assert payload["company"] == {
        "workingDays": ["MONDAY", "SATURDAY"],
        "holidays": ["2026-12-25", "2027-01-01"],
        "orderCutoff": "09:30",
        "handlingDays": 0,
    }
    changed = await owner.fetchval(
        "select payload->'changed' from outbox_events where company_id = $1 and topic = 'shipping.settings_updated'",
        company,
    )
    assert changed == ["handling_days", "holidays", "order_cutoff", "working_days"]
    await site.do(UPDATE, administrator(company), orderCutoff=None)
    assert await owner.fetchval("select order_cutoff from shipping_settings where company_id = $1", company) is None


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"workingDays": []}, "REQUIRED", "workingDays"),
        ({"workingDays": None}, "REQUIRED", "workingDays"),
        ({"orderCutoff": "24:00"}, "INVALID", "orderCutoff"),
        ({"orderCutoff": "9:30"}, "INVALID", "orderCutoff"),
        ({"handlingDays": 61}, "OUT_OF_RANGE", "handlingDays"),
        ({"handlingDays": -1}, "OUT_OF_RANGE", "handlingDays"),
        ({"holidays": [f"{2000 + n // 28}-01-{n % 28 + 1:02}" for n in range(201)]}, "TOO_MANY", "holidays"),
    ],
)
async def test_wrong_working_days_are_refused(
    site: Site, company: UUID, owner: Any, change: dict[str, Any], code: str, path: str
) -> None:
    payload = await site.value(UPDATE, administrator(company), input=change)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["input", path])]
    assert await owner.fetchval("select count(*) from shipping_settings where company_id = $1", company) == 0
