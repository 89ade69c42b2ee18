"""The inventory over the catalogue of the test's own company."""

import pytest

from domains.catalog.service import CatalogService
from domains.inventory.service import InventoryService
from tests.domains.catalog.conftest import catalog, category, make_customer, make_product

__all__ = ["catalog", "category", "make_customer", "make_product"]


@pytest.fixture
def inventory(catalog: CatalogService) -> InventoryService:
    """The service under test."""
    return InventoryService(catalog)
