"""Exempt sales: between members of the European Union, to declared countries, and never at home."""

from itertools import product

import pytest

from domains.kernel.database import Tx
from domains.tax import data
from domains.tax.european_union import MEMBERS
from domains.tax.exemptions import exemption_of
from domains.tax.models import Destination, TaxExemption
from domains.tax.service import TaxService

REVERSE_CHARGE = TaxExemption.REVERSE_CHARGE


def test_the_tax_of_a_sale_from_one_member_to_a_company_in_another_is_owed_by_the_customer() -> None:
    exempt = {
        (seller, country)
        for seller, country in product(MEMBERS, MEMBERS)
        if exemption_of(Destination(country, vat_number="stated"), seller_country=seller) is REVERSE_CHARGE
    }
    assert exempt == {(seller, country) for seller, country in product(MEMBERS, MEMBERS) if seller != country}


@pytest.mark.parametrize(
    ("seller", "country", "number", "declared", "exemption"),
    [
        ("DE", "FR", None, ["FR"], None),  # a consumer
        ("DE", "DE", "DE136695976", ["DE"], None),  # at home, whatever is declared
        (None, "FR", "FR23334175221", ["FR"], None),  # the seller's country is not known
        ("DE", "CH", "CHE107787577MWST", [], None),
        ("DE", "CH", "CHE107787577MWST", ["CH"], REVERSE_CHARGE),
        ("CH", "DE", "DE136695976", [], None),
        ("CH", "DE", "DE136695976", ["DE"], REVERSE_CHARGE),
        ("GB", "DE", "DE136695976", [], None),
        ("DE", "GB", "GB980780684", [], None),
        ("DE", "GB", "XI980780684", [], None),  # not known to go to Northern Ireland
        ("DE", "GB", "XI980780684", ["GB"], REVERSE_CHARGE),
        ("GB", "GB", "XI980780684", ["GB"], None),
        ("DE", "MC", "FR53000004605", [], REVERSE_CHARGE),  # Monaco is France for VAT
        ("FR", "MC", "FR53000004605", ["MC"], None),
        ("GB", "IM", "GB980780684", ["IM"], None),
        ("DE", "US", None, ["US"], None),
    ],
)
def test_a_sale_is_exempt_by_both_places_the_number_and_what_the_company_declares(
    seller: str | None, country: str, number: str | None, declared: list[str], exemption: TaxExemption | None
) -> None:
    destination = Destination(country, vat_number=number)
    assert exemption_of(destination, seller_country=seller, reverse_charge_countries=declared) is exemption


@pytest.mark.parametrize(
    ("number", "postal_code", "exemption"),
    [
        ("XI980780684", "BT1 5GS", REVERSE_CHARGE),
        ("XI980780684", "bt15gs", REVERSE_CHARGE),
        ("XI980780684", "B1 1TT", None),
        ("XI980780684", "SW1A 1AA", None),
        ("GB980780684", "BT1 5GS", None),
    ],
)
def test_goods_go_to_northern_ireland_only_by_number_and_postal_code(
    number: str, postal_code: str, exemption: TaxExemption | None
) -> None:
    """Numbers of Northern Ireland have the digits of those of Great Britain: anyone there could write XI."""
    destination = Destination("GB", postal_code=postal_code, vat_number=number)
    assert exemption_of(destination, seller_country="DE") is exemption


def test_a_sale_to_an_unknown_destination_is_taxed() -> None:
    assert exemption_of(None, seller_country="DE", reverse_charge_countries=["FR"]) is None


async def test_sales_of_a_company_are_exempt_by_its_settings(tx: Tx, tax: TaxService) -> None:
    await data.tax_settings.create(tx, data={"tax_country": "DE", "reverse_charge_countries": ["CH"]})
    destinations = [
        None,
        Destination("FR"),
        Destination("FR", vat_number="FR23334175221"),
        Destination("CH", vat_number="CHE107787577MWST"),
        Destination("DE", vat_number="DE136695976"),
    ]
    taxes = await tax.of_sales(tx, destinations)
    assert [taxes[destination].exemption for destination in destinations] == [
        None,
        None,
        REVERSE_CHARGE,
        REVERSE_CHARGE,
        None,
    ]
