"""The trees of all modules, which several tests walk."""

from collections.abc import Iterator

import pytest

from tests.architecture.test_budgets import parsed


@pytest.fixture(scope="package", autouse=True)
def trees() -> Iterator[None]:
    """Forget the trees after the last test of this folder: they take hundreds of megabytes."""
    yield
    parsed.cache_clear()
