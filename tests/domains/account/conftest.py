"""The shop of the auth domain's tests, whose users have address books."""

from tests.domains.auth.conftest import make_shop, shop

__all__ = ["make_shop", "shop"]
