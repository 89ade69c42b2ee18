"""A shop with a catalog, whose products are reviewed."""

from tests.gateway.graphql.catalog.conftest import shop

__all__ = ["shop"]
