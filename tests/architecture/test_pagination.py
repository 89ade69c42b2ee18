"""One module orders, compares and cuts the pages of all lists: domains/kernel/pagination."""

import ast
from pathlib import Path

from tests.architecture.test_budgets import parsed, sources

PAGINATION = "domains/kernel/pagination/"
CURSORS = {"encode_cursor", "decode_cursor"}
# Lists with statements of their own, each for the reason that its module gives; their pages are keysets all the same.
OWN_STATEMENTS = {"domains/catalog/search/listing.py", "domains/order/search/listing.py"}


def imports(names: set[str]) -> set[str]:
    """The modules outside of the pagination that import one of these names from it."""
    return {
        str(path)
        for path, text in sources()
        if path.parts[0] in ("domains", "gateway") and not str(path).startswith(PAGINATION)
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("domains.kernel.pagination.")
        and any(alias.name in names for alias in node.names)
    }


def test_no_list_reads_or_writes_cursors_itself() -> None:
    assert imports(CURSORS) == set()


def test_lists_with_statements_of_their_own_are_named_and_take_their_order_from_a_keyset() -> None:
    assert imports({"cut"}) == OWN_STATEMENTS
    assert imports({"cut"}) & imports({"Keyset"}) == OWN_STATEMENTS


def test_both_kinds_of_lists_are_read() -> None:
    assert {"domains/review/sql.py", "domains/inventory/sql.py"} <= imports({"RelatedList"})
    assert "domains/activity/service.py" in imports({"fetch_page"})
    assert all(Path(PAGINATION, name).is_file() for name in ("keyset.py", "sql_lists.py", "pages.py"))
