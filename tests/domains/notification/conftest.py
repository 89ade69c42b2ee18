"""Fixtures of notifications: a shop with accounts."""

from tests.domains.auth.conftest import make_shop, shop

__all__ = ["make_shop", "shop"]
