"""SQL of imports."""

from domains.kernel.database import Tx


async def lock_imports(tx: Tx) -> None:
    """Let one import of the company save at a time, until the end of the transaction."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 3))", tx.company_id)
