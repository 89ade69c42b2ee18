"""A product of WooCommerce's and its variations, read into one description of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domains.catalog.imports.models import Options, options_key
from domains.catalog.variants.options import MAX_VARIANTS
from domains.feed.csv.amounts import parse_whole_number
from domains.feed.csv.cells import BadCell, CellReader, read_sku
from domains.feed.imports.skus import generated_sku
from domains.feed.imports.variants import ReportColumns, RowProblems, require_one_product, with_distinct_skus
from domains.feed.models import FeedProduct, FeedVariant, ReadOptions, Row
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
from domains.feed.woocommerce.columns import WooColumn
from domains.feed.woocommerce.products import read_head, read_images, tell_of_unheld
from domains.feed.woocommerce.variations import OF_PARENT, read_stock, read_variant, with_sku

NAMES: Final = ReportColumns(WooColumn.ID, WooColumn.SKU, OPTIONS)


@dataclass(frozen=True, slots=True)
class Variation:
    """The row of a variation as it was read: its variant without options, and what it stands for.

    `own` are its options where it says all of them.
    """

    variant: FeedVariant
    choices: Sequence[Choice]
    own: Options | None
    is_counted_by_parent: bool

    def added(self, options: Options) -> list[str]:
        """The values of options that the row does not say."""
        return [value for choice, (_, value) in zip(self.choices, options, strict=True) if choice.is_any]


class Family:
    """One product, read from the row that gives it and the rows of its variations."""

    def __init__(self, head: Row, problems: RowProblems, reading: ReadOptions) -> None:
        self.problems = problems
        self._head = head
        self._reading = reading
        self._reader = self._reader_of(head)
        self._base = problems.handle

    def product(self, variations: Sequence[Row]) -> FeedProduct | None:
        """The product when all its rows are good, else None; the problems say why."""
        try:
            self._base = self._read_base()
            attributes = attributes_of(self._head.cells)
            of_variations = [attributes_of(row.cells) for row in variations]
            axes = axes_of(attributes, of_variations)
            own = shown_attributes(self._reader, (one for one in attributes if one not in axes))
            product = read_head(self._head.line, self.problems.handle, self._reader, self._reading.columns, own)
            variants = self._variants(variations, of_variations, axes) if variations else [self._only_form()]
        except BadCell as bad:
            self.problems.refuse(self._head.line, str(bad), bad.column, bad.code)
            return None
        variants = with_distinct_skus(variants, self.problems, NAMES, self._reading.duplicate_skus)
        require_one_product(variants, self.problems, NAMES, is_simple=not variations)
        if self.problems.bad_rows:
            return None
        matching_skus = self._matching_skus(variants)
        warnings = tuple(self.problems.warnings)
        return replace(
            product,
            variants=tuple(variants),
            is_simple=not variations,
            warnings=warnings,
            matching_skus=matching_skus,
        )

    def _reader_of(self, row: Row) -> CellReader:
        return CellReader(
            row.cells, self._reading.prices, lambda column, why: self.problems.warn(row.line, column, why)
        )

    def _read_base(self) -> str:
        """What SKUs are made of: the product's id, else its SKU, else its handle."""
        if number := self._head.cells.get(WooColumn.ID):
            if not (number.isascii() and number.isdecimal() and len(number) <= 20):
                raise BadCell(f"`{WooColumn.ID}` must be a whole number.", WooColumn.ID)
            return f"id:{number}"
        sku = read_sku(self._reader, WooColumn.SKU)
        return f"sku:{sku}" if sku else self.problems.handle

    def _only_form(self) -> FeedVariant:
        variant = read_variant(self._head.line, self._reader, self._reading)
        return with_sku(variant, self._base, (), (), self._reading)

    def _matching_skus(self, variants: Sequence[FeedVariant]) -> tuple[str, ...]:
        """The SKUs by which the product is found if it exists, including those that an earlier import generated.

        Empty if it is found by its name alone.
        """
        if self._base == self.problems.handle and all(variant.is_generated for variant in variants):
            return ()
        spares, skus = (variant.fallback_sku for variant in variants), (variant.sku for variant in variants)
        made_up = (generated_sku(self._base, [value for _, value in variant.options]) for variant in variants)
        return tuple(dict.fromkeys(filter(None, (*spares, *skus, *made_up))))

    def _variants(
        self, rows: Sequence[Row], attributes: Sequence[Sequence[Attribute]], axes: Sequence[Attribute]
    ) -> list[FeedVariant]:
        read = [self._variation(row, own, axes) for row, own in zip(rows, attributes, strict=True)]
        variations = [one for one in read if one]
        if sum(size_of(one.choices) for one in variations) > MAX_VARIANTS:
            raise BadCell(f"The product has more than {MAX_VARIANTS:,} variations.", OPTIONS)
        said = {options_key(one.own) for one in variations if one.own}
        variants: list[FeedVariant] = []
        for one in variations:
            options = (
                [one.own] if one.own else [some for some in options_of(one.choices) if options_key(some) not in said]
            )
            said |= set(map(options_key, options))
            variants += self._expanded(one, options)
        return self._with_stock_of_parent(
            variants, {one.variant.line for one in variations if one.is_counted_by_parent}
        )

    def _variation(self, row: Row, own: Sequence[Attribute], axes: Sequence[Attribute]) -> Variation | None:
        reader = self._reader_of(row)
        try:
            choices = choices_of(own, axes)
            variant = read_variant(row.line, reader, self._reading, read_images(reader)[:1])
            tell_of_unheld(reader, WooColumn.DESCRIPTION)
            is_counted = row.cells.get(WooColumn.STOCK, "").lower() == OF_PARENT
            said = None if any(choice.is_any for choice in choices) else options_of(choices)[0]
            return Variation(variant, choices, said, is_counted)
        except BadCell as bad:
            self.problems.refuse(row.line, str(bad), bad.column, bad.code)
            return None

    def _expanded(self, one: Variation, options: Sequence[Options]) -> Iterator[FeedVariant]:
        """A variant for each of the options that a variation stands for."""
        variant = one.variant
        if not options:
            reason = "All that the variation stands for has variations of its own. It is ignored."
            self.problems.warn(variant.line, OPTIONS, reason)
        if len(options) > 1 and variant.quantity is not None:
            variant = replace(variant, quantity=None)
            self._tell_of_shared(variant.line, one.variant.quantity, len(options))
        for some in options:
            yield with_sku(variant, self._base, some, one.added(some) if len(options) > 1 else (), self._reading)

    def _with_stock_of_parent(self, variants: list[FeedVariant], lines: set[int]) -> list[FeedVariant]:
        """The variants, the product's own stock given to the one that it is counted for, if it is one."""
        counted = [variant for variant in variants if variant.line in lines]
        if not counted or WooColumn.STOCK not in self._head.cells:
            return variants
        quantity = read_stock(self._reader).quantity
        if len(counted) > 1:
            self._tell_of_shared(self._head.line, quantity, len(counted))
            return variants
        return [replace(variant, quantity=quantity) if variant is counted[0] else variant for variant in variants]

    def _tell_of_shared(self, line: int, quantity: int | None, variants: int) -> None:
        reason = f"The {quantity} in stock are those of {variants} variants together; here each is counted by itself."
        self.problems.warn(line, WooColumn.STOCK, f"{reason} They are left out: set the stock of each.")


def in_order(variations: Sequence[Row]) -> list[Row]:
    """The variations as the shop shows them: by their position, those of one position as they stand in the file."""
    return sorted(variations, key=lambda row: parse_whole_number(row.cells.get(WooColumn.POSITION, "")) or 0)
