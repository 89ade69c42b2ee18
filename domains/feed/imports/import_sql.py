"""SQL of imports."""

from domains.kernel.database import Tx

_LOCK = """
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 3)), set_config('enable_seqscan', 'off', true)
"""


async def begin_batch(tx: Tx) -> None:
    """Let one import of the company save at a time, and let no statement scan a table, until the transaction ends.

    PostgreSQL plans a statement, also that of a foreign key, for the tables as they are at its first executions, and
    keeps the plan while an import makes them a thousand times larger. So plans are made anew, and use indexes.
    """
    await tx.execute("discard plans")
    await tx.execute(_LOCK, tx.company_id)
