"""The clock is injected: code and SQL statements take the time as an argument, with the exceptions listed here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_budgets import ROOT, parsed, sources
from tests.architecture.test_sql_ownership import statements

SERVER_TIME = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)"
    r"|\b(?:current_timestamp|current_date|current_time|localtimestamp)\b",
    re.IGNORECASE,
)
INSERT = re.compile(r"\binsert into (\w+)(?: as \w+)?\s*\(([\w\s,]+)\)", re.IGNORECASE)
MODEL = re.compile(r"^model \w+ \{\n(.*?)@@map\(\"(\w+)\"\)", re.MULTILINE | re.DOTALL)
CHECK = "a check of `commerce doctor` over all companies, with a margin far above any difference of clocks"
SERVER_TIMES = {
    "domains/inventory/sql.py": "the ledger's time is read under the item's lock: its order is that of the balances",
    "domains/inventory/backorders/sql.py": "as the ledger's",
    "domains/catalog/documents/document_sql.py": "a version is a time under the lock of its product",
    "domains/cart/invariants.py": CHECK,
    "domains/inventory/invariants.py": CHECK,
    "domains/kernel/invariants.py": CHECK,
    "domains/order/invariants.py": CHECK,
    "domains/payment/invariants.py": CHECK,
    "domains/payment/tenders/invariants.py": CHECK,
    "domains/webhook/sql.py": "an endpoint gets the events from then on, whose times are the server's",
    "gateway/messaging/relay.py": "relays of several machines agree on the next attempt by the one clock they share",
    "gateway/messaging/stored_events.py": "as the relay, which compares with it",
    "gateway/infra/migrations.py": "Prisma's own table of migrations, written before there is a platform",
}
# The machine's time of day and sources of ids with a time in them, and where each may be called.
SOURCES = {
    "datetime.now": {"domains/kernel/clock.py"},
    "datetime.utcnow": set(),
    "datetime.today": set(),
    "date.today": set(),
    "time.time": set(),
    "time.time_ns": set(),
    "uuid1": set(),
    "uuid4": {"domains/kernel/ids.py"},
    "uuid7": {"domains/kernel/ids.py"},
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """The modules of domains and gateway by path."""
    for path, text in sources():
        if path.parts[0] in ("domains", "gateway"):
            yield str(path), parsed(text)


def server_times(tree: ast.Module) -> bool:
    """Whether a statement of a module takes the time from the database's server."""
    return any(SERVER_TIME.search(statement) for statement in statements(tree))


def default_times() -> dict[str, set[str]]:
    """The columns of each table that get the server's time when an insert leaves them out."""
    return {
        table: {
            column[1] if (column := re.search(r"@map\(\"(\w+)\"\)", line)) else line.split()[0]
            for line in body.splitlines()
            if "@default(now())" in line
        }
        for body, table in MODEL.findall((ROOT / "schema.prisma").read_text())
    }


def omitted_times(statement: str, defaults: dict[str, set[str]]) -> set[str]:
    """The tables into which a statement inserts without a time that the server would then set."""
    return {
        table
        for table, columns in INSERT.findall(statement)
        if defaults.get(table, set()) - set(re.split(r"[\s,]+", columns))
    }


def called_sources(tree: ast.Module) -> set[str]:
    """The sources of time and ids that a module calls: by their last two names, or by the name alone."""
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {source for source in SOURCES for call in calls if call == source or call.endswith(f".{source}")}


def test_statements_take_the_time_as_a_parameter() -> None:
    assert {path for path, tree in modules() if server_times(tree)} == set(SERVER_TIMES)


def test_inserts_give_every_time_that_the_server_would_set() -> None:
    defaults = default_times()
    omitted = {
        (path, table)
        for path, tree in modules()
        for statement in statements(tree)
        for table in omitted_times(statement, defaults)
    }
    assert omitted == set()


def test_the_machines_clock_is_read_in_one_module() -> None:
    called = [(source, path) for path, tree in modules() for source in called_sources(tree)]
    assert {source: {path for each, path in called if each == source} for source in SOURCES} == SOURCES


def test_only_wiring_creates_the_systems_clock() -> None:
    created = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "SystemClock"
    }
    wiring = {"gateway/bootstrap.py", "domains/kernel/prisma/migration.py"}
    assert created == wiring
    assert all(Path(ROOT, path).is_file() for path in (*wiring, *SERVER_TIMES))


def test_server_times_are_found() -> None:
    tree = ast.parse('"""Not now()."""\nA = "select now()"\nB = f"update x set at = {C}, by = Current_Timestamp"\n')
    assert server_times(tree)
    assert not server_times(ast.parse('"""Not now()."""\nA = "select unknown, known_at from nows"'))
    defaults = {"inbox_entries": {"processed_at"}}
    assert omitted_times("insert into inbox_entries (event_id, handler) values ($1, $2)", defaults) == {
        "inbox_entries"
    }
    assert omitted_times("insert into inbox_entries as i (event_id,\n processed_at) select 1", defaults) == set()
    assert called_sources(ast.parse("import datetime\ndatetime.datetime.now(UTC)\nuuid4()\nclock.now()")) == {
        "datetime.now",
        "uuid4",
    }
