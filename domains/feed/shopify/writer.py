"""Writes products as Shopify's CSV, from which `products.read_products` reads the same products."""

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest

import orjson

from domains.feed.csv.columns import OPTIONS, Column
from domains.feed.models import FeedProduct, FeedVariant, VariantStatus

# Shopify requires these columns of every variant; the platform has no such settings.
CONSTANTS = {
    "Variant Inventory Policy": "deny",
    "Variant Fulfillment Service": "manual",
    "Variant Taxable": "true",
}
GIFT_CARD_CONSTANTS = {**CONSTANTS, "Variant Taxable": "false"}
WEIGHT_UNIT = "kg"
# RFC 4180, section 2.1; with a bare LF the csv module would leave a lone CR in a cell without quotes.
CRLF = "\r\n"
TRACKER = "shopify"
COLUMNS = tuple(column for column in Column if column is not Column.PRODUCT_CATEGORY)
HEADING = (*COLUMNS, *CONSTANTS)


class CsvText:
    """A CSV that is written and read piece by piece.

    Cells are written unchanged, also where a spreadsheet would read a formula (`=`, `+`, `-`, `@`): a quote before
    them would become a part of the text on the next import, here and at Shopify.
    """

    def __init__(self) -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator=CRLF)
        self._writer.writerow(HEADING)

    def add(self, product: FeedProduct) -> None:
        """Write a product's rows: one for each variant or image, whichever are more."""
        for cells in _rows(product):
            self._writer.writerow([cells.get(column, "") for column in HEADING])

    def read_bytes(self) -> bytes:
        """The bytes since the last call."""
        text = self._text.getvalue()
        self._text.seek(0)
        self._text.truncate()
        return text.encode()


def _rows(product: FeedProduct) -> Iterator[dict[str, str]]:
    head: Mapping[str, str] = _head(product)
    images = enumerate(product.images, start=1)
    for variant, image in zip_longest(product.variants, images):
        cells = {Column.HANDLE: product.handle, **head}
        if variant is not None:
            cells |= _variant(variant) | (GIFT_CARD_CONSTANTS if product.is_gift_card else CONSTANTS)
            if product.is_gift_card:
                cells[Column.REQUIRES_SHIPPING] = "false"
        if image is not None:
            position, url = image
            cells |= {Column.IMAGE_POSITION: str(position), Column.IMAGE: url}
            cells[Column.IMAGE_ALT_TEXT] = product.image_alt_texts.get(url, "")
        yield cells
        head = {}


def _head(product: FeedProduct) -> dict[str, str]:
    first = product.variants[0]
    names = ["Variant"] if first.has_json_options else [name for name, _ in first.options] or ["Title"]
    attributes = [
        {"name": attribute.name, "value": attribute.value, "unit": attribute.unit} for attribute in product.attributes
    ]
    return {
        Column.TITLE: product.title or "",
        Column.BODY: product.body or "",
        Column.VENDOR: product.vendor or "",
        Column.TYPE: product.category or "",
        Column.TAGS: ", ".join(product.tags),
        Column.PUBLISHED: "true" if product.is_published else "false",
        Column.STATUS: "active" if product.is_published else "draft",
        Column.SUMMARY: product.summary or "",
        Column.MODEL: product.model or "",
        Column.FEATURED: "true" if product.is_featured else "",
        Column.GIFT_CARD: _boolean(product.is_gift_card),
        Column.BASE_PRICE: _amount(product.base_price),
        Column.BASE_COMPARE_AT_PRICE: _amount(product.base_compare_at_price),
        Column.ATTRIBUTES: orjson.dumps(attributes).decode() if attributes else "",
        **{column: name for (column, _), name in zip(OPTIONS, names, strict=False)},
    }


def _variant(variant: FeedVariant) -> dict[str, str]:
    option_values = [value for _, value in variant.options] or ["Default Title"]
    options = [{"name": name, "value": value} for name, value in variant.options]
    if variant.has_json_options:
        option_values = [variant.sku or ""]
    return {
        **{column: value for (_, column), value in zip(OPTIONS, option_values, strict=False)},
        Column.SKU: variant.sku or "",
        Column.GRAMS: "" if variant.weight is None else format((variant.weight * 1000).normalize(), "f"),
        Column.WEIGHT_UNIT: "" if variant.weight is None else WEIGHT_UNIT,
        Column.REQUIRES_SHIPPING: _boolean(variant.requires_shipping),
        Column.TRACKER: TRACKER if variant.is_tracked else "",
        Column.QUANTITY: "" if variant.quantity is None else str(variant.quantity),
        Column.PRICE: _amount(variant.price),
        Column.COMPARE_AT_PRICE: _amount(variant.compare_at_price),
        Column.VARIANT_IMAGE: variant.images[0] if variant.images else "",
        Column.VARIANT_STATUS: _status(variant),
        Column.VARIANT_NAME: variant.name or "",
        Column.VARIANT_COLOR: variant.color or "",
        Column.VARIANT_SIZE: variant.size or "",
        Column.VARIANT_OPTIONS: orjson.dumps(options).decode() if variant.has_json_options else "",
        Column.VARIANT_IMAGES: " ".join(variant.images[1:]),
    }


def _status(variant: FeedVariant) -> str:
    if variant.sku is None:
        return VariantStatus.NO_SKU
    return "" if variant.is_active else VariantStatus.INACTIVE


def _boolean(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount, "f")
