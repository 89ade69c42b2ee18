"""SQL of the account domain that the generated verbs cannot express."""

from uuid import UUID

from domains.kernel.database import Tx


async def lock_address_book(tx: Tx, user_id: UUID) -> None:
    """Lock a user's address books of all companies until the transaction ends, so that each type keeps one default.

    One lock in all companies, so that a transaction over many companies does not fill the server's lock table.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 1))", user_id)
