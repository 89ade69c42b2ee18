"""A rule of a protocol document: its number, what it requires, and a conversation that shows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.http.settings import HttpSettings
from tests.gateway.http.live.peers import SETTINGS

Conversation: TypeAlias = "Callable[..., Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Rule:
    """A requirement of a document. `is_must` is false for what the document recommends."""

    number: int
    section: str
    is_must: bool
    conversation: Conversation
    settings: HttpSettings

    def __str__(self) -> str:
        return f"{self.number:02} {self.conversation.__name__}"


class Rules(list[Rule]):
    """The rules of one document in their order; the docstring of a conversation is the text of its rule."""

    def must(self, section: str, settings: HttpSettings = SETTINGS) -> Callable[[Conversation], Conversation]:
        """Add what the document requires, shown at a server with these settings."""
        return self._adding(section, settings, is_must=True)

    def should(self, section: str) -> Callable[[Conversation], Conversation]:
        """Add what the document recommends or permits."""
        return self._adding(section, SETTINGS, is_must=False)

    def _adding(
        self, section: str, settings: HttpSettings, *, is_must: bool
    ) -> Callable[[Conversation], Conversation]:
        def add(conversation: Conversation) -> Conversation:
            self.append(Rule(len(self) + 1, section, is_must, conversation, settings))
            return conversation

        return add
