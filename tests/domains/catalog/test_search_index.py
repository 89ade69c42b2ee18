"""The search index follows the products in few statements, and the stored counts are exact."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog import data
from domains.catalog.invariants import INVARIANTS
from domains.catalog.search import index
from domains.catalog.search.facet_tokens import FacetTokens, band_of
from domains.kernel.clock import SystemClock
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.catalog.search_products import (
    computed_counts,
    entry_of,
    insert_category,
    insert_filterable_attributes,
    insert_product,
    insert_variant,
    stored_counts,
)


def tokens_of(entry: Any) -> set[str]:
    return {token[3:].replace("\x1f", "=") for token in entry["tokens"]}


async def terms(tx: Tx) -> set[str]:
    return {
        row["term"]
        for row in await tx.fetch(
            "select term from search_terms where company_id = $1 and trigrams <> '{}'", tx.company_id
        )
    }


async def test_an_entry_contains_everything_a_product_is_searched_by(tx: Tx) -> None:
    clothes = await insert_category(tx, "Clothes")
    shirts = await insert_category(tx, "Shirts", clothes)
    await insert_filterable_attributes(tx, clothes, "Material")
    product_id = await insert_product(
        tx,
        shirts,
        "Crème Shirt",
        {"Material": "Linen", "Care": "Cold wash"},
        brand="Åhlén",
        is_featured=True,
        rating_sum=9,
        review_count=2,
        view_count=7,
    )
    await insert_variant(
        tx, product_id, price_modifier=Decimal(-10), options=[{"name": "Size", "value": "XL"}], is_tracked=False
    )
    await insert_variant(tx, product_id, price_modifier=Decimal(5), color="Red", is_active=True)
    await insert_variant(tx, product_id, price_modifier=Decimal(-40), color="Gone", is_active=False)

    await index.reindex(tx, [product_id])

    entry = await entry_of(tx, product_id)
    assert tokens_of(entry) == {
        *(f"c{clothes}", f"c{shirts}", "båhlén", "amaterial=linen", "asize=xl", "acolor=red"),
        *("p25", "r4", "r3", "r2", "r1", "f", "s"),
    }
    assert (entry["name_key"], entry["price"], entry["rating"]) == ("creme shirt", Decimal(40), Decimal("4.5"))
    assert (entry["popularity"], entry["is_listed"], entry["in_stock"]) == (7, True, True)
    assert {"creme", "shirt", "shirts", "clothes", "ahlen", "linen", "cold", "wash", "red"} == await terms(tx)


async def test_a_batch_executes_three_statements_and_repeating_it_changes_nothing(tx: Tx) -> None:
    shirts = await insert_category(tx, "Shirts")
    product_ids = [await insert_product(tx, shirts, f"Shirt {number}") for number in range(5)]
    with counting() as count:
        await index.reindex(tx, product_ids)
    assert count.data == 3
    first = await tx.fetch("select xmin, ctid, * from product_search where company_id = $1", tx.company_id)
    kept = await stored_counts(tx)
    await index.reindex(tx, product_ids)
    assert await tx.fetch("select xmin, ctid, * from product_search where company_id = $1", tx.company_id) == first
    assert await stored_counts(tx) == kept == await computed_counts(tx)
    assert kept["."] == (5, 5)
    assert kept[f"c{shirts}"] == (5, 5)


async def test_archiving_a_product_removes_its_entry_and_its_counts(tx: Tx) -> None:
    shirts = await insert_category(tx, "Shirts")
    kept, archived = await insert_product(tx, shirts), await insert_product(tx, shirts)
    await index.reindex(tx, [kept, archived])
    await data.product.update(tx, id=archived, data={"archived_at": SystemClock().now()})
    await index.reindex(tx, [archived])
    assert await entry_of(tx, archived) is None
    assert (await stored_counts(tx))["."] == (1, 1)
    assert await stored_counts(tx) == await computed_counts(tx)


async def test_a_product_in_an_inactive_category_is_not_listed(tx: Tx) -> None:
    clothes = await insert_category(tx, "Clothes", is_active=False)
    shirts = await insert_category(tx, "Shirts", clothes)
    product_id = await insert_product(tx, shirts)
    await index.reindex(tx, [product_id])
    assert (await entry_of(tx, product_id))["is_listed"] is False
    assert (await stored_counts(tx))["."] == (0, 1)

    await data.category.update(tx, id=clothes, data={"is_active": True})
    assert await index.reindex_categories(tx, [clothes]) == 1
    assert (await entry_of(tx, product_id))["is_listed"] is True
    assert (await stored_counts(tx))["."] == (1, 1)


async def test_moving_a_category_updates_the_tokens_of_its_products(tx: Tx) -> None:
    clothes, sale = await insert_category(tx, "Clothes"), await insert_category(tx, "Sale")
    shirts = await insert_category(tx, "Shirts", clothes)
    product_id = await insert_product(tx, shirts)
    await index.reindex(tx, [product_id])
    await data.category.update(tx, id=shirts, data={"parent_id": sale})
    await index.reindex_categories(tx, [shirts])
    tokens = tokens_of(await entry_of(tx, product_id))
    assert f"c{sale}" in tokens
    assert f"c{clothes}" not in tokens
    assert await stored_counts(tx) == await computed_counts(tx)


async def test_the_stock_in_an_entry_survives_reindexing(tx: Tx) -> None:
    shirts = await insert_category(tx, "Shirts")
    stocked, empty = await insert_product(tx, shirts), await insert_product(tx, shirts)
    await index.reindex(tx, [stocked, empty])
    with counting() as count:
        await index.set_in_stock(tx, {stocked: True, empty: False, UUID(int=7): True})
    assert count.data == 1
    await data.product.update(tx, id=stocked, data={"name": "Renamed"})
    await index.reindex(tx, [stocked, empty])
    assert (await entry_of(tx, stocked))["in_stock"] is True
    assert (await entry_of(tx, empty))["in_stock"] is False
    assert (await stored_counts(tx))["s"] == (1, 1)
    await index.set_in_stock(tx, {stocked: False})
    assert "s" not in await stored_counts(tx)
    assert await stored_counts(tx) == await computed_counts(tx)


async def test_the_popularity_in_an_entry_survives_reindexing(tx: Tx) -> None:
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"))
    await index.reindex(tx, [product_id])
    await index.set_popularity(tx, {product_id: 41})
    await index.reindex(tx, [product_id])
    assert (await entry_of(tx, product_id))["popularity"] == 41


async def test_popularity_is_updated_in_steps_of_a_tenth(tx: Tx) -> None:
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"))
    await index.reindex(tx, [product_id])
    seen = []
    for views in (1, 100, 109, 110, 110, 0):
        await index.set_popularity(tx, {product_id: views})
        seen.append((await entry_of(tx, product_id))["popularity"])
    assert seen == [1, 100, 100, 110, 110, 0]


async def test_counts_of_one_token_are_merged_on_write(tx: Tx) -> None:
    shirts = await insert_category(tx, "Shirts")
    for _ in range(4):
        await index.reindex(tx, [await insert_product(tx, shirts)])
    rows = await tx.fetch("select token from facet_counts where company_id = $1", tx.company_id)
    assert len(rows) == len({row["token"] for row in rows})
    assert (await stored_counts(tx))["."] == (4, 4)


async def test_terms_without_products_are_deleted(tx: Tx) -> None:
    shirts = await insert_category(tx, "Shirts")
    product_id = await insert_product(tx, shirts, "Velvet")
    await index.reindex(tx, [product_id])
    await tx.execute(
        "insert into search_terms (company_id, term, trigrams) values ($1, 'shirts', '{}')", tx.company_id
    )
    await data.product.update(tx, id=product_id, data={"name": "Corduroy"})
    await index.reindex(tx, [product_id])
    assert await terms(tx) == {"velvet", "corduroy", "shirts"}
    assert await index.delete_unused_terms(tx) == 2
    assert await terms(tx) == {"corduroy", "shirts"}


async def test_incorrect_stored_counts_are_reported(owner: Any, company: UUID) -> None:
    broken = next(rule.query for rule in INVARIANTS if rule.rule.startswith("The stored facet counts"))
    insert = "insert into facet_counts (company_id, token, listed, total) values ($1, 'abc.', 1, 1)"
    await owner.execute(insert, company)
    reported = [row["token"] for row in await owner.fetch(broken) if row["company_id"] == company]
    await owner.execute("delete from facet_counts where company_id = $1", company)
    assert reported == ["abc."]
    assert company not in [row["company_id"] for row in await owner.fetch(broken)]


@pytest.mark.parametrize("change", ["delete from product_facets", "update product_facets set price = price + 1"])
async def test_a_wrong_row_of_facets_is_reported_and_mended(tx: Tx, change: str) -> None:
    broken = next(rule.query for rule in INVARIANTS if rule.rule.startswith("The rows that facets"))
    product_id = await insert_product(tx, await insert_category(tx, "Shirts"), brand="Acme", is_featured=True)
    await index.reindex(tx, [product_id])
    assert await tx.fetch(broken) == []
    await tx.execute(f"{change} where company_id = $1", tx.company_id)
    assert [row["product_id"] for row in await tx.fetch(broken)] == [product_id]
    await index.reindex(tx, [product_id])
    assert await tx.fetch(broken) == []


async def test_rows_of_facets_follow_their_entries(tx: Tx) -> None:
    broken = next(rule.query for rule in INVARIANTS if rule.rule.startswith("The rows that facets"))
    shirts = await insert_category(tx, "Shirts")
    product_ids = [await insert_product(tx, shirts, brand=f"Brand {number}") for number in range(3)]
    await index.reindex(tx, product_ids)
    await index.set_in_stock(tx, {product_ids[0]: True})
    await data.product.update(tx, id=product_ids[1], data={"base_price": Decimal(7), "brand": None})
    await data.product.update(tx, id=product_ids[2], data={"archived_at": SystemClock().now()})
    await index.reindex(tx, product_ids)
    rows = await tx.fetch(
        "select product_id, price, in_stock, brands from product_facets where company_id = $1 order by product_id",
        tx.company_id,
    )
    assert [(row["product_id"], row["price"], row["in_stock"], len(row["brands"])) for row in rows] == [
        (product_ids[0], Decimal(50), True, 1),
        (product_ids[1], Decimal(7), False, 0),
    ]
    assert await tx.fetch(broken) == []


async def test_texts_beyond_the_limits_of_an_index_are_left_out(tx: Tx) -> None:
    shelf = await insert_category(tx, "Things")
    await insert_filterable_attributes(tx, shelf, "Story")
    long_text = "".join(chr(0x4E00 + 7 * number) for number in range(1_000))
    product_id = await insert_product(
        tx, shelf, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 255, {"Story": long_text}
    )
    await index.reindex(tx, [product_id])
    entry = await entry_of(tx, product_id)
    assert tokens_of(entry) == {f"c{shelf}", "p50"}
    assert len(entry["name_key"]) == 300


@pytest.mark.parametrize(
    ("price", "lower", "upper"),
    [("0", "0", "1"), ("0.99", "0", "1"), ("1", "1", "2.5"), ("9.99", "5", "10"), ("10", "10", "25"),
     ("24.9999", "10", "25"), ("1000000", "1000000", "2500000"), ("999999999999999", "250000000000000", None)],
)  # fmt: skip
def test_a_price_is_in_one_price_band(price: str, lower: str, upper: str | None) -> None:
    band = band_of(FacetTokens("abc").price(Decimal(price)))
    assert (str(band.lower), band.upper and str(band.upper)) == (lower, upper)
