"""The fixtures of the catalogue: products and customers for reviews."""

from tests.domains.catalog.conftest import catalog, category, make_customer, make_product

__all__ = ["catalog", "category", "make_customer", "make_product"]
