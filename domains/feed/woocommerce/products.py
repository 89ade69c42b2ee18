"""Reads the fields of a product from its row in a WooCommerce file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.slugs import generate_slug
from domains.catalog.validation import CATEGORY, MAX_IMAGES
from domains.feed.csv.cells import BadCell, CellReader, quote
from domains.feed.models import Cells, FeedProduct
from domains.feed.woocommerce.columns import MEASURE, TITLES, UNSUPPORTED, WooColumn, columns_of
from domains.feed.woocommerce.texts import category_names, description_html, product_types, split_list, unescape_name
from domains.kernel.errors import DomainError
from domains.kernel.text.html import plain_text

PUBLISHED: Final = {"1": True, "0": False, "-1": False, "2": False, "true": True, "false": False}
VISIBLE: Final = {"visible": True, "catalog": True, "search": True, "hidden": False}
NO_CATEGORY: Final = "uncategorized"
TYPE_WARNINGS: Final = {
    "virtual": "It is imported as a product that is shipped.",
    "downloadable": "Its downloads are not imported: customers who buy it receive none.",
}


def handle_of(cells: Cells) -> str:
    """The handle generated from the name, as the file has no column of handles."""
    return generate_slug(unescape_name(cells.get(WooColumn.NAME, "")), fallback="product")


def read_product_row(
    line: int, handle: str, reader: CellReader, columns: frozenset[str], attributes: tuple[AttributeValue, ...]
) -> FeedProduct:
    """The product of a row, without its variants. Raises BadCell."""
    title = reader.required(WooColumn.NAME, _unescaped(reader.product("name", WooColumn.NAME)))
    if title is None:
        raise BadCell(f"`{WooColumn.NAME}` is missing.", WooColumn.NAME)
    product = FeedProduct(
        line=line,
        handle=handle,
        title=title,
        body=reader.optional(WooColumn.DESCRIPTION, _read_body(reader)),
        summary=reader.optional(WooColumn.SHORT_DESCRIPTION, _read_summary(reader)),
        vendor=_read_brand(reader),
        category=_read_category(reader),
        tags=tuple(
            reader.optional(WooColumn.TAGS, lambda text: reader.product("tags", WooColumn.TAGS)(split_list(text)))
            or ()
        ),
        is_published=_read_published(reader),
        is_featured=reader.boolean(WooColumn.FEATURED) or False,
        attributes=attributes,
        images=read_images(reader),
        variants=(),
        titles=TITLES,
    )
    warn_of_ignored_cells(reader)
    # A product without a short description gets the beginning of the long one.
    unread = reader.unread | ({WooColumn.SHORT_DESCRIPTION} if product.summary is None else set())
    return replace(product, columns=columns_of(columns) - columns_of(unread))


def read_images(reader: CellReader) -> tuple[str, ...]:
    """The images of a row without the invalid URLs, which are reported."""
    column = WooColumn.IMAGES
    urls: dict[str, None] = {}
    for text in split_list(reader.cells.get(column, "")):
        try:
            urls |= dict.fromkeys(reader.product("images", column)([text]))
        except DomainError:
            reader.warn(column, f"{quote(text)} is not the URL of an image. It is ignored.")
    if column in reader.cells and not urls:
        reader.unread.add(column)
    if len(urls) > MAX_IMAGES:
        reader.warn(column, f"The product has {len(urls)} images; the first {MAX_IMAGES} are imported.")
    return tuple(urls)[:MAX_IMAGES]


def warn_of_ignored_cells(reader: CellReader, *ignored: str) -> None:
    """Warn of cells that are not imported: those of unsupported columns, and of the columns `ignored`."""
    names = [name for name, text in reader.cells.items() if name in ignored or _is_unsupported(name, text)]
    if names:
        columns = ", ".join(f"`{name}`" for name in names)
        reader.warn(names[0], f"These columns are not supported: {columns}. Their values are ignored.")
    for name in product_types(reader.cells.get(WooColumn.TYPE, "")):
        if name in TYPE_WARNINGS:
            reader.warn(WooColumn.TYPE, f"The product is {name}. {TYPE_WARNINGS[name]}")


def _is_unsupported(name: str, text: str) -> bool:
    return text != (UNSUPPORTED[name] if name in UNSUPPORTED else "0" if MEASURE.fullmatch(name) else text)


def _unescaped(rule: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: rule(unescape_name(text))


def _read_body(reader: CellReader) -> Callable[[str], str | None]:
    rule = reader.product("long_description", WooColumn.DESCRIPTION)
    return lambda text: rule(description_html(text))


def _read_summary(reader: CellReader) -> Callable[[str], str | None]:
    """The short description as plain text; the field has no HTML."""
    rule = reader.product("description", WooColumn.SHORT_DESCRIPTION)
    return lambda text: rule(plain_text(description_html(text)))


def _read_brand(reader: CellReader) -> str | None:
    return _first_of(reader, WooColumn.BRANDS, reader.product("brand", WooColumn.BRANDS), "brand")


def _read_category(reader: CellReader) -> str | None:
    rule = CATEGORY["name"]
    return _first_of(
        reader, WooColumn.CATEGORIES, lambda name: str(rule(name, (WooColumn.CATEGORIES,), None)), "category"
    )


def _first_of(reader: CellReader, column: str, rule: Callable[[str], str | None], noun: str) -> str | None:
    """The first name of a list of paths, with a warning of others; None for WooCommerce's `Uncategorized`."""
    names = [name for name in category_names(reader.cells.get(column, "")) if name.lower() != NO_CATEGORY]
    if len(names) > 1:
        others = ", ".join(map(repr, names[1:]))
        reader.warn(column, f"A product has one {noun}: {names[0]!r} is imported, {others} ignored.")
    return reader.optional(column, lambda _: rule(names[0])) if names else None


def _read_published(reader: CellReader) -> bool:
    """Whether the product is shown. An invalid cell hides a new product."""
    published = reader.optional(WooColumn.PUBLISHED, lambda text: _one_of(WooColumn.PUBLISHED, text, PUBLISHED))
    visible = reader.optional(WooColumn.VISIBILITY, lambda text: _one_of(WooColumn.VISIBILITY, text, VISIBLE))
    visibility = reader.cells.get(WooColumn.VISIBILITY, "").lower()
    if visible and visibility != "visible":
        reader.warn(
            WooColumn.VISIBILITY, f"The product was visible in {visibility} only; it is now in lists and searches."
        )
    elif visible is False:
        reader.warn(WooColumn.VISIBILITY, "A product that is found by its URL only is hidden.")
    is_read = not reader.unread & {WooColumn.PUBLISHED, WooColumn.VISIBILITY}
    reader.unread |= set() if is_read else {WooColumn.PUBLISHED, WooColumn.VISIBILITY}
    return is_read and published is not False and visible is not False


def _one_of(column: str, text: str, words: dict[str, bool]) -> bool:
    if text.lower() not in words:
        raise BadCell(f"`{column}` must be one of {', '.join(words)}; it is {quote(text)}.", column)
    return words[text.lower()]
