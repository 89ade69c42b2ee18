"""Indexing: what a product is found by, worked out from the product and kept in the search table."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from typing import Any
from uuid import UUID

import asyncpg

from domains.catalog.search import index_sql
from domains.catalog.search.documents import document
from domains.catalog.search.facet_tokens import Tokens, is_kept, kept, label_of
from domains.catalog.search.normalization import ending, ending_of, index_words, is_gram, sort_key
from domains.catalog.search.spelling import is_term
from domains.kernel.database import Tx
from domains.kernel.text.html import plain_text
from domains.kernel.text.validation import casefold_text

BATCH_SIZE = 500
# After so many entries other requests of this process get their turn.
BREATH = 50
_CENT = Decimal("0.01")
# What Shopify calls the option of a product that has none.
_NO_OPTION = ("Title", "Default Title")


async def reindex(tx: Tx, product_ids: Collection[UUID]) -> None:
    """Bring the search table in step with products, whatever has changed about them; three statements per 500.

    Doing it again changes nothing. An archived product loses its entry; in-stock state and popularity stay as they
    are, for they come from elsewhere (a new product is in stock when an SKU of it is not tracked). Products and
    entries are locked by id until the transaction ends.
    """
    tokens = Tokens.of(tx.company_id)
    for batch in _batches(product_ids):
        await index_sql.lock(tx, batch)
        entries, terms = [], set[str]()
        for place, record in enumerate(await index_sql.source(tx, batch), 1):
            entry, found = _entry(record, tokens)
            entries.append(entry)
            if entry["is_listed"]:  # a draft's words are nobody's to see in a suggestion
                terms |= found
            if place % BREATH == 0:
                await asyncio.sleep(0)
        await index_sql.write(
            tx,
            batch,
            entries,
            in_stock=tokens.in_stock,
            every=tokens.every,
            terms=sorted(filter(is_term, terms)),
        )


async def reindex_outdated(tx: Tx) -> int:
    """Reindex some products whose entries an earlier version of the program wrote; how many, 0 when all are done."""
    product_ids = await index_sql.outdated(tx, BATCH_SIZE)
    await reindex(tx, product_ids)
    return len(product_ids)


async def reindex_categories(tx: Tx, category_ids: Collection[UUID]) -> int:
    """Reindex all products in categories and below them, after a move, a new name or other attributes; how many."""
    product_ids = await index_sql.products_below(tx, list(category_ids))
    await reindex(tx, product_ids)
    return len(product_ids)


async def set_in_stock(tx: Tx, in_stock: Mapping[UUID, bool]) -> None:
    """Note which products can be bought, as inventory says; products that are not indexed are passed over."""
    for batch in _batches(in_stock):
        flags = [in_stock[product_id] for product_id in batch]
        await index_sql.set_in_stock(tx, batch, flags, Tokens.of(tx.company_id).in_stock)


async def set_popularity(tx: Tx, popularity: Mapping[UUID, int]) -> None:
    """Note how popular products are; a change of less than a tenth is left for later, when it has grown."""
    for batch in _batches(popularity):
        await index_sql.set_popularity(tx, batch, [popularity[product_id] for product_id in batch])


async def delete_unused_terms(tx: Tx) -> int:
    """Forget terms that stand twice or that no listed product has any more; how many. For a job or a quiet hour."""
    return await index_sql.drop_unused_terms(tx, Tokens.of(tx.company_id).code)


def _batches(product_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(set(product_ids))
    return (ordered[start : start + BATCH_SIZE] for start in range(0, len(ordered), BATCH_SIZE))


def _entry(record: asyncpg.Record, tokens: Tokens) -> tuple[dict[str, Any], set[str]]:
    """The entry of a product in the search table, and the words that a search for it may be corrected to."""
    variants = record["variants"]
    price = record["base_price"] + min((Decimal(variant["modifier"]) for variant in variants), default=Decimal(0))
    rating = _rating(record["rating_sum"], record["review_count"])
    labels = _labels(tokens, record["brand"], [*_filterable(record), *_options(variants)])
    named = [record["brand"] or "", record["model"] or "", *record["names"], *record["tags"]]
    described = [*named, *(value for _, value in record["attributes"]), *(value for _, value in _options(variants))]
    name = list(index_words(record["name"], whole_runs=True))
    said = [place for text in described for place in index_words(text, whole_runs=True)]
    skus = (place for sku in (record["sku"], *(variant["sku"] for variant in variants)) if sku for place in _sku(sku))
    entry = {
        "product_id": record["id"],
        "name_key": sort_key(record["name"]),
        "price": price,
        "rating": rating,
        "popularity": record["view_count"],
        "created_at": record["created_at"],
        "is_listed": record["is_active"] and record["place_is_active"],
        "untracked": any(not variant["tracked"] for variant in variants)
        or (not variants and not record["is_tracked"]),
        "labels": labels,
        "tokens": kept(
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
                ("B", chain(said, skus)),
                ("C", index_words(plain_text(record["description"] or ""))),
                ("D", index_words(plain_text(record["long_description"] or ""))),
            ],
        ),
    }
    return entry, {word for place in (*name, *said) for word in place if not is_gram(word)}


def _labels(tokens: Tokens, brand: str | None, values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The tokens of the brand and of attributes, each with how it is written on this product."""
    found = {tokens.brand(brand): brand} if brand else {}
    for name, value in sorted(values):
        found.setdefault(tokens.attribute(name, value), label_of(name, value))
    return {token: label for token, label in found.items() if is_kept(token)}


def _sku(sku: str) -> Iterator[list[str]]:
    """The words of a SKU, the last with how the SKU is found by its end."""
    places = list(index_words(sku))
    end = ending_of(place[0] for place in places) if sku.isascii() else ending(sku)
    yield from places[:-1]
    if places and end:
        yield [*places[-1], end]


def _rating(total: int, reviews: int) -> Decimal:
    return (Decimal(total) / reviews).quantize(_CENT, ROUND_HALF_UP) if reviews else Decimal(0)


def _filterable(record: asyncpg.Record) -> Iterator[tuple[str, str]]:
    """The attributes that the product's categories declare as filterable."""
    names = set(map(casefold_text, record["filterable"]))
    return ((name, value) for name, value in record["attributes"] if casefold_text(name) in names)


def _options(variants: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The options of the variants, each once: what a variant is chosen by can always be filtered by."""
    found: dict[tuple[str, str], None] = {}
    for variant in variants:
        for option in variant["options"] or ():
            found[option["name"], option["value"]] = None
        for name in ("color", "size"):
            if variant[name] and not any(option[0].lower() == name for option in found):
                found[name.capitalize(), variant[name]] = None
    found.pop(_NO_OPTION, None)
    return list(found)
