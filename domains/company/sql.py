"""SQL of the company domain that the generated verbs cannot express."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.company import data
from domains.company.currency import LOCKED_CURRENCY
from domains.company.models import Company
from domains.kernel.database import Reader, Tx

_LOCKED: Final = f"select {data.company.columns()} from companies where id = $1 for no key update"


async def has_rows(db: Reader, company_id: UUID, tables: Sequence[str]) -> bool:
    """Whether the company has a row in any of these tables; their names come from the domains' declarations."""
    conditions = " or ".join(f'exists (select from "{table}" where company_id = $1)' for table in tables)
    has_row: bool = bool(conditions) and await db.fetch_value(f"select {conditions}", company_id)
    return has_row


async def lock_currency(tx: Tx, company_id: UUID) -> str | None:
    """The company's currency, which cannot change until this transaction ends."""
    currency: str | None = await tx.fetch_value(LOCKED_CURRENCY, company_id)
    return currency


async def lock(tx: Tx, company_id: UUID) -> Company | None:
    """The company, locked against changes until this transaction ends; its other tables can still be written."""
    record = await tx.fetch_row(_LOCKED, company_id)
    return data.company.from_record(record) if record else None
