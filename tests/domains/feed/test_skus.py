"""Generated SKUs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.catalog.validation import SKU_LENGTH
from domains.feed.imports.skus import generated_sku

HANDLES = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


@pytest.mark.parametrize(
    ("handle", "values", "sku"),
    [
        ("mug", [], "mug"),
        ("mug", ["Large"], "mug.large"),
        ("mug", ["Extra Large", "Red"], "mug.extra-large.red"),
    ],
)
def test_plain_values_yield_readable_skus(handle: str, values: list[str], sku: str) -> None:
    assert generated_sku(handle, values) == sku


def test_values_that_lose_characters_are_distinguished_by_a_hash() -> None:
    skus = {generated_sku("mug", [value]) for value in ("10", '10"', "10 %", "Größe", "Grosse", "红", "宏")}
    assert len(skus) == 7
    assert generated_sku("mug", ["10"]) == "mug.10"


@given(st.lists(st.tuples(HANDLES, st.lists(st.text(min_size=1), max_size=3)), max_size=20))
def test_a_generated_sku_is_bounded_and_belongs_to_one_product(products: list[tuple[str, list[str]]]) -> None:
    owners: dict[str, str] = {}
    for handle, values in products:
        sku = generated_sku(handle, values)
        assert sku == generated_sku(handle, values)
        assert 1 <= len(sku) <= SKU_LENGTH
        assert owners.setdefault(sku, handle) == handle
