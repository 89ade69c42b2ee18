"""Outcomes of requests as they are stored: ids, plain values and errors, without any name of a module or class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from domains.kernel.serialization import to_json_value

VERSION: Final = 2
FIRST_VERSION: Final = 1
TAG: Final = "$"


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """An error of a response. `type` is its name in the interface: in GraphQL, the name of its type."""

    type: str
    code: str
    message: str
    path: Sequence[str] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is stored of a response, so that it can be repeated: ids and plain values, and the errors in full."""

    values: Mapping[str, Any]
    errors: Sequence[ErrorRecord] = ()

    def id(self, name: str) -> UUID | None:
        """The id of this name, or None."""
        value = self.values[name]
        return None if value is None else UUID(str(value))

    def ids(self, name: str) -> list[UUID]:
        """The ids of this name; empty where an earlier version stored none."""
        return [UUID(str(value)) for value in self.values.get(name, ())]

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON, in the present version. Raises TypeError for a value that is not plain."""
        return {"values": to_json_value(self.values), "errors": to_json_value(self.errors)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], version: int) -> Self:
        """The outcome that a row of this version stores; ids, amounts and times come back as text."""
        if version == FIRST_VERSION:
            errors = [_first_version_error(record["value"], record["of"]) for record in stored["errors"]]
            return cls(_untagged(stored["payload"]), errors)
        return cls(stored["values"], [ErrorRecord(**record) for record in stored["errors"]])


def _first_version_error(tagged: Mapping[str, Any], class_name: str) -> ErrorRecord:
    """An error of version 1, which named the class of each value: `{"$": "object", "of": "module:Class", …}`."""
    fields = _untagged(tagged)
    return ErrorRecord(
        class_name.rpartition(":")[2], fields.pop("code"), fields.pop("message"), fields.pop("path", None), fields
    )


def _untagged(tagged: Any) -> Any:
    """A value of version 1 without the names of classes: `{"$": "uuid", "value": "…"}` becomes the text."""
    if isinstance(tagged, list):
        return [_untagged(each) for each in tagged]
    if not isinstance(tagged, Mapping):
        return tagged
    if TAG in tagged:
        return _untagged(tagged["value"])
    return {name: _untagged(value) for name, value in tagged.items()}
