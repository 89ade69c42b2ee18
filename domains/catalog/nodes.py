"""The catalog domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

CATEGORIES: Final = NodeTable("categories")
CATEGORY_ATTRIBUTES: Final = NodeTable("category_attributes", owner="category_id")
PRODUCTS: Final = NodeTable("products")
PRODUCT_ATTRIBUTES: Final = NodeTable("product_attributes", owner="product_id")
PRODUCT_VARIANTS: Final = NodeTable("product_variants", owner="product_id")
REVIEWS: Final = NodeTable("reviews")
