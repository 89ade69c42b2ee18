"""Running a command again after a deadlock or a lost race."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from domains.kernel.errors import Unauthenticated

T = TypeVar("T")
ATTEMPTS: Final = 3
# A deleted row is still referred to (a class of its own since PostgreSQL 18), or a row that is referred to is gone.
REFERENCE_ERRORS: Final = (asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)
RETRYABLE_ERRORS: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, *REFERENCE_ERRORS)
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
