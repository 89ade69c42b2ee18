"""Execution of `__schema` and `__type` with bounded work: each selection on each schema element is executed once.

Introspection grows exponentially, since types have fields and fields have types. A response is therefore composed of
pieces, one for each selection and schema element; their number, their bytes and the time between yields to the event
loop are limited.
"""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, Final

import orjson
from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from gateway.graphql.engine.limits import META_FIELDS, GraphQLLimits, refuse_above
from gateway.graphql.engine.plan import Plan, PlannedField

TURN: Final = 1_000  # steps between two yields to the event loop, a few milliseconds
BYTES_PER_STEP: Final = 250  # joining bytes is work too, and they stay in memory
NULL: Final = b"null"


class Introspection:
    """The introspection of one operation; `steps` counts its work, and `octets` the bytes of its results.

    A step is a field of a piece, an item of a list, or some bytes. Pieces are cached as bytes by a text, which the
    garbage collector does not traverse.
    """

    def __init__(
        self,
        plan: Plan,
        variables: VariableValues,
        limits: GraphQLLimits,
    ) -> None:
        self._plan = plan
        self._variables = variables
        self._limits = limits
        self._info = SimpleNamespace(schema=plan.schema)
        self._pieces: dict[str, bytes] = {}
        self.steps = 0
        self.octets = 0

    async def value(self, planned: PlannedField) -> orjson.Fragment:
        """The value of a root field as JSON. Raises RequestRefused above the limits of steps and bytes."""
        value = await self._value(planned, self._plan.schema)
        self._bound(len(value))
        self.octets += len(value)
        return orjson.Fragment(value)

    async def _value(self, planned: PlannedField, source: Any) -> bytes:
        """The value of a field of one schema element."""
        if planned.constant is not None:
            return orjson.dumps(planned.constant)
        resolve: Any = planned.definition.resolve
        value = resolve(source, self._info, **planned.argument_values(self._variables))
        if value is None:
            return NULL
        leaf = (planned.shape.item or planned.shape).leaf
        if leaf is not None:
            return orjson.dumps(leaf(value) if planned.shape.item is None else list(map(leaf, value)))
        if planned.shape.item is None:
            return await self._piece(planned, value)
        return await self._list(planned, value)

    async def _list(self, planned: PlannedField, values: Iterable[Any]) -> bytes:
        parts: list[bytes] = []
        octets = 0
        for element in values:
            parts.append(await self._piece(planned, element))
            octets += len(parts[-1]) + 1
            self._bound(octets)
            await self._step(1 + len(parts[-1]) // BYTES_PER_STEP)
        return b"[" + b",".join(parts) + b"]"

    async def _piece(self, planned: PlannedField, source: Any) -> bytes:
        """The selection on one schema element: a type, or a field, argument or member with its name."""
        named: Any = (planned.shape.item or planned.shape).named  # introspection has object types only
        fields = self._plan.below(planned, named)
        name, part = source if isinstance(source, tuple) else ("", source)
        key = f"{id(fields)} {id(part)} {name}"
        if key in self._pieces:
            return self._pieces[key]
        parts: list[bytes] = []
        octets = 0
        for inner in fields:
            value = await self._value(inner, source)
            octets += len(inner.key) + len(value) + 4
            self._bound(octets)
            parts.append(b'"' + inner.key.encode() + b'":' + value)  # GraphQL names need no escapes
            # The items of a list have counted their bytes one after another.
            is_counted = inner.shape.item is not None and inner.shape.item.leaf is None
            await self._step(1 if is_counted else 1 + len(value) // BYTES_PER_STEP)
        self._pieces[key] = b"{" + b",".join(parts) + b"}"
        return self._pieces[key]

    def _bound(self, octets: int) -> None:
        refuse_above("bytes of introspection", self.octets + octets, self._limits.introspection_bytes)

    async def _step(self, count: int) -> None:
        before, self.steps = self.steps, self.steps + count
        refuse_above("steps of introspection", self.steps, self._limits.introspection_steps)
        if before // TURN != self.steps // TURN:
            await asyncio.sleep(0)


def introspects(schema: GraphQLSchema, planned: PlannedField) -> bool:
    """Whether a planned root field is `__schema` or `__type`."""
    return planned.parent is schema.query_type and planned.nodes[0].name.value in META_FIELDS
