"""Imports of tax rates: a whole file or nothing."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import IO, Final

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.tax.events import TaxRatesImported
from domains.tax.models import TaxClass, TaxRate
from domains.tax.rate_files import sql
from domains.tax.rate_files.comparison import Changes, Stored, compared, require_classes, sorted_rows
from domains.tax.rate_files.parser import RowErrors, rows_of
from domains.tax.rate_files.rows import RateRow, TaxKey
from domains.tax.rate_lookup import RateLookup

BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class ImportedRates:
    """What an import did: the numbers of rates that are new, that it changed, and that were stored as they are."""

    created: int
    updated: int
    unchanged: int


class TaxRateImports:
    """Imports files of tax rates."""

    def __init__(self, lookup: RateLookup) -> None:
        self._lookup = lookup

    async def run(self, db: Database, actor: Actor, file: IO[bytes]) -> ImportedRates:
        """Import a seekable CSV file of at most 100,000 rates into the actor's company.

        A row with the tax, class, place and first day of a stored rate changes it, any other is a new rate; stored
        rates that the file does not have stay. Orders keep their taxes. The same file again changes nothing.

        Raises UnreadableFile, TaxRateColumnsMissing, TooMany, and for wrong rows TaxRateRowInvalid, the first hundred
        together: then nothing is stored. Emits TaxRatesImported for each class that changed. One statement that locks
        the classes, and up to three for each 5,000 rows.
        """
        rows = await asyncio.to_thread(rows_of, file)
        return await db.run(partial(self._store, rows=rows), actor)

    async def _store(self, tx: Tx, rows: Sequence[RateRow]) -> ImportedRates:
        errors = RowErrors()
        classes = await sql.lock_classes(tx, {row.tax_class for row in rows})
        require_classes(rows, classes, errors)
        ordered = await asyncio.to_thread(sorted_rows, rows, errors)
        errors.require_none()
        changes = Changes()
        for batch in batches(ordered):
            compared(batch, await stored_rates(tx, batch, classes), changes, errors)
        errors.require_none()
        await write(tx, changes, classes, self._lookup)
        return ImportedRates(len(changes.created), len(changes.updated), changes.unchanged)


async def stored_rates(tx: Tx, rows: Sequence[RateRow], classes: Mapping[str, TaxClass]) -> Stored:
    """The stored rates of the places and locked classes of these rows. One statement."""
    codes = {each.id: code for code, each in classes.items()}
    by_key: defaultdict[TaxKey, list[TaxRate]] = defaultdict(list)
    for rate in await sql.rates_of(tx, {row.key for row in rows}, classes):
        by_key[TaxKey.of(rate, codes[rate.tax_class_id])].append(rate)
    return by_key


async def write(tx: Tx, changes: Changes, classes: Mapping[str, TaxClass], lookup: RateLookup) -> None:
    """Store changes of rates of locked classes. Emits TaxRatesImported for each class that changes."""
    if not (changes.created or changes.updated):
        return
    lookup.invalidate(tx)
    for start in range(0, len(changes.updated), BATCH):
        await sql.update(tx, changes.updated[start : start + BATCH])
    for start in range(0, len(changes.created), BATCH):
        await sql.insert(tx, changes.created[start : start + BATCH], classes)
    created = Counter(row.tax_class for row in changes.created)
    updated = Counter(row.tax_class for _, row in changes.updated)
    for code in sorted({*created, *updated}):
        tx.emit(TaxRatesImported(tax_class_id=classes[code].id, created=created[code], updated=updated[code]))


def batches(ordered: Sequence[RateRow]) -> Iterator[list[RateRow]]:
    """Sorted rows in batches of about 5,000, those of one tax and place in the same."""
    batch: list[RateRow] = []
    for _, rows in groupby(ordered, key=attrgetter("key")):
        batch += rows
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
