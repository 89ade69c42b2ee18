"""The values that each scalar accepts and refuses, as variables and as literals."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graphql.core.scalars import parse_date, parse_datetime, parse_decimal, show_decimal


@pytest.mark.parametrize(
    ("value", "shown"),
    [("19.99", "19.99"), ("0", "0"), ("-0.5", "-0.5"), (7, "7"), ("1E+2", "1E+2"), (2**53 + 1, "9007199254740993")],
)
async def test_a_decimal_is_exact(ask: Any, value: Any, shown: str) -> None:
    answer = await ask("query ($d: Decimal) { echo(amount: $d) }", {"d": value})
    assert answer["data"] == {"echo": shown}


@pytest.mark.parametrize(
    "value",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1E+31",
        "1E-31",
        "1E+999999999",
        "9" * 41,
        10**41,
        "",
        " ",
        " 1",
        "1,5",
        "0x1",
        "1_000",
        "\u0663",
        ".5",
        "5.",
        "+1",
        19.99,
        True,
        [],
        {},
    ],
)
async def test_an_invalid_decimal_is_refused(ask: Any, value: Any) -> None:
    answer = await ask("query ($d: Decimal) { echo(amount: $d) }", {"d": value})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "Decimal cannot represent" in answer["errors"][0]["message"]
    assert len(answer["errors"][0]["message"]) < 300
    assert "data" not in answer


@pytest.mark.parametrize("literal", ["19.99", '"19.99"', "1999e-2"])
async def test_a_decimal_literal_is_exact(ask: Any, literal: str) -> None:
    answer = await ask(f"{{ echo(amount: {literal}) }}")
    assert Decimal(answer["data"]["echo"]) == Decimal("19.99")


@pytest.mark.parametrize("literal", ["true", "[1]", "{a: 1}", "EUR", '"NaN"', "1e99"])
async def test_a_literal_of_another_type_is_refused_as_decimal(ask: Any, literal: str) -> None:
    answer = await ask(f"{{ echo(amount: {literal}) }}")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_a_serialized_decimal_is_parsed_to_the_same_value(value: Decimal) -> None:
    assert parse_decimal(show_decimal(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "0198c5a2",
        "{0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b}",
        "0198c5a27d1e7c439f5a3b1d5e6f7a8b",
        "z198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b",
        1,
        None,
        [],
        "x" * 1_000_000,
    ],
)
async def test_a_malformed_id_is_refused(ask: Any, value: Any) -> None:
    answer = await ask("query ($id: ID!) { thing(id: $id) { name } }", {"id": value})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(answer["errors"][0]["message"]) < 300
    assert "data" not in answer


async def test_an_unknown_id_is_null(ask: Any) -> None:
    answer = await ask('{ thing(id: "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b") { name } }')
    assert answer["data"] == {"thing": None}
    assert "errors" not in answer


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.5, "1", True, 10**30])
async def test_an_int_out_of_range_is_refused(ask: Any, value: Any) -> None:
    answer = await ask("query ($n: Int) { echo(number: $n) }", {"n": value})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "value", ["20261121", "2026-W47-6", "yesterday", 1, None, "2026-13-01T00:00:00Z", "0001-01-01", "1" * 50]
)
def test_an_invalid_date_time_is_refused(value: Any) -> None:
    with pytest.raises(Exception, match="DateTime cannot represent"):
        parse_datetime(value)


def test_a_date_time_with_an_offset_is_accepted() -> None:
    assert parse_datetime("2026-11-21T09:30:00Z") == parse_datetime("2026-11-21T10:30:00+01:00")


def test_a_date_is_parsed_without_a_time() -> None:
    assert parse_date("2026-11-21").isoformat() == "2026-11-21"
    with pytest.raises(Exception, match="Date cannot represent"):
        parse_date("20261121")


async def test_money_has_the_scale_of_its_currency(ask: Any) -> None:
    answer = await ask("{ things(first: 1) { nodes { price { amount currency } } } }")
    assert answer["data"]["things"]["nodes"] == [{"price": {"amount": "9.50", "currency": "EUR"}}]


async def test_an_overlong_value_is_not_returned_completely(ask: Any) -> None:
    answer = await ask("query ($n: Int) { echo(number: $n) }", {"n": "x" * 1_000_000 if False else "x" * 200_000})
    assert len(answer["errors"][0]["message"]) < 1_000
