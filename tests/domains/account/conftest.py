"""The auth domain's shop, whose users have address books."""

from tests.domains.auth.conftest import make_shop, shop

__all__ = ["make_shop", "shop"]
