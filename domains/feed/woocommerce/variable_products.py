"""Reads a product of WooCommerce and its variations."""

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
    choices_of,
    options_of,
    product_attributes,
    variant_count,
    variation_attributes_of,
)
from domains.feed.woocommerce.columns import WooColumn
from domains.feed.woocommerce.products import read_images, read_product_row, warn_of_ignored_cells
from domains.feed.woocommerce.variations import STOCK_OF_PARENT, read_stock, read_variant, with_sku

NAMES: Final = ReportColumns(WooColumn.ID, WooColumn.SKU, OPTIONS)


@dataclass(frozen=True, slots=True)
class Variation:
    """The row of a variation: its variant without options, and the choices of options that it covers.

    `options` are its options where the row has a value of each attribute, else None.
    """

    variant: FeedVariant
    choices: Sequence[Choice]
    options: Options | None
    uses_stock_of_parent: bool

    def unspecified_values(self, options: Options) -> list[str]:
        """The values of options that are not in the row."""
        return [value for choice, (_, value) in zip(self.choices, options, strict=True) if choice.is_any]


class ProductGroup:
    """One product: its row, and the rows of its variations."""

    def __init__(self, product_row: Row, problems: RowProblems, reading: ReadOptions) -> None:
        self.problems = problems
        self._product_row = product_row
        self._reading = reading
        self._reader = self._reader_of(product_row)
        self._identifier = problems.handle

    def product(self, variations: Sequence[Row]) -> FeedProduct | None:
        """The product when all its rows are valid, else None; `problems` has the reasons."""
        try:
            self._identifier = self._read_identifier()
            attributes = attributes_of(self._product_row.cells)
            of_variations = [attributes_of(row.cells) for row in variations]
            variation_attributes = variation_attributes_of(attributes, of_variations)
            own = [attribute for attribute in attributes if attribute not in variation_attributes]
            own_values = product_attributes(self._reader, own)
            product = read_product_row(
                self._product_row.line, self.problems.handle, self._reader, self._reading.columns, own_values
            )
            variants = (
                self._variants(variations, of_variations, variation_attributes)
                if variations
                else [self._single_variant()]
            )
        except BadCell as bad:
            self.problems.refuse(self._product_row.line, str(bad), bad.column, bad.code)
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
            row.cells, self._reading.prices, lambda column, reason: self.problems.warn(row.line, column, reason)
        )

    def _read_identifier(self) -> str:
        """The text that generated SKUs begin with: the product's id, else its SKU, else its handle."""
        if number := self._product_row.cells.get(WooColumn.ID):
            if not (number.isascii() and number.isdecimal() and len(number) <= 20):
                raise BadCell(f"`{WooColumn.ID}` must be a whole number.", WooColumn.ID)
            return f"id:{number}"
        sku = read_sku(self._reader, WooColumn.SKU)
        return f"sku:{sku}" if sku else self.problems.handle

    def _single_variant(self) -> FeedVariant:
        variant = read_variant(self._product_row.line, self._reader, self._reading)
        return with_sku(variant, self._identifier, (), (), self._reading)

    def _matching_skus(self, variants: Sequence[FeedVariant]) -> tuple[str, ...]:
        """The SKUs by which the product is found if it exists, including those that an earlier import generated.

        Empty if it is found by its name alone.
        """
        if self._identifier == self.problems.handle and all(variant.is_generated for variant in variants):
            return ()
        fallbacks, skus = (variant.fallback_sku for variant in variants), (variant.sku for variant in variants)
        generated = (generated_sku(self._identifier, [value for _, value in variant.options]) for variant in variants)
        return tuple(dict.fromkeys(filter(None, (*fallbacks, *skus, *generated))))

    def _variants(
        self,
        rows: Sequence[Row],
        attributes: Sequence[Sequence[Attribute]],
        variation_attributes: Sequence[Attribute],
    ) -> list[FeedVariant]:
        read = [self._variation(row, own, variation_attributes) for row, own in zip(rows, attributes, strict=True)]
        variations = [variation for variation in read if variation]
        if sum(variant_count(variation.choices) for variation in variations) > MAX_VARIANTS:
            raise BadCell(f"The product has more than {MAX_VARIANTS:,} variations.", OPTIONS)
        known_keys = {options_key(variation.options) for variation in variations if variation.options}
        variants: list[FeedVariant] = []
        for variation in variations:
            if variation.options:
                variants += self._expanded(variation, [variation.options])
                continue
            covered = [options for options in options_of(variation.choices) if options_key(options) not in known_keys]
            known_keys |= set(map(options_key, covered))
            variants += self._expanded(variation, covered)
        return self._with_stock_of_parent(
            variants, {variation.variant.line for variation in variations if variation.uses_stock_of_parent}
        )

    def _variation(
        self, row: Row, own: Sequence[Attribute], variation_attributes: Sequence[Attribute]
    ) -> Variation | None:
        reader = self._reader_of(row)
        try:
            choices = choices_of(own, variation_attributes)
            variant = read_variant(row.line, reader, self._reading, read_images(reader)[:1])
            warn_of_ignored_cells(reader, WooColumn.DESCRIPTION)
            uses_stock_of_parent = row.cells.get(WooColumn.STOCK, "").lower() == STOCK_OF_PARENT
            options = None if any(choice.is_any for choice in choices) else options_of(choices)[0]
            return Variation(variant, choices, options, uses_stock_of_parent)
        except BadCell as bad:
            self.problems.refuse(row.line, str(bad), bad.column, bad.code)
            return None

    def _expanded(self, variation: Variation, covered: Sequence[Options]) -> Iterator[FeedVariant]:
        """A variant for each of the options that a variation covers."""
        variant = variation.variant
        if not covered:
            reason = "Other variations have all the options that this one covers. It is ignored."
            self.problems.warn(variant.line, OPTIONS, reason)
        if len(covered) > 1 and variant.quantity is not None:
            variant = replace(variant, quantity=None)
            self._warn_of_shared_stock(variant.line, variation.variant.quantity, len(covered))
        for options in covered:
            unspecified = variation.unspecified_values(options) if len(covered) > 1 else ()
            yield with_sku(variant, self._identifier, options, unspecified, self._reading)

    def _with_stock_of_parent(self, variants: list[FeedVariant], lines: set[int]) -> list[FeedVariant]:
        """The variants, with the product's stock on the variant that uses it, if it is only one."""
        sharing = [variant for variant in variants if variant.line in lines]
        if not sharing or WooColumn.STOCK not in self._product_row.cells:
            return variants
        quantity = read_stock(self._reader).quantity
        if len(sharing) > 1:
            self._warn_of_shared_stock(self._product_row.line, quantity, len(sharing))
            return variants
        return [replace(variant, quantity=quantity) if variant is sharing[0] else variant for variant in variants]

    def _warn_of_shared_stock(self, line: int, quantity: int | None, variants: int) -> None:
        reason = f"{variants} variants share a stock of {quantity}, and each variant needs a stock of its own."
        self.problems.warn(line, WooColumn.STOCK, f"{reason} It is ignored: set the stock of each variant.")


def sorted_variations(variations: Sequence[Row]) -> list[Row]:
    """The variations as WooCommerce shows them: by position, those of one position in the order of the file."""
    return sorted(variations, key=lambda row: parse_whole_number(row.cells.get(WooColumn.POSITION, "")) or 0)
