"""Answers `__schema` and `__type` in bounded work: what a selection gives for one part of the schema is made once.

Introspection multiplies: every type has fields, every field a type. An answer is therefore put together of pieces,
one for each selection and each part of the schema that it meets; their number, their bytes and the time until the
event loop is free again are bounded.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import orjson
from graphql import GraphQLSchema

from gateway.graphql.limits import GraphQLLimits, refuse_above
from gateway.graphql.plan import Plan, PlannedField

META_FIELDS: Final = {"__schema", "__type"}
TURN: Final = 1_000  # steps after which the event loop is free again, a few milliseconds
BYTES_PER_STEP: Final = 1_000  # joining bytes is work too
NULL: Final = b"null"

Value = bytes | int | list["Value"]


@dataclass(slots=True, eq=False)
class Piece:
    """What a selection gives for one part of the schema: bytes, or the numbers of other pieces, by response key."""

    source: Any
    fields: Sequence[PlannedField]
    entries: list[tuple[bytes, Value]] = field(default_factory=list)


class Introspection:
    """The introspection of one operation; `steps` and `octets` count its work and what it has rendered."""

    def __init__(
        self,
        plan: Plan,
        arguments: Callable[[PlannedField], dict[str, Any]],
        limits: GraphQLLimits,
    ) -> None:
        self._plan = plan
        self._arguments = arguments
        self._limits = limits
        self._info = SimpleNamespace(schema=plan.schema)
        self.steps = 0
        self.octets = 0

    async def answer(self, planned: PlannedField) -> orjson.Fragment:
        """The value of a root field, as JSON. Raises RequestRefused when it takes too much work or too many bytes."""
        pieces: list[Piece] = []
        known: dict[Any, int] = {}
        root = self._value(planned, self._plan.schema, pieces, known)
        for piece in pieces:  # grows while it is read: selections of what this piece gives come later
            for inner in piece.fields:
                key = orjson.dumps(inner.key) + b":"
                piece.entries.append((key, self._value(inner, piece.source, pieces, known)))
                await self._step(len(inner.nodes))
        rendered: list[bytes] = [b""] * len(pieces)
        for number in range(len(pieces) - 1, -1, -1):
            entries = pieces[number].entries
            octets = sum([len(key) + _length(value, rendered) for key, value in entries])
            self._bound(octets)
            await self._step(1 + octets // BYTES_PER_STEP)
            parts = [key + _json(value, rendered) for key, value in entries]
            rendered[number] = b"{" + b",".join(parts) + b"}"
        self._bound(_length(root, rendered))
        answer = _json(root, rendered)
        self.octets += len(answer)
        return orjson.Fragment(answer)

    def _value(self, planned: PlannedField, source: Any, pieces: list[Piece], known: dict[Any, int]) -> Value:
        """What a field gives for one part of the schema."""
        if planned.constant is not None:
            return orjson.dumps(planned.constant)
        resolve: Any = planned.definition.resolve
        value = resolve(source, self._info, **self._arguments(planned))
        if value is None:
            return NULL
        leaf = (planned.shape.item or planned.shape).leaf
        if leaf is not None:
            return orjson.dumps(leaf(value) if planned.shape.item is None else list(map(leaf, value)))
        if planned.shape.item is None:
            return self._number(planned, value, pieces, known)
        return [self._number(planned, each, pieces, known) for each in value]

    def _number(self, planned: PlannedField, source: Any, pieces: list[Piece], known: dict[Any, int]) -> int:
        """The piece of this selection and this part of the schema: a type, or a field or argument with its name."""
        named = (planned.shape.item or planned.shape).named
        fields = self._plan.below(planned, named)  # type: ignore[arg-type] # introspection has object types only
        part = (source[0], id(source[1])) if isinstance(source, tuple) else id(source)
        key = (id(fields), part)
        if key not in known:
            known[key] = len(pieces)
            pieces.append(Piece(source, fields))
        return known[key]

    def _bound(self, octets: int) -> None:
        refuse_above("bytes of introspection", self.octets + octets, self._limits.introspection_bytes)

    async def _step(self, count: int) -> None:
        before, self.steps = self.steps, self.steps + count
        refuse_above("steps of introspection", self.steps, self._limits.introspection_steps)
        if before // TURN != self.steps // TURN:
            await asyncio.sleep(0)


def _json(value: Value, rendered: list[bytes]) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return rendered[value]
    return b"[" + b",".join([_json(each, rendered) for each in value]) + b"]"


def _length(value: Value, rendered: list[bytes]) -> int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, int):
        return len(rendered[value])
    return sum([_length(each, rendered) for each in value])


def introspects(schema: GraphQLSchema, planned: PlannedField) -> bool:
    """Whether a planned root field asks about the schema itself."""
    return planned.parent is schema.query_type and planned.nodes[0].name.value in META_FIELDS
