"""The budget of a response: limits on its size while it is built, and yields to the event loop."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from gateway.graphql.engine.limits import GraphQLLimits, refuse_above

TURN: Final = 5_000  # values between two yields to the event loop, a few milliseconds


class ResponseBudget:
    """Counts the values and characters of one response, and the work since the last yield to the event loop.

    The result of a mutation is returned whatever its size: nothing is refused before `check` is called.
    """

    __slots__ = ("_limits", "_refuses", "_work", "characters", "values")

    def __init__(self, limits: GraphQLLimits, *, is_mutation: bool) -> None:
        self._limits = limits
        self._refuses = not is_mutation
        self._work = 0
        self.values = 0
        self.characters = 0

    def add_values(self, count: int) -> None:
        """Count values of the response. Raises RequestRefused when a query exceeds the limit."""
        self.values += count
        self._work += count
        if self._refuses and self.values > self._limits.answer_values:
            self.check()

    def expect(self, count: int) -> None:
        """Raise RequestRefused when a query would exceed the limit with this number of loaded values."""
        if self._refuses and self.values + count > self._limits.answer_values:
            refuse_above("values in the answer", self.values + count, self._limits.answer_values)

    def add_texts(self, values: Iterable[Any]) -> None:
        """Count the characters of texts. Raises RequestRefused when a query exceeds the limit."""
        self.add_characters(
            sum([len(value) if type(value) is str else length_of(value) for value in values if value])
        )

    def add_characters(self, count: int) -> None:
        """Count characters of texts. Raises RequestRefused when a query exceeds the limit."""
        self.characters += count
        if self._refuses and self.characters > self._limits.characters:
            self.check()

    def add_work(self, count: int) -> None:
        """Count work other than values, in units of reading one value."""
        self._work += count

    def check(self) -> None:
        """Raise RequestRefused when the response exceeds a limit."""
        refuse_above("values in the answer", self.values, self._limits.answer_values)
        refuse_above("characters in the answer", self.characters, self._limits.characters)

    @property
    def is_due(self) -> bool:
        """Whether it is time to yield to the event loop."""
        return self._work >= TURN

    async def pause(self) -> None:
        """Yield to the event loop if it is time."""
        if self._work >= TURN:
            self._work = 0
            await asyncio.sleep(0)


def length_of(value: Any) -> int:
    """The approximate number of characters of a text, a list of texts or a JSON value in the response."""
    if isinstance(value, list):
        return sum(map(length_of, value))
    return len(value) if isinstance(value, str) else 0 if isinstance(value, Exception) else len(str(value))
