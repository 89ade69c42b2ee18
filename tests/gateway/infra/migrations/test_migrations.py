"""`commerce migrate`: atomic migrations, a shared history with Prisma, one run at a time."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from gateway.infra.migrations import MigrationFailed, migrate, pending, statements
from gateway.infra.postgres import connected

FIRST = "create table shelves (id int primary key);\ninsert into shelves values (1);\n"
SECOND = """-- A body with semicolons is one statement.
create function twice(n int) returns int language plpgsql as $body$
begin
  return n * 2; -- ; not the end
end;
$body$;
insert into shelves values (twice(1));
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "20260101000000_first", FIRST)
    write(tmp_path, "20260102000000_second", SECOND)
    return tmp_path


def write(folder: Path, name: str, sql: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "migration.sql").write_text(sql)


async def fetch(url: str, sql: str) -> list[tuple[Any, ...]]:
    async with connected(url) as connection:
        return [tuple(row.values()) for row in await connection.fetch(sql)]


async def test_migrations_are_applied_once_and_in_order(empty_database: str, folder: Path) -> None:
    reported: list[str] = []
    assert await pending(empty_database, folder=folder) == ["20260101000000_first", "20260102000000_second"]
    first = await migrate(empty_database, folder=folder, on_applied=reported.append)
    assert first == reported == ["20260101000000_first", "20260102000000_second"]
    assert await migrate(empty_database, folder=folder) == []
    assert await pending(empty_database, folder=folder) == []
    assert await fetch(empty_database, "select id from shelves order by id") == [(1,), (2,)]


async def test_a_database_with_data_reports_the_downtime_before_migrating(empty_database: str, folder: Path) -> None:
    reported: list[tuple[int, int]] = []

    def report(migrations: int, seconds: int) -> None:
        reported.append((migrations, seconds))

    await migrate(empty_database, folder=folder, on_begin=report)
    assert reported == []
    async with connected(empty_database) as connection:
        await connection.execute("insert into shelves select generate_series(10, 60009); analyze shelves")
    write(folder, "20260103000000_third", "insert into shelves values (3);")
    await migrate(empty_database, folder=folder, on_begin=report)
    assert reported == [(1, 3)]


async def test_the_history_is_compatible_with_prisma(empty_database: str, folder: Path) -> None:
    await migrate(empty_database, folder=folder)
    rows = await fetch(
        empty_database,
        "select migration_name, checksum, applied_steps_count, logs, rolled_back_at, finished_at >= started_at, "
        "length(id) from _prisma_migrations order by 1",
    )
    sums = [hashlib.sha256(sql.encode()).hexdigest() for sql in (FIRST, SECOND)]
    assert rows == [
        ("20260101000000_first", sums[0], 1, None, None, True, 36),
        ("20260102000000_second", sums[1], 1, None, None, True, 36),
    ]


async def test_a_failing_migration_leaves_the_database_unchanged(empty_database: str, folder: Path) -> None:
    write(
        folder, "20260103000000_third", "create table boxes (id int);\n\n-- why\ninsert into shelves\nvalues (1);\n"
    )
    with pytest.raises(MigrationFailed) as failure:
        await migrate(empty_database, folder=folder)
    message = str(failure.value)
    assert message.startswith("20260103000000_third/migration.sql, line 4: duplicate key value")
    assert "    insert into shelves\n    values (1)" in message
    assert await fetch(empty_database, "select to_regclass('boxes') is null") == [(True,)]
    assert await pending(empty_database, folder=folder) == ["20260103000000_third"]


async def test_a_migration_changed_after_it_was_applied_is_refused(empty_database: str, folder: Path) -> None:
    await migrate(empty_database, folder=folder)
    write(folder, "20260101000000_first", FIRST + "-- an afterthought\n")
    with pytest.raises(MigrationFailed, match="20260101000000_first was changed after it had been applied"):
        await migrate(empty_database, folder=folder)


async def test_an_unfinished_migration_of_another_tool_is_refused(empty_database: str, folder: Path) -> None:
    await migrate(empty_database, folder=folder)
    async with connected(empty_database) as connection:
        await connection.execute(
            "update _prisma_migrations set finished_at = null where migration_name like '%_first'"
        )
    with pytest.raises(MigrationFailed, match="prisma migrate resolve"):
        await migrate(empty_database, folder=folder)


async def test_one_of_two_concurrent_runs_waits_for_the_other(empty_database: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate(empty_database, folder=folder) for _ in range(3)))
    assert sorted(len(names) for names in applied) == [0, 0, 2]
    assert await fetch(empty_database, "select count(*) from _prisma_migrations") == [(2,)]


async def test_an_empty_folder_is_refused(empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationFailed, match="There are no migrations in"):
        await migrate(empty_database, folder=tmp_path)


def test_statements_end_only_at_semicolons_outside_quotes_bodies_and_comments() -> None:
    script = "select ';' ;/* ; */ select \";\" from $x$;$x$;\n-- ;\n\nselect 'it''s;', $$;$$; -- the end\n"
    assert [(line, text) for line, text in statements(script)] == [
        (1, "select ';' ;"),
        (1, 'select ";" from $x$;$x$;'),
        (4, "select 'it''s;', $$;$$;"),
    ]
