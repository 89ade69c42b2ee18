"""SQL fragments over the catalog's tables that higher domains may join."""

from typing import Final

PRODUCT_RATINGS: Final = "(select company_id, id, slug, rating_sum, review_count from products)"
