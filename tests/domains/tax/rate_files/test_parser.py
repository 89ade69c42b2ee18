"""Files of tax rates: their cells, and every error with its line."""

import io
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.errors import DomainError, TooMany
from domains.kernel.validation import ValidationErrors
from domains.tax.rate_files import parser
from domains.tax.rate_files.errors import TaxRateColumnsMissing, TaxRateRowInvalid
from domains.tax.rate_files.parser import MOST_ERRORS, rows_of
from tests.domains.tax.rate_files.rate_csv import HEADING, messages, rate_file


def test_a_row_is_read_in_the_normal_form_of_rates() -> None:
    (row,) = rows_of(rate_file(" Books , VAT ,de, Bayern ,80-331, 0.070 ,2026-01-01,2026-12-31"))
    assert (row.line, row.tax_class, row.name, row.country) == (2, "books", "VAT", "DE")
    assert (row.province, row.postal_prefix, row.rate) == ("BAYERN", "80331", Decimal("0.07"))
    assert (row.valid_from, row.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert row.key == ("books", "DE", "BAYERN", "80331", "vat")


def test_empty_cells_are_the_whole_country_and_no_end() -> None:
    (row,) = rows_of(rate_file("standard,VAT,DE,,,0.19,2026-01-01,"))
    assert (row.province, row.postal_prefix, row.valid_until) == (None, None, None)


SEMICOLONS: Final = "\ufeff" + HEADING.replace(",", ";") + "\r\nstandard;VAT;DE;;;0.19;2026-01-01;\r\n\r\n"
OTHER_ORDER: Final = """rate,class,tax,source,country,province,postal_prefix,valid_until,Valid_From
0.19,standard,VAT,ours,DE,,,,2026-01-01"""


@pytest.mark.parametrize("content", [SEMICOLONS, OTHER_ORDER])
def test_columns_may_stand_in_any_order_with_others_beside_them(content: str) -> None:
    (row,) = rows_of(io.BytesIO(content.encode()))
    assert (row.name, row.country, row.rate, row.valid_from) == ("VAT", "DE", Decimal("0.19"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",VAT,DE,,,0.19,2026-01-01,", '"class" must not be empty.'),
        ("standard,,DE,,,0.19,2026-01-01,", '"tax" must not be empty.'),
        ("standard,VAT,Germany,,,0.19,2026-01-01,", '"country": This is not a country code.'),
        ("standard,VAT,DE,,---,0.19,2026-01-01,", '"postal_prefix" has 1 to 10 letters A to Z and digits.'),
        ("standard,VAT,DE,,,1.19,2026-01-01,", '"rate": A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.'),
        ("standard,VAT,DE,,,19,2026-01-01,", '"rate": A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.'),
        ('standard,VAT,DE,,,"0,19",2026-01-01,', '"rate": A rate is a fraction with a decimal point'),
        ("standard,VAT,DE,,,-0.1,2026-01-01,", '"rate": A rate is a fraction with a decimal point'),
        ("standard,VAT,DE,,,NaN,2026-01-01,", '"rate": A rate is a fraction with a decimal point'),
        ("standard,VAT,DE,,,0.1234567,2026-01-01,", '"rate": A tax rate has at most six decimal places'),
        ("standard,VAT,DE,,,0.19,1.1.2026,", '"valid_from" is a day such as 2026-11-30.'),
        ("standard,VAT,DE,,,0.19,2026-02-30,", '"valid_from" is a day such as 2026-11-30.'),
        ("standard,VAT,DE,,,0.19,,", '"valid_from" is a day such as 2026-11-30.'),
        ("standard,VAT,DE,,,0.19,2026-01-01,soon", '"valid_until" is a day such as 2026-11-30.'),
        ("standard,VAT,DE,,,0.19,2026-01-02,2026-01-01", '"valid_until" must not be before "valid_from".'),
        ("standard,VAT,DE,,,0.19,2026-01-01", "The row has 7 cells, and the heading 8."),
    ],
)
def test_a_wrong_cell_is_refused_with_its_line_and_column(row: str, told: str) -> None:
    with pytest.raises(TaxRateRowInvalid) as caught:
        rows_of(rate_file("standard,VAT,FR,,,0.2,2026-01-01,", row))
    assert caught.value.message.startswith(f"Line 3: {told}")
    assert (caught.value.line, caught.value.field) == (3, ("file",))


def test_all_wrong_rows_are_told_together_and_a_row_by_each_of_its_cells() -> None:
    with pytest.raises(ValidationErrors) as caught:
        rows_of(rate_file("standard,,XX,,,2,2026-01-01,", "standard,VAT,DE,,,0.19,2026-01-01,", ",VAT,DE,,,0.1,no,"))
    assert [message.split(":")[0] for message in messages(caught.value)] == ["Line 2"] * 3 + ["Line 4"] * 2


def test_the_first_hundred_errors_are_told() -> None:
    with pytest.raises(ValidationErrors) as caught:
        rows_of(rate_file(*["standard,VAT,DE,,,no,2026-01-01,"] * (MOST_ERRORS + 50)))
    assert len(messages(caught.value)) == MOST_ERRORS
    assert messages(caught.value)[-1].startswith(f"Line {MOST_ERRORS + 1}: ")


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (b"", TaxRateColumnsMissing, '"class", "tax", "country"'),
        (b"class,tax,country,state,postal_prefix,rate,valid_from,valid_until\n", TaxRateColumnsMissing, '"province"'),
        (b"\xff\xfeclass", UnreadableFile, "UTF-16"),
        (HEADING.encode() + b'\nstandard,"VAT', UnreadableFile, "never closed"),
    ],
)
def test_a_file_that_is_none_of_rates_is_refused(content: bytes, error: type[DomainError], told: str) -> None:
    with pytest.raises(error, match=told):
        rows_of(io.BytesIO(content))


def test_a_file_has_a_largest_number_of_rows(monkeypatch: Any) -> None:
    monkeypatch.setattr(parser, "MOST_ROWS", 2)
    row = "standard,VAT,DE,,,0.19,2026-01-01,"
    assert len(rows_of(rate_file(row, row))) == 2
    with pytest.raises(TooMany, match="at most 2 rates"):
        rows_of(rate_file(row, row, row))
