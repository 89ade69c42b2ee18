"""The columns of product files, by their names in Shopify's product CSV."""

from enum import StrEnum


class Column(StrEnum):
    """A supported column. Those after `Status` are this platform's own, written as metafields of Shopify.

    They have the data that Shopify's columns lack. Each is empty where its value derives from other columns.
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
    GRAMS = "Variant Grams"
    TRACKER = "Variant Inventory Tracker"
    QUANTITY = "Variant Inventory Qty"
    PRICE = "Variant Price"
    COMPARE_AT_PRICE = "Variant Compare At Price"
    REQUIRES_SHIPPING = "Variant Requires Shipping"
    IMAGE = "Image Src"
    IMAGE_POSITION = "Image Position"
    IMAGE_ALT_TEXT = "Image Alt Text"
    GIFT_CARD = "Gift Card"
    VARIANT_IMAGE = "Variant Image"
    WEIGHT_UNIT = "Variant Weight Unit"
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
