"""What a row of WooCommerce's says of a whole product."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.slugs import generate_slug
from domains.catalog.validation import CATEGORY, MAX_IMAGES
from domains.feed.csv.cells import BadCell, CellReader, quote
from domains.feed.models import Cells, FeedProduct
from domains.feed.woocommerce.columns import MEASURE, TITLES, UNSUPPORTED, WooColumn, columns_of
from domains.feed.woocommerce.texts import categories, description, kinds, label, listed
from domains.kernel.errors import DomainError
from domains.kernel.text.html import plain_text

PUBLISHED: Final = {"1": True, "0": False, "-1": False, "2": False, "true": True, "false": False}
VISIBLE: Final = {"visible": True, "catalog": True, "search": True, "hidden": False}
NO_CATEGORY: Final = "uncategorized"
UNSENT: Final = {
    "virtual": "It needs no shipping there; here it is shipped as other products are.",
    "downloadable": "Its downloads are left out: whoever buys it here gets none.",
}


def handle_of(cells: Cells) -> str:
    """The handle that the name makes, for there is no column of handles."""
    return generate_slug(label(cells.get(WooColumn.NAME, "")), fallback="product")


def read_head(
    line: int, handle: str, reader: CellReader, given: frozenset[str], attributes: tuple[AttributeValue, ...]
) -> FeedProduct:
    """The product of a row, without its variants. Raises BadCell."""
    title = reader.required(WooColumn.NAME, _labelled(reader.product("name", WooColumn.NAME)))
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
            reader.optional(WooColumn.TAGS, lambda text: reader.product("tags", WooColumn.TAGS)(listed(text))) or ()
        ),
        is_published=_read_published(reader),
        is_featured=reader.boolean(WooColumn.FEATURED) or False,
        attributes=attributes,
        images=read_images(reader),
        variants=(),
        titles=TITLES,
    )
    tell_of_unheld(reader)
    # Without a text of its own, the short description is the beginning of the long one.
    unread = reader.unread | ({WooColumn.SHORT_DESCRIPTION} if product.summary is None else set())
    return replace(product, columns=columns_of(given) - columns_of(unread))


def read_images(reader: CellReader) -> tuple[str, ...]:
    """The images of a row, one bad address left out and not the others."""
    column = WooColumn.IMAGES
    urls: dict[str, None] = {}
    for text in listed(reader.cells.get(column, "")):
        try:
            urls |= dict.fromkeys(reader.product("images", column)([text]))
        except DomainError:
            reader.warn(column, f"{quote(text)} is no address of an image. It is ignored.")
    if column in reader.cells and not urls:
        reader.unread.add(column)
    if len(urls) > MAX_IMAGES:
        reader.warn(column, f"Of {len(urls)} images the first {MAX_IMAGES} are taken.")
    return tuple(urls)[:MAX_IMAGES]


def tell_of_unheld(reader: CellReader, *also: str) -> None:
    """Warn of cells that say something for which there is no place here, such as those of the columns `also`."""
    names = [name for name, text in reader.cells.items() if name in also or _is_unsupported(name, text)]
    if names:
        listing = ", ".join(f"`{name}`" for name in names)
        reader.warn(names[0], f"There is no place here for {listing}. What they say is left out.")
    for kind in kinds(reader.cells.get(WooColumn.TYPE, "")):
        if kind in UNSENT:
            reader.warn(WooColumn.TYPE, f"The product is {kind}. {UNSENT[kind]}")


def _is_unsupported(name: str, text: str) -> bool:
    return text != (UNSUPPORTED[name] if name in UNSUPPORTED else "0" if MEASURE.fullmatch(name) else text)


def _labelled(rule: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: rule(label(text))


def _read_body(reader: CellReader) -> Callable[[str], str | None]:
    rule = reader.product("long_description", WooColumn.DESCRIPTION)
    return lambda text: rule(description(text))


def _read_summary(reader: CellReader) -> Callable[[str], str | None]:
    """The short description as plain text, for it holds no HTML here."""
    rule = reader.product("description", WooColumn.SHORT_DESCRIPTION)
    return lambda text: rule(plain_text(description(text)))


def _read_brand(reader: CellReader) -> str | None:
    return _first_of(reader, WooColumn.BRANDS, reader.product("brand", WooColumn.BRANDS), "brand")


def _read_category(reader: CellReader) -> str | None:
    rule = CATEGORY["name"]
    return _first_of(
        reader, WooColumn.CATEGORIES, lambda name: str(rule(name, (WooColumn.CATEGORIES,), None)), "category"
    )


def _first_of(reader: CellReader, column: str, rule: Callable[[str], str | None], noun: str) -> str | None:
    """The first name of a list of paths; a product has one of them here. WooCommerce's word for none is none."""
    names = [name for name in categories(reader.cells.get(column, "")) if name.lower() != NO_CATEGORY]
    if len(names) > 1:
        others = ", ".join(map(repr, names[1:]))
        reader.warn(column, f"A product has one {noun} here: {names[0]!r} is taken, {others} left out.")
    return reader.optional(column, lambda _: rule(names[0])) if names else None


def _read_published(reader: CellReader) -> bool:
    """Whether the product is shown. An invalid cell hides a new product."""
    published = reader.optional(WooColumn.PUBLISHED, lambda text: _one_of(WooColumn.PUBLISHED, text, PUBLISHED))
    visible = reader.optional(WooColumn.VISIBILITY, lambda text: _one_of(WooColumn.VISIBILITY, text, VISIBLE))
    said = reader.cells.get(WooColumn.VISIBILITY, "").lower()
    if visible and said != "visible":
        reader.warn(
            WooColumn.VISIBILITY, f"The product is shown in {said} alone there; here it is in lists and searches."
        )
    elif visible is False:
        reader.warn(WooColumn.VISIBILITY, "A product that is found by its address alone is hidden here.")
    is_read = not reader.unread & {WooColumn.PUBLISHED, WooColumn.VISIBILITY}
    reader.unread |= set() if is_read else {WooColumn.PUBLISHED, WooColumn.VISIBILITY}
    return is_read and published is not False and visible is not False


def _one_of(column: str, text: str, words: dict[str, bool]) -> bool:
    if text.lower() not in words:
        raise BadCell(f"`{column}` must be one of {', '.join(words)}; it is {quote(text)}.", column)
    return words[text.lower()]
