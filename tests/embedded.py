"""The tests that run on the embedded PostgreSQL as well, when the whole run is on another: `make test EMBEDDED=1`.

Redis and RabbitMQ need no such selection: in each run the tests use their twins in the process unless they ask for
the real ones. The embedded server may differ in how it starts and stops, in plans, and in the SQL that it accepts.
"""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
# tests/test_embedded.py says what must be among them.
SELECTED: Final = (
    "tests/domains/*plans.py",
    "tests/domains/catalog/test_search_scale.py",
    "tests/domains/kernel/*",  # transactions and generated verbs
    "tests/domains/ledger/test_listing.py",  # plans
    "tests/domains/payment/listing/test_lists.py",  # plans
    "tests/domains/promotion/promotion_rules/test_migration.py",
    "tests/domains/shipping/test_migration.py",
    "tests/faults/kills/test_fail_points.py",
    "tests/gateway/commands/*",
    "tests/gateway/demo/*",  # statements of every domain, and a backup
    "tests/gateway/infra/*",  # the server itself, migrations and roles
    "tests/gateway/messaging/*",
    "tests/gateway/test_first_*.py",
)


def is_selected(file: Path) -> bool:
    """Whether the tests of a file run on the embedded server as well."""
    name = file.relative_to(ROOT).as_posix()
    return any(fnmatch(name, pattern) for pattern in SELECTED)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the tests before `-m` chooses by marks."""
    for item in items:
        if item.path.is_relative_to(ROOT) and is_selected(item.path):
            item.add_marker(pytest.mark.embedded)
