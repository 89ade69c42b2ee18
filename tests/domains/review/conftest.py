"""The catalog's fixtures: products and customers to review with."""

from tests.domains.catalog.conftest import catalog, category, make_customer, make_product

__all__ = ["catalog", "category", "make_customer", "make_product"]
