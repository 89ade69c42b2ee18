"""Imports of random rows, repeated: nothing raises, nothing is duplicated, the second import changes nothing."""

import random

import pytest

from tests.domains.feed.shops import Shop
from tests.domains.feed.woocommerce.exports import COLOURS, Cells, export, simple, variable, variation


def any_rows(chance: random.Random) -> list[Cells]:
    """Rows that go together more often than not."""
    rows: list[Cells] = []
    for number in range(1, 25):
        name = chance.choice(["Mug", "Cup", "Shirt", "東京"])
        sku = chance.choice(["", f"SKU-{number}", f"SKU-{number}", "SHARED"])
        cells = {
            "SKU": sku,
            "Stock": chance.choice(["", "3", "parent", "-2"]),
            "Sale_price": chance.choice(["", "9"]),
        }
        if chance.random() < 0.5:
            rows.append(simple(number, name, **cells, Type=chance.choice(["simple", "simple", "grouped", ""])))
            continue
        rows.append(variable(number, name, COLOURS, SKU=sku))
        parent = chance.choice([sku or f"id:{number}", f"id:{number}", "gone"])
        values = chance.sample(["Red", "Green", "Blue", ""], chance.randrange(4))
        for place, value in enumerate(values):
            cells["SKU"] = chance.choice(["", f"{number}-{place}"])
            rows.append(variation(number * 100 + place, parent, value, **cells))
    chance.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(6))
async def test_importing_any_rows_again_changes_nothing(shop: Shop, seed: int) -> None:
    content = export(*any_rows(random.Random(seed)))  # noqa: S311 - not for secrets
    first = await shop.import_file(content)
    before, counts = await shop.export_file(), await shop.counts()
    second = await shop.import_file(content)
    assert (second.products_created, second.products_updated) == (0, 0)
    assert second.products_unchanged == first.products_created > 0
    assert (second.bad_row_count, second.warning_count) == (first.bad_row_count, first.warning_count)
    assert (await shop.export_file(), await shop.counts()) == (before, counts)
