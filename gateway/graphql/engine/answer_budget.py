"""What an answer holds, bounded while it grows, and when the event loop has its turn while much is done for it."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from gateway.graphql.engine.limits import GraphQLLimits, refuse_above

TURN: Final = 5_000  # values after which others are answered, a few milliseconds


class Tally:
    """Counts the values and the characters of one answer, and the work since the event loop had its turn.

    What a mutation has written is answered whatever its size: there nothing is refused before `check` is called.
    """

    __slots__ = ("_limits", "_refuses", "_work", "characters", "values")

    def __init__(self, limits: GraphQLLimits, *, is_mutation: bool) -> None:
        self._limits = limits
        self._refuses = not is_mutation
        self._work = 0
        self.values = 0
        self.characters = 0

    def add_values(self, count: int) -> None:
        """Count values of the answer. Raises RequestRefused when a query's answer would hold too many."""
        self.values += count
        self._work += count
        if self._refuses and self.values > self._limits.answer_values:
            self.check()

    def expect(self, count: int) -> None:
        """Raise RequestRefused when a query's answer will hold too many values, since so many are loaded for it."""
        if self._refuses and self.values + count > self._limits.answer_values:
            refuse_above("values in the answer", self.values + count, self._limits.answer_values)

    def add_texts(self, values: Iterable[Any]) -> None:
        """Count the characters of texts. Raises RequestRefused when a query's answer would hold too many."""
        self.characters += sum([len(each) if type(each) is str else length_of(each) for each in values if each])
        if self._refuses and self.characters > self._limits.characters:
            self.check()

    def add_work(self, count: int) -> None:
        """Count work that is no value of the answer, by how many values could be read instead."""
        self._work += count

    def check(self) -> None:
        """Raise RequestRefused when the answer holds too much."""
        refuse_above("values in the answer", self.values, self._limits.answer_values)
        refuse_above("characters in the answer", self.characters, self._limits.characters)

    @property
    def is_due(self) -> bool:
        """Whether others should be answered before more is done."""
        return self._work >= TURN

    async def pause(self) -> None:
        """Let the event loop have its turn, if it is due."""
        if self._work >= TURN:
            self._work = 0
            await asyncio.sleep(0)


def length_of(value: Any) -> int:
    """How many characters a text, or the texts in a list or a JSON value, take in the answer, about."""
    if isinstance(value, list):
        return sum(map(length_of, value))
    return len(value) if isinstance(value, str) else 0 if isinstance(value, Exception) else len(str(value))
