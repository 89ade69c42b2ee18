"""The enumeration of error codes, from the error classes of all domains."""

import re
from enum import Enum
from inspect import getdoc
from typing import Final

import strawberry
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition

from domains.kernel.errors import DomainError, error_codes
from gateway.spelling import respelled

_END_OF_SENTENCE: Final = re.compile(r"(?<=\.)\s")


@strawberry.enum(
    description="The cause of an error. Branch on it and translate it; `message` may change at any time."
)
class ErrorCode(Enum):
    """Has a member for each code, with the code as its value, once `fill_error_codes` was called."""


def fill_error_codes() -> None:
    """Add the codes of all loaded error classes, with their docstrings as descriptions."""
    definition: StrawberryEnumDefinition = ErrorCode.__strawberry_definition__  # type: ignore[attr-defined] # set by strawberry.enum
    definition.values = [
        EnumValue(name=code, value=code, description=_described(kind)) for code, kind in error_codes().items()
    ]


def _described(kind: type[DomainError]) -> str:
    """The first sentence of a class's docstring, with field names in the API's spelling."""
    first = _END_OF_SENTENCE.split(" ".join((getdoc(kind) or "").split()), maxsplit=1)[0]
    return respelled(first)
