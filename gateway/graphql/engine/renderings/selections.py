"""The selections that are rendered to JSON once for each revision of an object, decided once for each plan.

Volatile leaves are holes of the text. So are the fields of the object that cannot be rendered: they are completed as
in a selection that is not rendered.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from operator import attrgetter
from typing import Any, Final, Self, TypeAlias

import orjson
from graphql import GraphQLObjectType

from gateway.answers.dependencies import Dependency
from gateway.graphql.engine.levels import named_type
from gateway.graphql.engine.plan import BACKREF, Plan, PlannedField, dependency_of

FEWEST_VALUES: Final = 6  # of fewer rendered values, executing the selection is as fast
HOLE: Final = b"\0"  # JSON escapes it in every text
MARKER: Final = orjson.Fragment(HOLE)
_numbers = count()

Part: TypeAlias = tuple[PlannedField, int | None, "RenderedObject | None"]
Leaf: TypeAlias = tuple[str, Callable[[Any], Any], Callable[[Any], Any], bool]


@dataclass(frozen=True, slots=True, eq=False)
class RenderedObject:
    """An object in a rendering.

    The `template` has all fields in their order, with constants and the markers of holes. `leaves` are set in it:
    each has a key, how it is read, how it is serialized, and whether it is nullable. All other fields are `parts`,
    with the number of their hole or with their selection. `texts` are the keys of leaves that may be long, and
    `values` is the number of fields that are rendered.
    """

    template: dict[str, Any]
    leaves: list[Leaf]
    texts: list[str]
    parts: list[Part]
    values: int
    dependencies: list[Dependency]

    @classmethod
    def of(cls, concrete: GraphQLObjectType, parts: Iterable[Part], others: Collection[PlannedField] = ()) -> Self:
        """The object of a type with these parts, of which `others` are not rendered."""
        made = cls({}, [], [], [], 0, [])
        dependencies = [dependency_of(concrete)]
        values = 0
        for part in parts:
            planned, hole, _ = part
            made.template[planned.key] = planned.constant if hole is None else MARKER
            if planned not in others:
                values += 1
                dependencies.append(planned.depends_on)
            if hole is not None or planned.get is None or planned.shape.leaf is None:
                made.parts.extend([part] if planned.constant is None else [])
                continue
            made.leaves.append((planned.key, planned.get, planned.shape.leaf, planned.shape.nullable))
            made.texts.extend([planned.key] if planned.is_text else [])
        found = [each for each in dependencies if each is not None]
        return cls(made.template, made.leaves, made.texts, made.parts, values, found)


@dataclass(frozen=True, slots=True, eq=False)
class RenderedSelection:
    """A selection that is rendered; `number` is its own.

    Holes are numbered: first those of `volatile` leaves, then those of `others`, the fields that are not rendered.
    """

    number: int
    revision: Callable[[Any], Any]
    fields: list[PlannedField]
    rendered: RenderedObject
    volatile: list[PlannedField]
    others: list[PlannedField]

    @property
    def is_refilled(self) -> bool:
        """Whether the JSON of an object is kept with its holes filled: the holes are short and of volatile leaves."""
        return not self.others and not any(each.is_text for each in self.volatile)

    @property
    def rendered_fields(self) -> list[PlannedField]:
        """The fields that are not among the others."""
        return [each for each in self.fields if each not in self.others]


def rendered_selection(plan: Plan, planned: PlannedField, concrete: GraphQLObjectType) -> RenderedSelection | None:
    """How the selection on a field's value of this type is rendered; None when it is not. Computed once."""
    if concrete not in planned.rendered:
        declared = concrete.extensions.get(BACKREF)
        revision = getattr(declared.origin, "revision_attribute", None) if declared is not None else None
        planned.rendered[concrete] = None if revision is None else _Selection(plan).of(planned, concrete, revision)
    found: RenderedSelection | None = planned.rendered[concrete]
    return found


@dataclass(slots=True)
class _Selection:
    """The compilation of one selection; `values` counts what is rendered, once for each list."""

    plan: Plan
    volatile: list[PlannedField] = field(default_factory=list)
    values: int = 0

    def of(self, planned: PlannedField, concrete: GraphQLObjectType, revision: str) -> RenderedSelection | None:
        """The rendered selection; None when too little of it can be rendered."""
        fields = self.plan.below(planned, concrete)
        parts = {each: self._part_or_none(each) for each in fields}
        if self.values < FEWEST_VALUES:
            return None
        others = [each for each in fields if parts[each] is None]
        numbers = {each: number for number, each in enumerate(others, len(self.volatile))}
        numbered = [parts[each] or (each, numbers[each], None) for each in fields]
        rendered = RenderedObject.of(concrete, numbered, others)
        return RenderedSelection(next(_numbers), attrgetter(revision), fields, rendered, self.volatile, others)

    def _part_or_none(self, planned: PlannedField) -> Part | None:
        volatile, values = len(self.volatile), self.values
        part = self._part(planned)
        if part is None:
            del self.volatile[volatile:]
            self.values = values
        return part

    def _part(self, planned: PlannedField) -> Part | None:
        """A field as part of a rendering; None when it cannot be rendered."""
        relation = planned.relation
        if planned.guard is not None or planned.is_page:
            return None
        self.values += 1
        if planned.constant is not None:
            return planned, None, None
        if relation is not None and relation.volatile and planned.shape.leaf is not None:
            self.volatile.append(planned)
            return planned, len(self.volatile) - 1, None
        if planned.get is None and not (relation is not None and relation.stable and planned.known is not None):
            return None
        named = named_type(planned.shape)
        if named is None:
            return planned, None, None
        below = self._object(planned, named) if isinstance(named, GraphQLObjectType) else None
        return None if below is None else (planned, None, below)

    def _object(self, planned: PlannedField, concrete: GraphQLObjectType) -> RenderedObject | None:
        parts: list[Part] = []
        for each in self.plan.below(planned, concrete):
            part = self._part(each)
            if part is None:
                return None
            parts.append(part)
        return RenderedObject.of(concrete, parts)
