"""The fixtures of tests of accounts through the API."""

from tests.domains.auth.conftest import hashes

__all__ = ["hashes"]
