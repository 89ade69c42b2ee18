"""Running a command again after a deadlock, a lost race, or a failure of the database."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from domains.kernel.errors import Busy, Unauthenticated

T = TypeVar("T")
ATTEMPTS: Final = 3
# A deleted row is still referred to (a class of its own since PostgreSQL 18), or a row that is referred to is gone.
REFERENCE_ERRORS: Final = (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)
RETRYABLE_ERRORS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, *REFERENCE_ERRORS)
RECORD_SECONDS: Final = 20.0
LONGEST_PAUSE: Final = 2.0
# The database is away, stops, starts or has too many clients, or others hold the locks.
AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    Busy,
    OSError,
    TimeoutError,
)
USER_NOT_ERASED: Final = "user_not_erased"  # the constraint in the errors of a trigger


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """The result of the first of three attempts that does not lose a race.

    Raises what another one raises. Raises Unauthenticated for a new row of a user who has been erased.
    """
    for number in range(1, ATTEMPTS):
        try:
            return await attempt()
        except RETRYABLE_ERRORS as error:
            if error.constraint_name == USER_NOT_ERASED:
                raise Unauthenticated("This account has been erased.") from error
            await asyncio.sleep(random.uniform(0.002, 0.02) * number)  # noqa: S311 - jitter, no secret
    return await attempt()


async def recorded(attempt: Callable[[], Awaitable[T]], seconds: float = RECORD_SECONDS) -> T:
    """The result of an attempt to record what has happened elsewhere, made again while the database is away.

    An attempt must be safe to repeat: the one before may have been committed. Raises what an attempt raises for other
    reasons, and after so many seconds.
    """
    deadline, pause = time.monotonic() + seconds, 0.1
    while True:
        try:
            return await attempt()
        except AWAY:
            if time.monotonic() + pause > deadline:
                raise
        await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
        pause = min(2 * pause, LONGEST_PAUSE)
