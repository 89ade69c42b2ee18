"""The taxes of the demo: two classes, and their rates in three countries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.tax.models import NewTaxRate
from domains.tax.service import TaxService

STANDARD: Final = "standard"
FOOD: Final = "food"
CLASSES: Final = {STANDARD: "Standard", FOOD: "Food"}
SINCE: Final = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class DemoRate:
    """A rate of a class; without a province it is of the whole country."""

    tax_class: str
    name: str
    country: str
    province: str | None
    rate: str


# Those of VAT Notice 701/14 (GB), of § 12 UStG (DE), and of Revenu Québec: basic groceries are zero-rated.
RATES: Final = (
    DemoRate(STANDARD, "VAT", "GB", None, "0.20"),
    DemoRate(FOOD, "VAT", "GB", None, "0"),
    DemoRate(STANDARD, "USt", "DE", None, "0.19"),
    DemoRate(FOOD, "USt", "DE", None, "0.07"),
    DemoRate(STANDARD, "GST", "CA", None, "0.05"),
    DemoRate(STANDARD, "QST", "CA", "QC", "0.09975"),
    DemoRate(FOOD, "GST", "CA", None, "0"),
)


async def add_taxes(tax: TaxService, tx: Tx) -> Mapping[str, UUID]:
    """Create the classes and their rates; returns the ids of the classes by code."""
    ids = {
        code: (await tax.classes.create(tx, {"code": code, "name": name, "is_default": code == STANDARD})).id
        for code, name in CLASSES.items()
    }
    for each in RATES:
        new: NewTaxRate = {
            "tax_class_id": ids[each.tax_class],
            "name": each.name,
            "country": each.country,
            "province": each.province,
            "rate": Decimal(each.rate),
            "valid_from": SINCE,
        }
        await tax.rates.create(tx, new)
    return ids
