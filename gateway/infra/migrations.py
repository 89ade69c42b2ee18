"""Applies `migrations/` in order and records them in Prisma Migrate's table, so that both share one history."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from domains.kernel.ids import new_id
from gateway.infra.postgres import connected
from gateway.infra.roles import ensure_roles, grant_history, role_statements
from gateway.infra.session_affinity import require_session

# Next to the packages in a checkout; in the working directory when the packages are installed (container image).
FOLDER = next(
    (each for each in (Path(__file__).parents[2] / "migrations", Path("migrations")) if each.is_dir()), Path()
)
PRISMA_LOCK = 72707369  # the key of Prisma Migrate's own advisory lock, so that both tools wait for each other

HISTORY = """
create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
)
"""
APPLIED = "select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null"
# The estimated rows of the schema's tables; a table that was never analyzed counts as empty.
ROWS = """
select coalesce(sum(greatest(reltuples, 0)), 0)::float8 from pg_class
where relkind = 'r' and relnamespace = current_schema()::regnamespace
"""
ROWS_PER_SECOND = 20_000  # measured on two busy cores, rounded down
RECORD = """
insert into _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
values ($1, $2, clock_timestamp(), $3, $4, 1)
"""
# A statement ends at a semicolon outside of comments, strings, quoted names and dollar-quoted bodies.
TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|\$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$|(?P<end>;)", re.DOTALL
)
BLANK = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)


class MigrationFailed(Exception):
    """A migration failed and was rolled back; the message names migration and statement, or says what to do."""


class SchemaMismatch(Exception):
    """The schema of the database has another version."""

    def __init__(self, missing: Sequence[str], unknown: Sequence[str]) -> None:
        if unknown:
            super().__init__(
                f"The database has {unknown[0]}, which this version does not have. Run the newer version."
            )
        else:
            others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            super().__init__(f"The database lacks {missing[0]}{others}: run `commerce migrate`.")


@dataclass(frozen=True, slots=True)
class Migration:
    """One folder of `migrations/`."""

    name: str
    sql: str
    checksum: str


def load(folder: Path = FOLDER) -> list[Migration]:
    """The migrations on disk in the order of their names. Raises MigrationFailed when there are none."""
    files = sorted(folder.glob("*/migration.sql"))
    if not files:
        raise MigrationFailed(f"There are no migrations in {folder}.")
    return [_read(file) for file in files]


async def migrate(
    url: str,
    *,
    folder: Path = FOLDER,
    on_begin: Callable[[int, int], None] = lambda _migrations, _seconds: None,
    on_applied: Callable[[str], None] = lambda _name: None,
    on_warning: Callable[[str], None] = lambda _message: None,
) -> list[str]:
    """Apply the pending migrations and return their names.

    `on_begin` is called with their number and the estimated seconds when there are any and the database holds
    data, `on_applied` with the name of each as it commits, `on_warning` with each warning that a migration raises.

    A concurrent run waits for the first one. Also creates the roles that are subject to row-level security. Raises
    MigrationFailed, and DatabaseUnavailable when the server does not answer.
    """
    migrations = load(folder)
    await require_session(url)
    async with connected(url) as connection, _locked(connection):
        await _create_roles(connection)
        await connection.execute(HISTORY)
        connection.add_log_listener(lambda _connection, message: _pass_warning(message, on_warning))
        pending_migrations = await _pending(connection, migrations)
        if pending_migrations and len(pending_migrations) < len(migrations):
            on_begin(len(pending_migrations), await estimated_seconds(connection))
        for migration in pending_migrations:
            await _apply(connection, migration)
            on_applied(migration.name)
        await grant_history(connection)
    return [migration.name for migration in pending_migrations]


def _pass_warning(message: Any, on_warning: Callable[[str], None]) -> None:
    if message.severity_en == "WARNING":
        on_warning(message.message)


async def pending(url: str, *, folder: Path = FOLDER) -> list[str]:
    """The names of the migrations that `migrate` would apply. Raises as `migrate`, and changes nothing."""
    migrations = load(folder)
    async with connected(url) as connection:
        if await connection.fetchval("select to_regclass('_prisma_migrations')") is None:
            return [migration.name for migration in migrations]
        return [migration.name for migration in await _pending(connection, migrations)]


async def require_schema(connection: Any, *, folder: Path = FOLDER) -> None:
    """Raise SchemaMismatch unless the database has exactly the migrations on disk. One statement, for any role."""
    try:
        applied = {row[0] for row in await connection.fetch(APPLIED)}
    except asyncpg.UndefinedTableError:  # never migrated
        applied = set()
    known = {migration.name for migration in load(folder)}
    if applied != known:
        raise SchemaMismatch(sorted(known - applied), sorted(applied - known))


async def estimated_seconds(connection: Any) -> int:
    """The estimated duration of a migration that rewrites every table, from the planner's row counts."""
    rows: float = await connection.fetchval(ROWS)
    return max(1, round(rows / ROWS_PER_SECOND))


def statements(sql: str) -> Iterator[tuple[int, str]]:
    """Each statement of a script with the number of the line it begins on; comments before it are left out."""
    start = 0
    ends = [match.end() for match in TOKEN.finditer(sql) if match["end"]]
    for end in [*ends, len(sql)]:
        blank = BLANK.match(sql, start, end)
        begin = blank.end() if blank else start
        if begin < end:
            yield sql.count("\n", 0, begin) + 1, sql[begin:end]
        start = end


def _read(file: Path) -> Migration:
    content = file.read_bytes()
    return Migration(file.parent.name, content.decode(), hashlib.sha256(content).hexdigest())


async def _create_roles(connection: Any) -> None:
    try:
        await ensure_roles(connection)
    except asyncpg.InsufficientPrivilegeError as error:
        user = await connection.fetchval("select current_user")
        raise MigrationFailed(
            f"The user of DATABASE_URL may neither create nor set the roles of row-level security ({error}). "
            f"Ask an administrator of the cluster to run:\n{role_statements(user)}"
        ) from error


@asynccontextmanager
async def _locked(connection: Any) -> AsyncIterator[None]:
    # No timeout: a migration of a large table may take hours, and other runs wait for it.
    await connection.fetchval("select pg_advisory_lock($1)", PRISMA_LOCK)
    try:
        yield
    finally:
        if not connection.is_closed():
            await connection.fetchval("select pg_advisory_unlock($1)", PRISMA_LOCK)


async def _pending(connection: Any, migrations: Sequence[Migration]) -> list[Migration]:
    rows = await connection.fetch(
        "select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null"
    )
    applied = {row["migration_name"]: row for row in rows}
    for migration in migrations:
        row = applied.get(migration.name)
        if row is not None and row["finished_at"] is None:
            raise MigrationFailed(
                f"{migration.name} was started by another tool and not finished. Repair the database, then run "
                f"`prisma migrate resolve --applied {migration.name}` or `--rolled-back {migration.name}`."
            )
        if row is not None and row["checksum"] != migration.checksum:
            raise MigrationFailed(
                f"{migration.name} was changed after it had been applied. Restore the file from version control and "
                "put the change into a new migration (`make migration`)."
            )
    return [migration for migration in migrations if migration.name not in applied]


async def _apply(connection: Any, migration: Migration) -> None:
    async with connection.transaction():
        started_at = await connection.fetchval("select clock_timestamp()")
        for line, statement in statements(migration.sql):
            try:
                await connection.execute(statement)
            except asyncpg.PostgresError as error:
                raise MigrationFailed(_failure(migration, line, statement, error)) from error
        await connection.execute(RECORD, str(new_id()), migration.checksum, migration.name, started_at)


def _failure(migration: Migration, line: int, statement: str, error: asyncpg.PostgresError) -> str:
    head = "\n".join(f"    {text}" for text in statement.strip().splitlines()[:8])
    detail = f" ({error.detail})" if error.detail else ""
    return (
        f"{migration.name}/migration.sql, line {line}: {error}{detail}\n{head}\n"
        "The migration was rolled back; the database is unchanged."
    )
