"""The tax settings and the rates that follow from them."""

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.company.service import CompanyService
from domains.kernel.clock import FixedClock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import OutOfRange, TooManyDecimals
from domains.kernel.settings import SettingsCache
from domains.tax.models import SaleTaxes, Tax
from domains.tax.service import TaxService
from domains.tax.validation import require_tax_rate


@given(rate=st.decimals(0, Decimal("0.999999"), places=6))
def test_a_tax_rate_is_a_fraction_below_one(rate: Decimal) -> None:
    assert require_tax_rate(rate) == rate


@pytest.mark.parametrize("rate", ["-0.01", "1", "19", "NaN", "sNaN", "Infinity"])
def test_a_tax_rate_out_of_range_is_refused(rate: str) -> None:
    with pytest.raises(OutOfRange, match=r"0\.19 is 19 %") as caught:
        require_tax_rate(Decimal(rate))
    assert caught.value.field == ("tax_rate",)


@pytest.mark.parametrize("rate", ["0.1234567", "1E-400"])
def test_a_tax_rate_with_more_than_six_decimals_is_refused(rate: str) -> None:
    with pytest.raises(TooManyDecimals, match="six decimal places") as caught:
        require_tax_rate(Decimal(rate))
    assert caught.value.field == ("tax_rate",)


async def test_the_tax_rate_of_a_company_applies_to_all_its_products(
    tx: Tx, reader: Reader, clock: FixedClock
) -> None:
    cache = SettingsCache(clock)
    tax = TaxService(CompanyService(clock, cache), cache, clock)
    assert await tax.of_sale(reader, None) == SaleTaxes((Tax("Tax", Decimal(0)),), prices_include_tax=True)
    await tax.settings.update(tx, {"tax_rate": Decimal("0.19"), "prices_include_tax": False}, "EUR")
    taxes = await tax.of_sale(tx, None)
    standard = (Tax("Tax", Decimal("0.19")),)
    assert taxes == SaleTaxes(standard, prices_include_tax=False)
    assert (taxes.of_class(UUID(int=1)), taxes.shipping) == (standard, ())


def test_goods_of_a_class_have_its_taxes_and_others_the_standard_ones() -> None:
    books, standard, reduced = UUID(int=1), (Tax("VAT", Decimal("0.19")),), (Tax("VAT", Decimal("0.07")),)
    taxes = SaleTaxes(standard, prices_include_tax=True, classes={books: reduced})
    assert [taxes.of_class(each) for each in (books, UUID(int=2), None)] == [reduced, standard, standard]
