"""Indexing: the entries of products in the search table, and their documents."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg

from domains.catalog.products.product_values import mean_rating
from domains.catalog.search import frequency_sql, index_sql
from domains.catalog.search.documents import document
from domains.catalog.search.facet_tokens import FacetTokens, distinct_tokens, is_indexable, label_of
from domains.catalog.search.normalization import index_words, is_gram, reversed_suffix, reversed_suffix_of, sort_key
from domains.catalog.search.spelling import is_term
from domains.kernel.database import Tx
from domains.kernel.text.html import plain_text
from domains.kernel.text.validation import casefold_text

BATCH_SIZE = 500
# The number of entries after which other tasks of the event loop run.
YIELD_INTERVAL = 50
# Shopify's name for the option of a product without options.
_NO_OPTION = ("Title", "Default Title")


async def reindex(tx: Tx, product_ids: Collection[UUID], in_stock: AbstractSet[UUID] = frozenset()) -> None:
    """Update the search entries and the documents of products. Three statements per 500 products.

    It is idempotent. The entry of an archived product is deleted, its document is kept. In-stock state and popularity
    do not change, because other functions set them. A new product is in stock if it has an untracked SKU or is one of
    `in_stock`. Products and entries are locked by id until the transaction ends.
    """
    tokens = FacetTokens.for_company(tx.company_id)
    for batch in _batches(product_ids):
        await index_sql.lock(tx, batch)
        entries, terms = [], set[str]()
        for number, record in enumerate(await index_sql.source(tx, batch), 1):
            entry, words = _entry(record, tokens)
            entry["in_stock"] |= record["id"] in in_stock
            entries.append(entry)
            if entry["is_listed"]:  # the words of drafts must not appear in suggestions
                terms |= words
            if number % YIELD_INTERVAL == 0:
                await asyncio.sleep(0)
        await index_sql.write(
            tx,
            batch,
            entries,
            in_stock=tokens.in_stock,
            all_products=tokens.all_products,
            terms=sorted(filter(is_term, terms)),
        )


async def reindex_outdated(tx: Tx) -> int:
    """Reindex some products whose entries or documents an earlier version wrote; their number."""
    product_ids = await index_sql.outdated(tx, BATCH_SIZE)
    await reindex(tx, product_ids)
    return len(product_ids)


async def reindex_categories(tx: Tx, category_ids: Collection[UUID]) -> int:
    """Reindex all products in categories and below them, after a move or other changes; their number."""
    product_ids = await index_sql.products_below(tx, list(category_ids))
    await reindex(tx, product_ids)
    return len(product_ids)


async def set_in_stock(tx: Tx, in_stock: Mapping[UUID, bool]) -> None:
    """Store which products are in stock; products that are not indexed are skipped."""
    for batch in _batches(in_stock):
        flags = [in_stock[product_id] for product_id in batch]
        await index_sql.set_in_stock(tx, batch, flags, FacetTokens.for_company(tx.company_id).in_stock)


async def set_popularity(tx: Tx, popularity: Mapping[UUID, int]) -> None:
    """Store the popularity of products; a change of less than a tenth is not written."""
    for batch in _batches(popularity):
        await index_sql.set_popularity(tx, batch, [popularity[product_id] for product_id in batch])


async def delete_unused_terms(tx: Tx) -> int:
    """Delete duplicate terms and those of no listed product; their number. Counts the others' products.

    Reads the whole index.
    """
    await frequency_sql.lock(tx)
    deleted = await index_sql.delete_unused_terms(tx, FacetTokens.for_company(tx.company_id).code)
    await frequency_sql.count_words(tx)
    return deleted


def _batches(product_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(set(product_ids))
    return (ordered[start : start + BATCH_SIZE] for start in range(0, len(ordered), BATCH_SIZE))


def _entry(record: asyncpg.Record, tokens: FacetTokens) -> tuple[dict[str, Any], set[str]]:
    """The entry of a product in the search table, and its words for spelling correction."""
    variants = record["variants"]
    price = record["base_price"] + min((Decimal(variant["modifier"]) for variant in variants), default=Decimal(0))
    rating = mean_rating(record["rating_sum"], record["review_count"])
    labels = _labels(tokens, record["brand"], [*_filterable(record), *_options(variants)])
    named = [record["brand"] or "", record["model"] or "", *record["names"], *record["tags"]]
    described = [*named, *(value for _, value in record["attributes"]), *(value for _, value in _options(variants))]
    name = list(index_words(record["name"], whole_runs=True))
    positions = [position for text in described for position in index_words(text, whole_runs=True)]
    skus = (
        position
        for sku in (record["sku"], *(variant["sku"] for variant in variants))
        if sku
        for position in _sku(sku)
    )
    entry = {
        "product_id": record["id"],
        "name_key": sort_key(record["name"]),
        "price": price,
        "rating": rating,
        "popularity": record["view_count"],
        "created_at": record["created_at"],
        "is_listed": record["is_active"] and record["category_is_active"],
        "in_stock": record["is_active"]
        and (any(not variant["tracked"] for variant in variants) if variants else not record["is_tracked"]),
        "labels": labels,
        "tokens": distinct_tokens(
            [
                *(tokens.category(category_id) for category_id in record["path"]),
                *labels,
                tokens.price(price),
                *tokens.ratings(rating),
                *([tokens.featured] if record["is_featured"] else ()),
            ]
        ),
        "document": document(
            tokens.code,
            [
                ("A", name),
                ("B", chain(positions, skus)),
                ("C", index_words(plain_text(record["description"] or ""))),
                ("D", index_words(plain_text(record["long_description"] or ""))),
            ],
        ),
    }
    return entry, {word for position in (*name, *positions) for word in position if not is_gram(word)}


def _labels(tokens: FacetTokens, brand: str | None, values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The tokens of the brand and of attributes, each with its spelling on this product."""
    labels = {tokens.brand(brand): brand} if brand else {}
    for name, value in sorted(values):
        labels.setdefault(tokens.attribute(name, value), label_of(name, value))
    return {token: label for token, label in labels.items() if is_indexable(token)}


def _sku(sku: str) -> Iterator[list[str]]:
    """The words of a SKU; the last position also has the reversed SKU, by which its end is found."""
    positions = list(index_words(sku))
    end = reversed_suffix_of(position[0] for position in positions) if sku.isascii() else reversed_suffix(sku)
    yield from positions[:-1]
    if positions and end:
        yield [*positions[-1], end]


def _filterable(record: asyncpg.Record) -> Iterator[tuple[str, str]]:
    """The attributes that the product's categories declare as filterable."""
    names = set(map(casefold_text, record["filterable"]))
    return ((name, value) for name, value in record["attributes"] if casefold_text(name) in names)


def _options(variants: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The options of the variants, each once; they can always be used as filters."""
    options: dict[tuple[str, str], None] = {}
    for variant in variants:
        for option in variant["options"] or ():
            options[option["name"], option["value"]] = None
        for name in ("color", "size"):
            if variant[name] and not any(option[0].lower() == name for option in options):
                options[name.capitalize(), variant[name]] = None
    options.pop(_NO_OPTION, None)
    return list(options)
