"""The starter rates: what the committed file has, and how it follows from the figures of its source."""

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Final

from domains.kernel.values.countries import COUNTRIES
from domains.tax.european_union import MEMBERS
from domains.tax.starter.build import VERSION, Source, content_of
from domains.tax.starter.rates import COLUMNS, FILE

RELEASED: Final = date(2026, 5, 19)
_STATES: Final = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
RI SC SD TN TX UT VT VA WA WV WI WY
"""
STATES: Final = frozenset(_STATES.split())
_PROVINCES: Final = "AB BC MB NB NL NS NT NU ON PE QC SK YT"
PROVINCES: Final = frozenset(_PROVINCES.split())


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(FILE.read_text(encoding="utf-8"))))


def test_each_row_is_a_rate_of_a_country_with_its_source() -> None:
    for row in rows():
        assert tuple(row) == COLUMNS
        assert (row["country"] in COUNTRIES, row["class"], row["valid_until"]) == (True, "standard", "")
        assert 0 <= Decimal(row["rate"]) < Decimal("0.3")
        assert date.fromisoformat(row["valid_from"]) <= RELEASED
        assert row["source"] == f"npm sales-tax {VERSION} ({RELEASED})"


def test_the_members_of_the_european_union_have_one_standard_rate_of_at_least_fifteen_percent() -> None:
    found = {row["country"]: row for row in rows() if row["country"] in MEMBERS and not row["province"]}
    assert found.keys() == MEMBERS
    # Directive 2006/112/EC, article 97: the standard rate is at least 15 %.
    assert {(row["tax"], Decimal(row["rate"]) >= Decimal("0.15")) for row in found.values()} == {("VAT", True)}


def test_each_state_of_the_united_states_has_a_sales_tax_and_five_of_them_none() -> None:
    found = {row["province"]: row for row in rows() if row["country"] == "US"}
    assert found.keys() == STATES | {""}
    assert {row["tax"] for row in found.values()} == {"Sales tax"}
    untaxed = {state for state, row in found.items() if row["rate"] == "0"}
    assert untaxed == {"", "AK", "DE", "MT", "NH", "OR"}


def test_each_province_of_canada_has_hst_or_gst_with_its_own_tax() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows():
        if row["country"] == "CA":
            found[row["province"]].add(f"{row['tax']} {Decimal(row['rate']) * 100:f}".rstrip("0").rstrip("."))
    assert found.keys() == PROVINCES
    assert found["ON"] == {"HST 13"}
    assert found["NS"] == {"HST 14"}
    assert found["QC"] == {"GST 5", "QST 9.975"}
    assert found["BC"] == {"GST 5", "PST 7"}
    assert found["AB"] == found["YT"] == {"GST 5"}


def test_a_rate_begins_when_the_earlier_one_has_ended() -> None:
    figures = {
        "EE": {
            "type": "vat",
            "rate": Decimal("0.24"),
            "before": {
                "2025-06-30T21:00:00.000Z": {"rate": Decimal("0.22")},
                "2023-12-31T22:00:00.000Z": {"rate": Decimal("0.2")},
            },
        },
        "HK": {"type": "none", "rate": 0},
        "NO": {"type": "vat", "rate": Decimal("0.25")},
    }
    origin = f"npm sales-tax {VERSION} (2026-05-19)"
    assert content_of(Source(figures, RELEASED)).splitlines() == [
        ",".join(COLUMNS),
        f"standard,VAT,EE,,,0.24,2025-07-01,,{origin}",
        f"standard,VAT,NO,,,0.25,2026-05-19,,{origin}",
    ]


def test_a_part_of_a_country_with_another_tax_has_none_of_the_country() -> None:
    spain = {
        "type": "vat",
        "rate": Decimal("0.21"),
        "states": {
            "CE": {"type": "vat", "rate": Decimal("-0.21")},
            "GC": {"type": "igic", "rate": Decimal("-0.14")},
        },
    }
    written = content_of(Source({"ES": spain}, RELEASED)).splitlines()[1:]
    assert [line.split(",")[1:6] for line in written] == [
        ["VAT", "ES", "", "", "0.21"],
        ["VAT", "ES", "CE", "", "0"],
        ["VAT", "ES", "GC", "", "0"],
        ["IGIC", "ES", "GC", "", "0.07"],
    ]
