"""What the tests of accounts through the API share."""

from tests.domains.auth.conftest import hashes

__all__ = ["hashes"]
