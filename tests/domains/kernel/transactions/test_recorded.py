"""What happened elsewhere is recorded once the database answers again."""

import asyncpg
import pytest

from domains.kernel.errors import Busy
from domains.kernel.transactions.retries import recorded


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.InterfaceError("the connection is closed"),
        asyncpg.AdminShutdownError(),
        asyncpg.TooManyConnectionsError(),
        Busy("Try again."),
    ],
)
async def test_it_is_tried_again_while_the_database_is_away(error: Exception) -> None:
    errors = [error, error]

    async def attempt() -> str:
        if errors:
            raise errors.pop()
        return "recorded"

    assert await recorded(attempt) == "recorded"


@pytest.mark.parametrize(("error", "seconds"), [(ConnectionRefusedError(), 0.0), (ZeroDivisionError(), 60.0)])
async def test_it_is_given_up_in_the_end_and_at_once_for_another_reason(error: Exception, seconds: float) -> None:
    attempts = 0

    async def attempt() -> None:
        nonlocal attempts
        attempts += 1
        raise error

    with pytest.raises(type(error)):
        await recorded(attempt, seconds)
    assert attempts == 1
