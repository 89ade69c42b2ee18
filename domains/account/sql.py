"""SQL of the account domain that the generated verbs cannot express. The company is always the first parameter."""

from uuid import UUID

from domains.kernel.database import Tx


async def lock_address_book(tx: Tx, user_id: UUID) -> None:
    """Lock a user's address book until the transaction ends, so that each type keeps one default."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 1))", f"{tx.company_id}:{user_id}")
