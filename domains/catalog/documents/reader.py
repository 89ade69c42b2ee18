"""Reads products from their documents, of which the process remembers those that it has read last."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from domains.catalog.data import CategoryRow
from domains.catalog.documents import reading_sql
from domains.catalog.documents.content import Document
from domains.catalog.documents.live_values import LiveColumns, LiveValue, LiveValues, live_columns
from domains.catalog.documents.products import ShownProduct
from domains.catalog.documents.reading_sql import HEAD_WIDTH, HeadColumns, Known
from domains.catalog.models import Variant
from domains.kernel.caches.memory import Memory
from domains.kernel.database import Reader, Tx

NOTHING_LIVE: Final = LiveValues()
# The shares of the memory for categories, and for the ids of slugs and of variants.
_OF_CATEGORIES: Final = 16
_OF_IDS: Final = 16
# The size of an entry, without texts: measured and rounded up.
_CATEGORY_SIZE: Final = 2_000
_ID_SIZE: Final = 500


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How products are read: the octets of the memory, and the inventory's SQL of units by product and variant."""

    memory: int
    stock: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How products of pages are read: with drafts or as customers see them, and with which live values."""

    reader: "ProductReader"
    with_drafts: bool
    live: LiveValues = NOTHING_LIVE

    def head(self, db: Reader) -> HeadColumns:
        """What the statement of the page selects first and joins."""
        return self.reader.head_columns(db, self.live)

    async def complete(self, db: Reader, records: Sequence[asyncpg.Record]) -> dict[UUID, ShownProduct]:
        """The products of the records of that statement."""
        return await self.reader.complete(db, records, with_drafts=self.with_drafts, live=self.live)


class _Recalled(NamedTuple):
    """What is remembered of a product."""

    document: Document
    category: CategoryRow | None
    category_version: int


class ProductReader:
    """Reads products as an actor sees them.

    A statement says of each product the version of its document, and of the company's categories: what is remembered
    under these versions is what is stored, so nothing stale is shown, and the statement decides who sees it. What
    a transaction reads is not remembered, since it may not be committed.
    """

    def __init__(self, settings: ReadingSettings) -> None:
        self._stock = settings.stock
        self._live: dict[frozenset[LiveValue], LiveColumns] = {}
        self._heads: dict[tuple[frozenset[LiveValue], bool], HeadColumns] = {}
        self._documents: Memory[UUID, Document] = Memory(settings.memory)
        self._categories: Memory[UUID, tuple[int, CategoryRow]] = Memory(settings.memory // _OF_CATEGORIES)
        self._ids: Memory[Hashable, UUID] = Memory(settings.memory // _OF_IDS)

    @property
    def remembered(self) -> int:
        """The octets that are in use, by a measured estimate."""
        return self._documents.size + self._categories.size + self._ids.size

    def forget(self) -> None:
        """Forget everything that is remembered, such as to measure what reading it costs."""
        for memory in (self._documents, self._categories, self._ids):
            memory.clear()

    def head_columns(self, db: Reader, live: LiveValues = NOTHING_LIVE) -> HeadColumns:
        """What a statement over products `p`, with the company as $1, selects first and joins for `complete`.

        Without a memory that is everything, so that no second statement is needed.
        """
        key = (live.asked, self._remembers(db))
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = reading_sql.heads(self._columns(live), with_content=not key[1])
        return head

    async def complete(
        self, db: Reader, records: Sequence[asyncpg.Record], *, with_drafts: bool, live: LiveValues = NOTHING_LIVE
    ) -> dict[UUID, ShownProduct]:
        """The products of records that begin with heads; one statement for what is not remembered, or none.

        One that is unpublished before that statement is left out.
        """
        if not self._remembers(db):
            return await self._products(db, records, {}, live, with_drafts=with_drafts, listed_only=not with_drafts)
        live.add(records)
        products: dict[UUID, ShownProduct] = {}
        missing: list[UUID] = []
        for record in records:
            product = self._remembered(record, with_drafts=with_drafts)
            if product is None:
                missing.append(record[0])
            else:
                products[product.id] = product
        if missing:
            found = await self.find_many(db, missing, with_drafts=with_drafts, listed_only=not with_drafts)
            products |= {product.id: product for product in found}
        return products

    async def find_many(
        self,
        db: Reader,
        ids: Collection[UUID],
        *,
        with_drafts: bool,
        listed_only: bool,
        live: LiveValues = NOTHING_LIVE,
    ) -> list[ShownProduct]:
        """The products of these ids, in no order; with `listed_only`, those a customer may see. One statement.

        Archived ones are found without `listed_only`. With drafts they have all variants, else the active ones.
        """
        recalled = self._recall(db, ids)
        records = await reading_sql.by_ids(db, _known(ids, recalled), self._columns(live), listed_only=listed_only)
        options = {"with_drafts": with_drafts, "listed_only": listed_only}
        return list((await self._products(db, records, recalled, live, **options)).values())

    async def find(
        self, db: Reader, column: str, value: UUID | str, *, with_drafts: bool, live: LiveValues = NOTHING_LIVE
    ) -> ShownProduct | None:
        """The product that is not archived with this `id` or `slug`; without drafts a listed one. One statement."""
        product_id = value if isinstance(value, UUID) else self._ids.get((db.company_id, value))
        recalled = {} if product_id is None else self._recall(db, [product_id])
        (known,) = _known([product_id], recalled)
        record = await reading_sql.by_key(db, known, self._columns(live), column, value, listed_only=not with_drafts)
        if record is None:
            return None
        options = {"with_drafts": with_drafts, "listed_only": not with_drafts}
        product = next(iter((await self._products(db, [record], recalled, live, **options)).values()), None)
        if product is not None:
            self._remember_ids([((db.company_id, product.slug), product.id)])
        return product

    async def find_variants(self, db: Reader, ids: Collection[UUID], *, with_drafts: bool) -> list[Variant]:
        """The variants of these ids, in no order; without drafts the active ones. One statement."""
        product_ids = {product_id for variant_id in ids if (product_id := self._ids.get(variant_id)) is not None}
        recalled = self._recall(db, product_ids)
        records = await reading_sql.by_variants(db, _known(product_ids, recalled), list(ids))
        options = {"with_drafts": with_drafts, "listed_only": False}
        products = await self._products(db, records, recalled, NOTHING_LIVE, **options)
        wanted = set(ids)
        found = [each for product in products.values() for each in product.variants if each.id in wanted]
        self._remember_ids([(variant.id, variant.product_id) for variant in found])
        return found

    async def live_values(self, db: Reader, ids: Collection[UUID], value: LiveValue) -> dict[UUID, Any]:
        """A live value of products by their ids, without those that are missing. One statement."""
        live = LiveValues(frozenset({value}))
        live.add(await reading_sql.live_values(db, list(ids), self._columns(live)))
        return live.found[value]

    def _remembers(self, db: Reader) -> bool:
        """Whether what a handle reads is remembered: not in a transaction."""
        return self._documents.limit > 0 and not isinstance(db, Tx)

    def _columns(self, live: LiveValues) -> LiveColumns:
        columns = self._live.get(live.asked)
        if columns is None:
            columns = self._live[live.asked] = live_columns(sorted(live.asked), self._stock)
        return columns

    def _remembered(self, record: asyncpg.Record, *, with_drafts: bool) -> ShownProduct | None:
        """The product with exactly the versions of a record's head, if it is remembered."""
        product_id, version, category_id, category_version = record[:HEAD_WIDTH]
        document = self._documents.get(product_id)
        if document is None:
            return None
        if (made := document.made(version, category_version, with_drafts=with_drafts)) is not None:
            return made
        if document.version != version:
            return None
        category = self._categories.get(category_id)
        if category is None or category[0] != category_version:
            return None
        return document.product(category[1], category_version, with_drafts=with_drafts, is_committed=True)

    def _recall(self, db: Reader, ids: Iterable[UUID]) -> dict[UUID, _Recalled]:
        """What is remembered of these products, whatever its versions; nothing in a transaction."""
        recalled: dict[UUID, _Recalled] = {}
        if not self._remembers(db):
            return recalled
        for product_id in ids:
            document = self._documents.get(product_id)
            if document is not None:
                version, category = self._categories.get(document.category_id) or (-1, None)
                recalled[product_id] = _Recalled(document, category, version)
        return recalled

    async def _products(
        self,
        db: Reader,
        records: Sequence[asyncpg.Record],
        recalled: dict[UUID, _Recalled],
        live: LiveValues,
        *,
        with_drafts: bool,
        listed_only: bool,
    ) -> dict[UUID, ShownProduct]:
        """The products of records with content; one statement for those without a document of this format."""
        live.add(records)
        outdated = [record[0] for record in records if reading_sql.head_of(record).version == 0]
        if outdated:
            unbuilt = set(outdated)
            records = [record for record in records if record[0] not in unbuilt]
            records += await reading_sql.built(db, outdated, listed_only=listed_only)
        return {
            record[0]: self._product(db, record, recalled.get(record[0]), with_drafts=with_drafts)
            for record in records
        }

    def _product(
        self, db: Reader, record: asyncpg.Record, recalled: _Recalled | None, *, with_drafts: bool
    ) -> ShownProduct:
        head = reading_sql.head_of(record)
        is_committed = head.version > 0 and not isinstance(db, Tx)
        text, category = reading_sql.document_of(record), reading_sql.category_of(record)
        if text is not None and db.company_id is not None:
            document = Document(db.company_id, head.product_id, head.version, text)
            if is_committed:
                self._documents.add(head.product_id, document, document.size)
        elif recalled is not None:
            document = recalled.document
        else:
            raise LookupError(f"The product {head.product_id} has no document.")
        if category is None:
            category = recalled.category if recalled is not None else None
        elif is_committed:
            self._categories.add(category.id, (head.category_version, category), _size_of(category))
        if category is None:
            raise LookupError(f"The product {head.product_id} has no category.")
        return document.product(category, head.category_version, with_drafts=with_drafts, is_committed=is_committed)

    def _remember_ids(self, pairs: Iterable[tuple[Hashable, UUID]]) -> None:
        """Remember which product has a slug or a variant: a hint that the statement checks."""
        for key, product_id in pairs:
            self._ids.add(key, product_id, _ID_SIZE)


def _known(ids: Iterable[UUID | None], recalled: dict[UUID, _Recalled]) -> list[Known]:
    """The versions of what is remembered of each product."""
    known = []
    for product_id in ids:
        found = recalled.get(product_id) if product_id is not None else None
        version = (
            Known(product_id) if found is None else Known(product_id, found.document.version, found.category_version)
        )
        known.append(version)
    return known


def _size_of(category: CategoryRow) -> int:
    return _CATEGORY_SIZE + 4 * (len(category.name) + len(category.slug) + len(category.description or ""))
