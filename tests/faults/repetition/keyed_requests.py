"""Requests with a key, each of which many senders send at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.faults.api import Answered, Client

TIMES: Final = 20


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mutation with its input, in which there is a key."""

    client: Client
    document: str
    given: dict[str, Any]

    async def answer(self, first: int) -> Any:
        """The payload of one of its senders, who begins with one server and repeats it until it is answered."""
        outcome = await replace(self.client, first=first).insist(self.document, **self.given)
        assert isinstance(outcome, Answered), outcome
        return outcome.payload

    async def answers(self) -> Sequence[Any]:
        """The payloads of all its senders."""
        return await asyncio.gather(*(self.answer(number) for number in range(TIMES)))
