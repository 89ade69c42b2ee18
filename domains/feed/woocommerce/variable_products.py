"""A product of WooCommerce's and its variations, read into one description of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domains.catalog.imports.models import Options, key_of
from domains.catalog.variants.options import MOST_VARIANTS
from domains.feed.csv.amounts import whole_of
from domains.feed.csv.cells import BadCell, CellReader, read_sku
from domains.feed.imports.skus import made_up_sku
from domains.feed.imports.variants import Names, Notes, require_one_product, told_apart
from domains.feed.models import FeedProduct, FeedVariant, Reading, Row
from domains.feed.woocommerce.attributes import (
    OPTIONS,
    Attribute,
    Choice,
    attributes_of,
    axes_of,
    choices_of,
    options_of,
    shown_attributes,
    size_of,
)
from domains.feed.woocommerce.columns import Woo
from domains.feed.woocommerce.products import read_head, read_images, tell_of_unheld
from domains.feed.woocommerce.variations import OF_PARENT, read_form, read_stock, with_sku

NAMES: Final = Names(Woo.ID, Woo.SKU, OPTIONS)


@dataclass(frozen=True, slots=True)
class Variation:
    """The row of a variation as it was read: its form without options, and what it stands for.

    `own` are its options where it says all of them.
    """

    form: FeedVariant
    choices: Sequence[Choice]
    own: Options | None
    is_counted_by_parent: bool

    def added(self, options: Options) -> list[str]:
        """The values of options that the row does not say."""
        return [value for choice, (_, value) in zip(self.choices, options, strict=True) if choice.is_any]


class Family:
    """One product, read from the row that gives it and the rows of its variations."""

    def __init__(self, head: Row, notes: Notes, reading: Reading) -> None:
        self.notes = notes
        self._head = head
        self._reading = reading
        self._reader = self._reader_of(head)
        self._base = notes.handle

    def product(self, variations: Sequence[Row]) -> FeedProduct | None:
        """The product when all its rows are good, else None; the notes say why."""
        try:
            self._base = self._read_base()
            attributes = attributes_of(self._head.cells)
            of_variations = [attributes_of(row.cells) for row in variations]
            axes = axes_of(attributes, of_variations)
            own = shown_attributes(self._reader, (one for one in attributes if one not in axes))
            product = read_head(self._head.line, self.notes.handle, self._reader, self._reading.given, own)
            forms = self._variants(variations, of_variations, axes) if variations else [self._only_form()]
        except BadCell as bad:
            self.notes.refuse(self._head.line, str(bad), bad.column, bad.code)
            return None
        forms = told_apart(forms, self.notes, NAMES, self._reading.duplicate_skus)
        require_one_product(forms, self.notes, NAMES, is_simple=not variations)
        if self.notes.bad_rows:
            return None
        known_by = self._known_by(forms)
        warnings = tuple(self.notes.warnings)
        return replace(product, variants=tuple(forms), is_simple=not variations, warnings=warnings, known_by=known_by)

    def _reader_of(self, row: Row) -> CellReader:
        return CellReader(row.cells, self._reading.prices, lambda column, why: self.notes.warn(row.line, column, why))

    def _read_base(self) -> str:
        """What SKUs are made of: the product's id, else its SKU, else its handle."""
        if number := self._head.cells.get(Woo.ID):
            if not (number.isascii() and number.isdecimal() and len(number) <= 20):
                raise BadCell(f"`{Woo.ID}` must be a whole number.", Woo.ID)
            return f"id:{number}"
        sku = read_sku(self._reader, Woo.SKU)
        return f"sku:{sku}" if sku else self.notes.handle

    def _only_form(self) -> FeedVariant:
        form = read_form(self._head.line, self._reader, self._reading)
        return with_sku(form, self._base, (), (), self._reading)

    def _known_by(self, forms: Sequence[FeedVariant]) -> tuple[str, ...]:
        """The SKUs that tell that the product is here already, also those that it had before the file gave it others.

        None where it is known by its name alone.
        """
        if self._base == self.notes.handle and all(form.is_made_up for form in forms):
            return ()
        spares, skus = (form.spare_sku for form in forms), (form.sku for form in forms)
        made_up = (made_up_sku(self._base, [value for _, value in form.options]) for form in forms)
        return tuple(dict.fromkeys(filter(None, (*spares, *skus, *made_up))))

    def _variants(
        self, rows: Sequence[Row], attributes: Sequence[Sequence[Attribute]], axes: Sequence[Attribute]
    ) -> list[FeedVariant]:
        read = [self._variation(row, own, axes) for row, own in zip(rows, attributes, strict=True)]
        variations = [one for one in read if one]
        if sum(size_of(one.choices) for one in variations) > MOST_VARIANTS:
            raise BadCell(f"The product has more than {MOST_VARIANTS:,} variations.", OPTIONS)
        said = {key_of(one.own) for one in variations if one.own}
        forms: list[FeedVariant] = []
        for one in variations:
            options = [one.own] if one.own else [some for some in options_of(one.choices) if key_of(some) not in said]
            said |= set(map(key_of, options))
            forms += self._expanded(one, options)
        return self._with_stock_of_parent(forms, {one.form.line for one in variations if one.is_counted_by_parent})

    def _variation(self, row: Row, own: Sequence[Attribute], axes: Sequence[Attribute]) -> Variation | None:
        reader = self._reader_of(row)
        try:
            choices = choices_of(own, axes)
            form = read_form(row.line, reader, self._reading, read_images(reader)[:1])
            tell_of_unheld(reader, Woo.DESCRIPTION)
            is_counted = row.cells.get(Woo.STOCK, "").lower() == OF_PARENT
            said = None if any(choice.is_any for choice in choices) else options_of(choices)[0]
            return Variation(form, choices, said, is_counted)
        except BadCell as bad:
            self.notes.refuse(row.line, str(bad), bad.column, bad.code)
            return None

    def _expanded(self, one: Variation, options: Sequence[Options]) -> Iterator[FeedVariant]:
        """A form for each of the options that a variation stands for."""
        form = one.form
        if not options:
            reason = "All that the variation stands for has variations of its own. It is left out."
            self.notes.warn(form.line, OPTIONS, reason)
        if len(options) > 1 and form.quantity is not None:
            form = replace(form, quantity=None)
            self._tell_of_shared(form.line, one.form.quantity, len(options))
        for some in options:
            yield with_sku(form, self._base, some, one.added(some) if len(options) > 1 else (), self._reading)

    def _with_stock_of_parent(self, forms: list[FeedVariant], lines: set[int]) -> list[FeedVariant]:
        """The forms, the product's own stock given to the one that it is counted for, if it is one."""
        counted = [form for form in forms if form.line in lines]
        if not counted or Woo.STOCK not in self._head.cells:
            return forms
        quantity = read_stock(self._reader).quantity
        if len(counted) > 1:
            self._tell_of_shared(self._head.line, quantity, len(counted))
            return forms
        return [replace(form, quantity=quantity) if form is counted[0] else form for form in forms]

    def _tell_of_shared(self, line: int, quantity: int | None, forms: int) -> None:
        reason = f"The {quantity} in stock are those of {forms} forms together; here each is counted by itself."
        self.notes.warn(line, Woo.STOCK, f"{reason} They are left out: set the stock of each.")


def in_order(variations: Sequence[Row]) -> list[Row]:
    """The variations as the shop shows them: by their position, those of one position as they stand in the file."""
    return sorted(variations, key=lambda row: whole_of(row.cells.get(Woo.POSITION, "")) or 0)
