"""Deletes sessions, codes, reset tokens and registrations that have expired."""

from typing import Final

from domains.kernel.database import Tx

BATCH_SIZE: Final = 5_000
# 30 days leave time to investigate a break-in, and to recognise a stolen refresh token that is used late.
DELETE_STATEMENTS: Final = (
    (
        "delete from user_sessions where id = any(array(select id from user_sessions "
        "where least(expires_at, ended_at) < $1::timestamptz - interval '30 days' limit $2))"
    ),
    (
        "delete from verification_codes where id = any(array(select id from verification_codes "
        "where expires_at < $1::timestamptz - interval '30 days' limit $2))"
    ),
    (
        # Names and telephone numbers of registrations that were never confirmed are not kept longer than a week.
        "delete from registrations where id = any(array(select id from registrations "
        "where expires_at < $1::timestamptz - interval '7 days' limit $2))"
    ),
    (
        "delete from password_reset_tokens where id = any(array(select id from password_reset_tokens "
        "where expires_at < $1::timestamptz - interval '30 days' limit $2))"
    ),
)


async def delete_expired(tx: Tx) -> int:
    """Delete one batch of each, of all companies; how many rows were deleted."""
    return sum([await tx.execute(statement, tx.clock.now(), BATCH_SIZE) for statement in DELETE_STATEMENTS])
