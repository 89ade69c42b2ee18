"""Numbers and boolean values in the notations of spreadsheets of many countries."""

from decimal import Decimal

import pytest

from domains.feed.csv.amounts import parse_boolean, parse_decimal, parse_whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("9.90", "9.90"), ("9,90", "9.90"), ("9,9", "9.9"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50")),
        *(("1.234.567", "1234567"), ("1,234,567", "1234567"), ("1,234,567.5", "1234567.5"), ("1 234,50", "1234.50")),
        *(("1\u00a0234,50", "1234.50"), ("1'234.50", "1234.50"), ("1\u202f234", "1234"), ("0,125", "0.125")),
        *(("1.500", "1.500"), ("12,3456", "12.3456"), ("1200", "1200")),
    ],
)
def test_an_unambiguous_number_is_read(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["1,500", "12,345", "1,23,456", "1,234,50", "1.234.50", "-1", "1e3", "NaN", "٣", "", ",5", "5,", "1 23"]
)
def test_an_ambiguous_or_invalid_number_is_not_read(text: str) -> None:
    assert parse_decimal(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("-3", -3), ("3.0", 3), ("3,00", 3), ("3.5", None), ("x", None)]
)
def test_a_whole_number_may_have_decimal_zeros(text: str, number: int | None) -> None:
    assert parse_whole_number(text) == number


@pytest.mark.parametrize(
    "word", ["TRUE", "WAHR", "VRAI", "VERDADERO", "VERO", "SANT", "ИСТИНА", "ΑΛΗΘΗΣ", "DOĞRU", "1"]
)
def test_spreadsheet_words_for_true_are_read(word: str) -> None:
    assert parse_boolean(word) is True


@pytest.mark.parametrize(
    "word", ["FALSE", "FALSCH", "FAUX", "FALSO", "FALSKT", "ЛОЖЬ", "ΨΕΥΔΗΣ", "YANLIŞ", "FAŁSZ", "0"]
)
def test_spreadsheet_words_for_false_are_read(word: str) -> None:
    assert parse_boolean(word) is False


def test_other_words_are_neither_true_nor_false() -> None:
    assert parse_boolean("perhaps") is None
