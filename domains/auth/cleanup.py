"""Forgetting what can no longer be used: sessions long over, and old codes, reset tokens and registrations."""

from typing import Final

from domains.kernel.database import Tx

BATCH: Final = 5_000
# Long enough to look into a break-in, and for a stolen refresh token to be known as one when it turns up late.
OVER: Final = (
    (
        "delete from user_sessions where id = any(array(select id from user_sessions "
        "where least(expires_at, ended_at) < now() - interval '30 days' limit $1))"
    ),
    (
        "delete from verification_codes where id = any(array(select id from verification_codes "
        "where expires_at < now() - interval '30 days' limit $1))"
    ),
    (
        # Nobody waits a week for a code; names and numbers that were never confirmed are not kept longer.
        "delete from registrations where id = any(array(select id from registrations "
        "where expires_at < now() - interval '7 days' limit $1))"
    ),
    (
        "delete from password_reset_tokens where id = any(array(select id from password_reset_tokens "
        "where expires_at < now() - interval '30 days' limit $1))"
    ),
)


async def tidy(tx: Tx) -> int:
    """Delete one batch of each; how many rows there were."""
    return sum([await tx.execute(statement, BATCH) for statement in OVER])
