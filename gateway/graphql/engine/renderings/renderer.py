"""Renders one object to JSON with holes."""

from collections.abc import Callable
from typing import Any, Final

import orjson

from gateway.graphql.engine.levels import has_exception, is_dense, items, unexpected_null
from gateway.graphql.engine.plan import PlannedField, Shape
from gateway.graphql.engine.renderings.memory import Hole, Rendering
from gateway.graphql.engine.renderings.selections import HOLE, RenderedObject, RenderedSelection
from gateway.graphql.engine.response_budget import length_of

NUMBERS: Final = {int, bool, type(None)}


def rendering_of(selection: RenderedSelection, source: Any) -> Rendering | None:
    """The rendering of an object; None when it has an error, or a value that must be loaded."""
    try:
        return _Renderer(selection).rendering(source)
    except Exception:  # noqa: BLE001 - the execution of the object reports it
        return None


class _Renderer:
    """One rendering; it raises the first error of the object."""

    def __init__(self, selection: RenderedSelection) -> None:
        self._rendered = selection.rendered
        self._volatile = selection.volatile
        self._holes = [Hole([], [], []) for _ in (*selection.volatile, *selection.others)]
        self._tags: set[str] = set()
        self._next = 1
        self._values = 0
        self._characters = 0

    def rendering(self, source: Any) -> Rendering:
        texts = orjson.dumps(self._object(self._rendered, source), default=str).split(HOLE)
        parts = [b""] * (2 * len(texts) - 1)
        parts[::2] = texts
        for planned, hole in zip(self._volatile, self._holes, strict=False):
            hole.loaded.extend(key for key in dict.fromkeys(loaded_keys(planned, hole.keys)) if key is not None)
        return Rendering(parts, self._holes, self._values, self._characters, frozenset(self._tags))

    def _object(self, rendered: RenderedObject, source: Any) -> dict[str, Any]:
        result = rendered.template.copy()
        self._values += rendered.values
        for key, get, leaf, is_nullable in rendered.leaves:
            value = get(source)
            if value is not None:
                result[key] = leaf(value)
            elif not is_nullable:
                raise unexpected_null(None)
        for key in rendered.texts:
            text = result[key]
            if text:
                self._characters += len(text) if type(text) is str else length_of(text)
        for dependency in rendered.dependencies:
            self._tags |= dependency.tags((source,))
        for planned, hole, below in rendered.parts:
            if hole is None:
                result[planned.key] = self._value(planned, below, source)
                continue
            if hole < len(self._volatile) and planned.relation is not None:
                self._holes[hole].keys.append(getattr(source, planned.relation.key))
            self._holes[hole].places.append(self._next)
            self._next += 2
        return result

    def _value(self, planned: PlannedField, below: RenderedObject | None, source: Any) -> Any:
        if planned.get is not None:
            value = planned.get(source)
        elif planned.known is None or (value := planned.known(source)) is None:
            raise LookupError("the value must be loaded")
        if planned.is_text and value:
            self._characters += length_of(value)
        return self._completed(value, planned.shape, below)

    def _completed(self, value: Any, shape: Shape, below: RenderedObject | None) -> Any:
        if value is None:
            if shape.nullable:
                return None
            raise unexpected_null(None)
        if below is not None and shape.item is None:
            if isinstance(value, Exception):
                raise value
            return self._object(below, value)
        if shape.leaf is not None:
            return shape.leaf(value)
        if (item := shape.item) is None:
            raise TypeError("neither a leaf nor a rendered object nor a list")
        completed = [self._completed(each, item, below) for each in items(value)]
        if below is not None and item.item is None:
            self._values += sum([each is not None for each in completed])
        return completed


def loaded_keys(planned: PlannedField, keys: list[Any]) -> list[Any]:
    """The keys that a volatile field loads for the keys of its holes."""
    if planned.relation is None or planned.relation.derived is None:
        return keys
    by = planned.relation.derived.by
    return [None if key is None else by(key) for key in keys]


def hole_values(planned: PlannedField, keys: list[Any], loaded: dict[Any, Any]) -> list[Any]:
    """The values of a volatile field for the keys of its holes; some may be exceptions."""
    found = [None if key is None else loaded[key] for key in loaded_keys(planned, keys)]
    if planned.relation is None or planned.relation.derived is None:
        return found
    return list(map(planned.relation.derived.value_or_error, found, keys))


def hole_texts(planned: PlannedField, values: list[Any]) -> list[bytes | None]:
    """The JSON of the values of a volatile leaf; None for one that is an error, or null and must not be."""
    leaf, is_nullable = planned.shape.leaf, planned.shape.nullable
    if leaf is None:
        raise TypeError(f"{planned.key} is not a leaf")
    if has_exception(values) or not (is_nullable or is_dense(values)):
        return [_hole_text(leaf, value, is_nullable=is_nullable) for value in values]
    try:
        completed = [None if value is None else leaf(value) for value in values]
        if set(map(type, completed)) <= NUMBERS:
            return [*orjson.dumps(completed)[1:-1].split(b",")]
        return [orjson.dumps(value, default=str) for value in completed]
    except Exception:  # noqa: BLE001 - those that fail are found one by one
        return [_hole_text(leaf, value, is_nullable=is_nullable) for value in values]


def _hole_text(leaf: Callable[[Any], Any], value: Any, *, is_nullable: bool) -> bytes | None:
    if isinstance(value, Exception) or (value is None and not is_nullable):
        return None
    try:
        return orjson.dumps(None if value is None else leaf(value), default=str)
    except Exception:  # noqa: BLE001 - the execution of the selection reports it
        return None
