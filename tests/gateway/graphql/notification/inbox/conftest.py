"""A shop behind the gateway."""

from tests.gateway.graphql.order.conftest import shop

__all__ = ["shop"]
