"""Settings of companies: each domain has a table of its own, and all tables are read together and remembered."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any, ClassVar, Final, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from domains.kernel.caches.read_cache import ReadCache
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.events import Event
from domains.kernel.prisma.errors import MisuseError
from domains.kernel.prisma.runtime import Table
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount

RowT = TypeVar("RowT")
MOST_DEFAULTS: Final = 1_000  # companies whose defaults are built once
AnyTable: TypeAlias = "Table[Any, Any, Any, Any, Any, Any]"
Rows: TypeAlias = "tuple[Any | None, ...]"
"""The rows of one company, by the index of their table; None where the company has no row."""


def _unchanged(value: Any, _currency: str) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """The rules of one setting.

    `check(value, currency)` returns the value as it is stored, or raises. A setting `in_currency` is checked again
    when the company's currency changes.
    """

    check: Callable[[Any, str], Any] = _unchanged
    nullable: bool = False
    in_currency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsUpdated(Event):
    """The base of the events about changed settings of a company; `changed` names the columns."""

    topic: ClassVar[str]
    company_id: UUID
    changed: list[str]

    @property
    def aggregate_id(self) -> UUID:
        """The company."""
        return self.company_id


class SettingsCache:
    """The rows of a company in all settings tables, read by one statement and remembered for a few seconds."""

    def __init__(self, clock: Clock) -> None:
        self._cache: ReadCache[UUID, Rows] = ReadCache(clock)
        self._tables: list[tuple[AnyTable, str]] = []
        self._sql: str | None = None
        self.invalidate: Final = self._cache.invalidate
        self.clear: Final = self._cache.clear

    def add(self, table: AnyTable, *, key: str = "company_id") -> int:
        """Read a table with the others, by its first column `key`, the company's id. Returns its index in `Rows`."""
        self._tables.append((table, key))
        self._sql = None
        self._cache.clear()
        return len(self._tables) - 1

    async def rows(self, db: Reader, company_id: UUID) -> Rows:
        """The rows of a company. One statement, or none when they are remembered."""
        return await self._cache.get(db, company_id, lambda: self._load(db, company_id))

    async def reload(self, db: Reader, company_id: UUID) -> Rows:
        """The rows of a company as they are stored now. One statement."""
        return await self._cache.refresh(db, company_id, lambda: self._load(db, company_id))

    async def load_many(self, db: Reader, company_ids: Collection[UUID]) -> dict[UUID, Rows]:
        """The rows of companies, read in no company, or of the company of `db`. One statement."""
        if db.company_id is not None and set(company_ids) != {db.company_id}:
            raise MisuseError("settings of a company are read in that company, or in none")
        if self._sql is None:
            self._sql = self._statement()
        return {record[0]: self._rows(record) for record in await db.fetch(self._sql, list(company_ids))}

    async def _load(self, db: Reader, company_id: UUID) -> Rows:
        return (await self.load_many(db, [company_id]))[company_id]

    def _statement(self) -> str:
        columns = "".join(f", {table.columns(f's{index}')}" for index, (table, _) in enumerate(self._tables))
        joins = " ".join(
            f'left join "{table.name}" s{index} on s{index}."{key}" = companies.id'
            for index, (table, key) in enumerate(self._tables)
        )
        return f"select companies.id{columns} from unnest($1::uuid[]) as companies (id) {joins}"  # noqa: S608 - made here

    def _rows(self, record: Any) -> Rows:
        rows: list[Any] = []
        start = 1
        for table, _ in self._tables:
            rows.append(None if record[start] is None else table.from_record(record, start))
            start += len(fields(table.row))
        return tuple(rows)


class DomainSettings(Protocol):
    """The settings that one domain keeps of a company."""

    @property
    def names(self) -> frozenset[str]:
        """The settings by name."""
        ...

    async def update(
        self, tx: Tx, changes: Mapping[str, Any], currency: str, *, is_new_currency: bool = False
    ) -> object:
        """Change settings of the transaction's company; see SettingsTable."""
        ...


Verify: TypeAlias = "Callable[[Tx, RowT, RowT, str], Awaitable[None]]"
"""Raises unless settings may change from one row to another, in a currency."""


class SettingsTable(Generic[RowT]):
    """The settings of one domain: a row for each company, and the defaults for a company without one.

    `verify` is called with the settings before and after a change, while others wait to read them with a lock.
    """

    def __init__(
        self,
        cache: SettingsCache,
        table: AnyTable,
        settings: Mapping[str, Setting],
        event: type[SettingsUpdated],
        *,
        verify: "Verify[RowT] | None" = None,
    ) -> None:
        self._cache = cache
        self._table = table
        self._settings = settings
        self._event = event
        self._verify = verify
        self._index = cache.add(table)
        self._defaults = lru_cache(MOST_DEFAULTS)(partial(_defaults, table))
        self.names: Final = frozenset(settings)

    async def current(self, db: Reader) -> RowT:
        """The settings of the handle's company. No statement when they were read in the last seconds."""
        company_id = _company(db)
        return self.from_rows(company_id, await self._cache.rows(db, company_id))

    def from_rows(self, company_id: UUID, rows: Rows) -> RowT:
        """The settings among the rows of a company."""
        row: RowT = rows[self._index] or self._defaults(company_id)
        return row

    async def update(
        self, tx: Tx, changes: Mapping[str, Any], currency: str, *, is_new_currency: bool = False
    ) -> RowT:
        """Change settings; what is absent stays. Amounts are in `currency`, which the caller keeps from changing.

        With `is_new_currency` the amounts that stay are checked too: 4.99 cannot stay in a currency without cents.
        Two statements, one when nothing changes. Raises, of all settings at once, Required and what their rules
        raise, with the name of the setting. Emits the domain's SettingsUpdated when anything changes.
        """
        current = await self._lock(tx)
        checked = check_settings(self._settings, changes, current, currency, is_new_currency=is_new_currency)
        changed = sorted(name for name, value in checked.items() if getattr(current, name) != value)
        if not changed:
            return current
        self._cache.invalidate(tx)
        row: RowT = await self._table.upsert(tx, where={}, create=checked, update=checked)
        if self._verify is not None:
            await self._verify(tx, current, row, currency)
        tx.emit(self._event(company_id=_company(tx), changed=changed))
        return row

    async def _lock(self, tx: Tx) -> RowT:
        row: RowT | None = await self._table.find_first(tx, lock=True)
        return row or self._defaults(_company(tx))


def _defaults(table: AnyTable, company_id: UUID) -> Any:
    return table.row(company_id=company_id, **table.constants())


def check_settings(
    settings: Mapping[str, Setting],
    changes: Mapping[str, Any],
    current: object,
    currency: str,
    *,
    is_new_currency: bool = False,
) -> dict[str, Any]:
    """The changes as they are stored; pure. Raises all that is wrong with them, each with the name of the setting."""
    revalidated = [name for name, setting in settings.items() if is_new_currency and setting.in_currency]
    checked: dict[str, Any] = {}
    with collect_errors() as errors:
        for name in dict.fromkeys((*changes, *revalidated)):
            with errors:
                value = changes[name] if name in changes else getattr(current, name)
                if value is not None:
                    checked[name] = settings[name].check(value, currency)
                elif settings[name].nullable:
                    checked[name] = None
                else:
                    raise Required(f"`{name}` must not be null.", field=name)
    return checked


def number_between(name: str, minimum: int, maximum: int) -> Callable[[int, str], int]:
    """The rule of a number: raises OutOfRange below `minimum` or above `maximum`."""

    def check(value: int, _currency: str) -> int:
        if not minimum <= value <= maximum:
            raise OutOfRange(f"`{name}` is a number from {minimum:,} to {maximum:,}.", field=name)
        return value

    return check


def amount(name: str) -> Callable[[Any, str], Any]:
    """The rule of an amount: raises OutOfRange or TooManyDecimals unless the currency can hold it."""
    return lambda value, currency: require_amount(value, currency, field=name)


def _company(db: Reader) -> UUID:
    if db.company_id is None:
        raise MisuseError("settings belong to a company, and the handle is in none")
    return db.company_id
