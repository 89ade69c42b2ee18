"""A shop with products to review."""

from tests.gateway.graphql.catalog.conftest import shop

__all__ = ["shop"]
