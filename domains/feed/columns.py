"""The columns of product files, by their names in Shopify's product CSV, and where they stand in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_COLUMNS = 1_000


class Column(StrEnum):
    """A column that means something here. Those after `Status` are this platform's own, as metafields of Shopify.

    They hold what Shopify's columns cannot. Each is empty where it would only say what follows from the others.
    """

    HANDLE = "Handle"
    TITLE = "Title"
    BODY = "Body (HTML)"
    VENDOR = "Vendor"
    PRODUCT_CATEGORY = "Product Category"
    TYPE = "Type"
    TAGS = "Tags"
    PUBLISHED = "Published"
    OPTION1_NAME = "Option1 Name"
    OPTION1_VALUE = "Option1 Value"
    OPTION2_NAME = "Option2 Name"
    OPTION2_VALUE = "Option2 Value"
    OPTION3_NAME = "Option3 Name"
    OPTION3_VALUE = "Option3 Value"
    SKU = "Variant SKU"
    TRACKER = "Variant Inventory Tracker"
    QUANTITY = "Variant Inventory Qty"
    PRICE = "Variant Price"
    COMPARE_AT_PRICE = "Variant Compare At Price"
    IMAGE = "Image Src"
    IMAGE_POSITION = "Image Position"
    VARIANT_IMAGE = "Variant Image"
    STATUS = "Status"
    SUMMARY = "Short Description (product.metafields.commerce.short_description)"
    MODEL = "Model (product.metafields.commerce.model)"
    FEATURED = "Featured (product.metafields.commerce.featured)"
    BASE_PRICE = "Base Price (product.metafields.commerce.base_price)"
    BASE_COMPARE_AT_PRICE = "Base Compare At Price (product.metafields.commerce.base_compare_at_price)"
    ATTRIBUTES = "Attributes (product.metafields.commerce.attributes)"
    VARIANT_STATUS = "Variant Status (variant.metafields.commerce.status)"
    VARIANT_NAME = "Variant Name (variant.metafields.commerce.name)"
    VARIANT_COLOR = "Variant Color (variant.metafields.commerce.color)"
    VARIANT_SIZE = "Variant Size (variant.metafields.commerce.size)"
    VARIANT_OPTIONS = "Variant Options (variant.metafields.commerce.options)"
    VARIANT_IMAGES = "Variant Images (variant.metafields.commerce.images)"


OPTIONS = (
    (Column.OPTION1_NAME, Column.OPTION1_VALUE),
    (Column.OPTION2_NAME, Column.OPTION2_VALUE),
    (Column.OPTION3_NAME, Column.OPTION3_VALUE),
)
OPTION_COLUMNS = frozenset(column for pair in OPTIONS for column in pair)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the known columns stand, how many fields a row has, and what is not read."""

    places: tuple[tuple[Column, int], ...]
    width: int
    ignored: tuple[str, ...]

    @property
    def given(self) -> frozenset[Column]:
        """The columns that the file has."""
        return frozenset(column for column, _ in self.places)

    def cells(self, fields: Sequence[str]) -> dict[Column, str]:
        """The row's known cells that are not empty, without surrounding space; fields may be left out at its end."""
        end = len(fields)
        return {column: text for column, place in self.places if place < end and (text := fields[place].strip())}

    def handle(self, fields: Sequence[str]) -> str:
        """The row's handle as far as it can be told, for a report."""
        place = dict(self.places)[Column.HANDLE]
        return fields[place].strip() if place < len(fields) else ""
