"""Reads documents: the counterpart of the expression in `document_sql`, which decides what they have."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg.pgproto import pgproto

from domains.catalog.data import CategoryRow, ProductAttributeRow
from domains.catalog.documents.products import Revision, ShownProduct
from domains.catalog.models import Variant, variant_from_record
from domains.kernel.prisma.rows import RowFactory

_LANGUAGE: Final = ""
_uuid: Final = pgproto.UUID  # the type of asyncpg's records, ten times as fast to make
_attribute: Final = RowFactory(ProductAttributeRow, ())
_product: Final = RowFactory(ShownProduct, ())
# What a remembered document takes, measured and rounded up: Python's objects are larger than their text.
_BASE_SIZE: Final = 1_800
_SIZE_OF_CHARACTER: Final = 2
_VARIANT_SIZE: Final = 730
_MEASURE_SIZE: Final = 104
_ATTRIBUTE_SIZE: Final = 200


class Document:
    """The decoded document of a product at one version, and the products that were made of it."""

    __slots__ = (
        "_attributes",
        "_made",
        "_values",
        "_variants",
        "category_id",
        "product_id",
        "size",
        "slug",
        "version",
    )

    def __init__(self, company_id: UUID, product_id: UUID, version: int, text: str) -> None:
        content = orjson.loads(text)
        texts = content["texts"][_LANGUAGE]
        self.product_id = product_id
        self.version = version
        self.slug: str = content["slug"]
        self.category_id = _uuid(content["category_id"])
        self._values = _values(company_id, product_id, content, texts)
        self._attributes = [
            _attribute((_uuid(attribute_id), company_id, product_id, *words))
            for attribute_id, words in zip(content["attributes"], texts["attributes"], strict=True)
        ]
        self._variants = [
            _variant(product_id, self._values, row, words)
            for row, words in zip(content["variants"], texts["variants"], strict=True)
        ]
        self._made: dict[bool, ShownProduct] = {}
        self.size = (
            _BASE_SIZE
            + _SIZE_OF_CHARACTER * len(text)
            + _VARIANT_SIZE * len(self._variants)
            + _MEASURE_SIZE * sum(_measures_of(row) for row in content["variants"])
            + _ATTRIBUTE_SIZE * len(self._attributes)
        )

    def made(self, version: int, category_version: int, *, with_drafts: bool) -> ShownProduct | None:
        """The product that was made before, if it is of these versions."""
        made = self._made.get(with_drafts)
        if made is None or made.revision is None or self.version != version:
            return None
        return made if made.revision.category_version == category_version else None

    def product(
        self, category: CategoryRow, category_version: int, *, with_drafts: bool, is_committed: bool
    ) -> ShownProduct:
        """The product with its category, the same object as long as neither changes; with a revision if committed."""
        known = self.made(self.version, category_version, with_drafts=with_drafts)
        if known is not None:
            return known
        variants = self._variants if with_drafts else [variant for variant in self._variants if variant.is_active]
        revision = Revision(self.product_id, self.version, category_version, with_drafts) if is_committed else None
        made = self._made[with_drafts] = _product(
            (*self._values, self.category_id, self._attributes, variants, category, revision)
        )
        return made


def _values(company_id: UUID, product_id: UUID, content: dict[str, Any], texts: dict[str, Any]) -> tuple[Any, ...]:
    """The attributes of a ShownProduct up to the category's id, in their order."""
    return (
        product_id,
        company_id,
        texts["name"],
        content["slug"],
        Decimal(content["base_price"]),
        _decimal(content["compare_at_price"]),
        content["currency"],
        content["images"],
        texts["image_alt_texts"],
        content["brand"],
        content["model"],
        texts["tags"],
        content["sku"],
        content["is_tracked"],
        content["is_active"],
        content["is_featured"],
        content["is_gift_card"],
        _decimal(content["weight"]),
        _decimal(content["length"]),
        _decimal(content["width"]),
        _decimal(content["height"]),
        content["requires_shipping"],
        content["rating_sum"],
        content["review_count"],
        None if content["archived_at"] is None else datetime.fromisoformat(content["archived_at"]),
        datetime.fromisoformat(content["created_at"]),
        datetime.fromisoformat(content["updated_at"]),
    )


def _measures_of(row: list[Any]) -> int:
    """How many of the weight and the dimensions of a variant are known."""
    return sum(measure is not None for measure in row[-6:-2])


def _variant(product_id: UUID, product: tuple[Any, ...], row: list[Any], words: list[Any]) -> Variant:
    variant_id, sku, modifier, compare_at, images, is_tracked, is_active, order, *measures, created, updated = row
    name, options, color, size, alt_texts = words
    base_price, product_compare_at, currency = product[4:7]
    return variant_from_record(
        (
            _uuid(variant_id),
            product_id,
            sku,
            name,
            options,
            color,
            size,
            Decimal(modifier),
            _decimal(compare_at),
            images,
            alt_texts,
            is_tracked,
            is_active,
            order,
            *map(_decimal, measures),
            datetime.fromisoformat(created),
            datetime.fromisoformat(updated),
            base_price,
            product_compare_at,
            currency,
        )
    )


def _decimal(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)
