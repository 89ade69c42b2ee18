"""The verbs of every table, which the generated accessors inherit."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg

from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.changes import Alteration, Creation, Insertion, assignments, insert_sql
from domains.kernel.prisma.columns import Column, Default, Tenancy
from domains.kernel.prisma.conditions import COMPANY, all_of, where_conditions
from domains.kernel.prisma.errors import (
    LockOutsideTransaction,
    MisuseError,
    RecordNotFound,
    TenantGiven,
    TenantMissing,
)
from domains.kernel.prisma.filters import Cursor
from domains.kernel.prisma.ordering import after_cursor, order_terms
from domains.kernel.prisma.rows import RowFactory
from domains.kernel.prisma.statements import Part, PartRows, Statement, bind, composed, rows_of, with_clause

RowT = TypeVar("RowT")
WhereT = TypeVar("WhereT", bound=Mapping[str, object])
OrderT = TypeVar("OrderT", bound=Mapping[Any, object])
CreateT = TypeVar("CreateT", bound=Mapping[str, object])
UpdateT = TypeVar("UpdateT", bound=Mapping[str, object])
UniqueT = TypeVar("UniqueT", bound=Mapping[str, object])


class Table(Generic[RowT, WhereT, OrderT, CreateT, UpdateT, UniqueT]):
    """One table of the schema with its verbs.

    Every statement is restricted to the company of the handle: reads of an owned table return the company's rows,
    reads of a shared table also the rows without a company, and writes change the company's rows only. Every verb
    raises MisuseError (TenantMissing, TenantGiven, UnknownColumn, …) for calls that the type checker refuses as well.
    """

    def __init__(
        self,
        name: str,
        row: type[RowT],
        tenancy: Tenancy,
        columns: Iterable[Column],
        keys: Iterable[tuple[str, ...]],
    ) -> None:
        self.name = name
        self.row = row
        self._tenancy = tenancy
        self._columns = {column.name: column for column in columns}
        self._keys = {frozenset(key) - {COMPANY}: key for key in reversed(tuple(keys))}
        self._lists: dict[str, str] = {}
        self._list = self.columns()
        self._select = f'SELECT {self._list} FROM "{name}" WHERE '
        self._timed = [column for column in self._columns.values() if column.is_updated_at]
        self._creation = Creation(name, self._columns)
        self._unique_sql: dict[tuple[str, ...], str] = {}

    @cached_property
    def from_record(self) -> RowFactory[RowT]:
        """Builds rows from records; created on first use, since a process uses few tables at its start."""
        return RowFactory(self.row, self._columns.values())

    def columns(self, alias: str = "") -> str:
        """The quoted column list in the row's order, each with the alias: `p."id", p."name", …`.

        Hand-written SQL selects whole rows with it, and `from_record(record, start)` builds them; `start` is the
        index of the row's first column in the record.
        """
        if alias not in self._lists:
            prefix = f"{alias}." if alias else ""
            self._lists[alias] = ", ".join(prefix + column.sql for column in self._columns.values())
        return self._lists[alias]

    def constants(self) -> dict[str, Any]:
        """The columns whose default is a constant or an empty list, with it."""
        defaults = {name: column.default for name, column in self._columns.items()}
        empty = {name: list[Any]() for name, default in defaults.items() if default is Default.EMPTY}
        return {name: default for name, default in defaults.items() if not isinstance(default, Default)} | empty

    async def find_first(
        self,
        db: Reader,
        /,
        *,
        where: WhereT | None = None,
        order_by: Sequence[OrderT] = (),
        lock: bool = False,
    ) -> RowT | None:
        """The first row that matches in the given order, or None; `lock` locks it until the end of the Tx."""
        args: list[Any] = []
        sql = self._query(db, where, order_by, args, lock=lock, take=1)
        record = await db.fetch_row(sql, *args)
        return None if record is None else self.from_record(record)

    async def find_many(
        self,
        db: Reader,
        /,
        *,
        where: WhereT | None = None,
        order_by: Sequence[OrderT] = (),
        take: int | None = None,
        skip: int = 0,
        cursor: Cursor | None = None,
        lock: bool = False,
    ) -> list[RowT]:
        """The rows that match; with a `cursor`, the values of a row in the given order, those strictly after it.

        With `lock` the rows are locked in the given order, which must then be the same everywhere (by id, by SKU).
        """
        args: list[Any] = []
        sql = self._query(db, where, order_by, args, lock=lock, take=take, skip=skip, cursor=cursor)
        make = self.from_record
        return [make(record) for record in await db.fetch(sql, *args)]

    async def count(self, db: Reader, /, *, where: WhereT | None = None) -> int:
        """The number of rows that match."""
        args: list[Any] = []
        conditions = [*self._visible(db, args), *where_conditions(self._columns, where or {}, args)]
        number: int = await db.fetch_value(f'SELECT count(*) FROM "{self.name}" WHERE {all_of(conditions)}', *args)
        return number

    async def create(self, tx: Tx, /, data: CreateT, *, alongside: Sequence[Statement] = ()) -> RowT:
        """Insert one row and return it; ids, times and defaults that are not given are filled in.

        The statements `alongside` run in the same statement.
        Raises asyncpg's IntegrityConstraintViolationError when a constraint refuses something.
        """
        columns = self._creation.columns_for([data])
        (values,) = self._creation.rows(columns, [data], self._company(tx), tx.clock.now())
        args: list[Any] = []
        sql = f"{insert_sql(self.name, columns, values, args)} RETURNING {self._list}"
        return self._require_row(await tx.fetch_row(with_clause(alongside, args) + sql, *args))

    async def create_many(self, tx: Tx, /, rows: Iterable[CreateT], *, skip_duplicates: bool = False) -> int:
        """Insert any number of rows in one statement and return the number of inserted rows.

        A row that violates a unique constraint is skipped with `skip_duplicates`, and otherwise fails the statement.
        """
        insertion = self.insertion(tx, rows)
        if not insertion.rows:
            return 0
        args: list[Any] = []
        conflict = " ON CONFLICT DO NOTHING" if skip_duplicates else ""
        return await tx.execute(insertion.sql(args) + conflict, *args)

    def insertion(self, tx: Tx, /, rows: Iterable[CreateT]) -> Insertion:
        """The insert of `create_many` in another statement (`alongside`, `Tx.defer`)."""
        inputs = list(rows)
        columns = self._creation.columns_for(inputs) if inputs else []
        return Insertion(self.name, columns, self._creation.rows(columns, inputs, self._company(tx), tx.clock.now()))

    async def update_many(self, tx: Tx, /, *, where: WhereT, data: UpdateT) -> int:
        """Change every row that matches and return their number. An empty change runs no statement and returns 0."""
        args: list[Any] = []
        sql = self.alteration(tx, where=where, data=data).sql(args)
        return await tx.execute(sql, *args) if data else 0

    def alteration(self, tx: Tx, /, *, where: WhereT, data: UpdateT) -> Alteration:
        """The non-empty change of `update_many` in another statement (`alongside`, `Tx.defer`)."""

        def write(args: list[Any]) -> str:
            changes = assignments(self._columns, self._timed, data, args, self.name, tx.clock.now())
            conditions = [*self._owned(tx, args), *where_conditions(self._columns, where, args)]
            return f'UPDATE "{self.name}" SET {", ".join(changes)} WHERE {all_of(conditions)}'

        return Alteration(write)

    async def upsert(self, tx: Tx, /, *, where: UniqueT, create: CreateT, update: UpdateT) -> RowT:
        """Insert the row, or change the one with this unique key, atomically in one statement.

        `where` gives a unique key and its values, which may be omitted in `create`.
        Raises RecordNotFound when a row of another company has the key.
        """
        conflicting = {name: value for name, value in where.items() if create.get(name, value) != value}
        if conflicting:
            raise MisuseError(f"{sorted(conflicting)} differ between where and create")
        inputs: list[Mapping[str, object]] = [{**create, **where}]
        target = self._key(where)
        columns = self._creation.columns_for(inputs)
        (values,) = self._creation.rows(columns, inputs, self._company(tx), tx.clock.now())
        args: list[Any] = []
        inserted = insert_sql(self.name, columns, values, args)
        changes = assignments(self._columns, self._timed, update, args, self.name, tx.clock.now())
        conflict = ", ".join(f'"{name}"' for name in target)
        kept = f'"{target[0]}" = EXCLUDED."{target[0]}"'
        is_own = self._same_company() if COMPANY in self._columns else "TRUE"
        sql = (
            f"{inserted} ON CONFLICT ({conflict}) "
            f"DO UPDATE SET {', '.join(changes) or kept} WHERE {is_own} RETURNING {self._list}"
        )
        return self._require_row(await tx.fetch_row(sql, *args))

    async def delete_many(self, tx: Tx, /, *, where: WhereT) -> int:
        """Delete every row that matches and return their number."""
        args: list[Any] = []
        conditions = [*self._owned(tx, args), *where_conditions(self._columns, where, args)]
        return await tx.execute(f'DELETE FROM "{self.name}" WHERE {all_of(conditions)}', *args)

    async def _find_unique(self, db: Reader, key: Mapping[str, object], *, lock: bool) -> RowT | None:
        args: list[Any] = []
        names = tuple(key)
        visible = self._visible(db, args)
        shape = (*names, *visible)
        sql = self._unique_sql.get(shape)
        if sql is None:
            conditions = [*visible, *self._key_conditions(key, len(args))]
            nearest = " ORDER BY company_id NULLS LAST LIMIT 1" if self._tenancy is Tenancy.SHARED else ""
            sql = self._unique_sql[shape] = self._select + all_of(conditions) + nearest
        record = await db.fetch_row(self._locking(db, sql, lock=lock), *args, *key.values())
        return None if record is None else self.from_record(record)

    async def _update(
        self, tx: Tx, key: Mapping[str, object], data: UpdateT, alongside: Sequence[Statement] = ()
    ) -> RowT:
        args: list[Any] = []
        changes = assignments(self._columns, self._timed, data, args, self.name, tx.clock.now()) if data else []
        conditions = [*self._owned(tx, args), *self._key_conditions(key, len(args))]
        sql = (
            f'UPDATE "{self.name}" SET {", ".join(changes)} WHERE {all_of(conditions)} RETURNING {self._list}'
            if changes
            else f"{self._select}{all_of(conditions)} FOR UPDATE"
        )
        args += key.values()
        return self._require_row(await tx.fetch_row(with_clause(alongside, args) + sql, *args))

    async def _delete(self, tx: Tx, key: Mapping[str, object]) -> RowT:
        args: list[Any] = []
        conditions = [*self._owned(tx, args), *self._key_conditions(key, len(args))]
        sql = f'DELETE FROM "{self.name}" WHERE {all_of(conditions)} RETURNING {self._list}'
        return self._require_row(await tx.fetch_row(sql, *args, *key.values()))

    def _query(
        self,
        db: Reader,
        where: WhereT | None,
        order_by: Sequence[OrderT],
        args: list[Any],
        *,
        lock: bool,
        take: int | None = None,
        skip: int = 0,
        cursor: Cursor | None = None,
    ) -> str:
        conditions = [*self._visible(db, args), *where_conditions(self._columns, where or {}, args)]
        terms = order_terms(self._columns, order_by)
        if cursor is not None:
            conditions += after_cursor(terms, cursor, args)
        sql = self._select + all_of(conditions)
        if terms:
            sql += f" ORDER BY {', '.join(term.sql for term in terms)}"
        if take is not None:
            sql += f" LIMIT {take:d}"
        if skip:
            sql += f" OFFSET {bind(args, skip)}"
        return self._locking(db, sql, lock=lock)

    def _locking(self, db: Reader, sql: str, *, lock: bool) -> str:
        if not lock:
            return sql
        if not isinstance(db, Tx):
            raise LockOutsideTransaction
        return f"{sql} FOR UPDATE"

    def _company(self, db: Reader) -> UUID | None:
        if db.company_id is None and self._tenancy is Tenancy.OWNED:
            raise TenantMissing(self.name)
        return db.company_id

    def _visible(self, db: Reader, args: list[Any]) -> list[str]:
        """The condition of rows that the handle may read."""
        if self._tenancy is Tenancy.SHARED and db.company_id is not None:
            return [f"(company_id = {bind(args, db.company_id)} OR company_id IS NULL)"]
        return self._owned(db, args)

    def _owned(self, db: Reader, args: list[Any]) -> list[str]:
        """The condition of rows that the handle may change."""
        if self._tenancy is Tenancy.NONE:
            return []
        company = self._company(db)
        return ["company_id IS NULL" if company is None else f"company_id = {bind(args, company)}"]

    def _same_company(self) -> str:
        return f'"{self.name}".company_id IS NOT DISTINCT FROM EXCLUDED.company_id'

    def _key(self, key: Mapping[str, object]) -> tuple[str, ...]:
        if COMPANY in key:
            raise TenantGiven
        target = self._keys.get(frozenset(key))
        if target is None:
            raise MisuseError(f"{', '.join(key)} is not a unique key of {self.name}")
        return target

    def _key_conditions(self, key: Mapping[str, object], taken: int) -> list[str]:
        self._key(key)
        return [f"{self._columns[name].sql} = ${number}" for number, name in enumerate(key, taken + 1)]

    def _require_row(self, record: asyncpg.Record | None) -> RowT:
        if record is None:
            raise RecordNotFound(self.name)
        return self.from_record(record)


async def fetch_parts(db: Reader, parts: Sequence[Part], alongside: Sequence[Statement] = ()) -> list[PartRows]:
    """The rows of each of several parts, in one statement with those `alongside`."""
    args: list[Any] = []
    sql = composed(parts, args, alongside)
    return rows_of(parts, await db.fetch(sql, *args))
