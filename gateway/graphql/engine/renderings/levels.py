"""Levels whose objects are rendered: the holes of their texts, and the answer's nodes made of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.graphql.engine.levels import Level
from gateway.graphql.engine.plan import PlannedField
from gateway.graphql.engine.renderings.memory import Filling, Rendering, RenderingMemory
from gateway.graphql.engine.renderings.renderer import hole_texts, hole_values, rendering_of
from gateway.graphql.engine.renderings.selections import RenderedSelection
from gateway.graphql.engine.response_budget import ResponseBudget


@dataclass(slots=True, eq=False)
class Holes:
    """The holes of one volatile leaf in a rendered level, with the keys to load for them."""

    owner: "RenderedLevel"
    number: int
    loaded: list[Any]


class RenderedLevel:
    """Objects with their renderings, the last filling of each, and what is found for their holes.

    Objects whose holes are all as in their last filling have the same JSON again. `failed` ones are executed instead.
    """

    def __init__(self, selection: RenderedSelection, level: Level, renderings: list[Rendering]) -> None:
        self.selection = selection
        self.level = level
        self.renderings = renderings
        self.failed: set[int] = set()
        self._fillings = [each.filling for each in renderings]
        self._found: list[list[list[Any]]] = [[] for _ in selection.volatile]
        self._texts: list[list[Sequence[bytes | None]]] = [[()] * len(renderings) for _ in selection.volatile]
        self._changed = {index for index, filling in enumerate(self._fillings) if filling is None}

    def holes(self) -> list[tuple[PlannedField, Holes]]:
        """The holes to load, by field."""
        found: list[tuple[PlannedField, Holes]] = []
        for number, planned in enumerate(self.selection.volatile):
            if any(each.holes[number].keys for each in self.renderings):
                loaded = [key for each in self.renderings for key in each.holes[number].loaded]
                found.append((planned, Holes(self, number, loaded)))
            else:
                self._found[number] = [[] for _ in self.renderings]
        return found

    def fill(self, planned: PlannedField, number: int, loaded: dict[Any, Any]) -> list[Any]:
        """Fill the holes of a field that are not as they were. Returns their values; objects may be `failed` now."""
        found = self._found[number] = [[loaded[key] for key in each.holes[number].loaded] for each in self.renderings]
        texts = self._texts[number]
        changed: list[int] = []
        for index, filling in enumerate(self._fillings):
            if filling is not None and filling.found[number] == found[index]:
                texts[index] = filling.texts[number]
            else:
                changed.append(index)
        self._changed.update(changed)
        values = hole_values(planned, [key for index in changed for key in self._keys(index, number)], loaded)
        remaining = iter(hole_texts(planned, values))
        for index in changed:
            texts[index] = [next(remaining) for _ in self._keys(index, number)]
            if None in texts[index]:
                self.failed.add(index)
        return values

    def finish(self) -> None:
        """Set the nodes of the answer."""
        for index, filling in enumerate(self._fillings):
            if index in self.failed:
                _reorder(self.level.results[index], self.selection.fields)
            elif filling is not None and index not in self._changed:
                self.level.replace(index, filling.whole)
            else:
                self._join(index)

    def _keys(self, index: int, number: int) -> list[Any]:
        return self.renderings[index].holes[number].keys

    def _join(self, index: int) -> None:
        """Set the node of an object from its parts, and keep its filling."""
        rendering, result = self.renderings[index], self.level.results[index]
        parts: list[Any] = rendering.parts.copy()
        texts: list[Any] = [each[index] for each in self._texts]
        for own, hole in zip(texts, rendering.holes, strict=False):
            for place, text in zip(hole.places, own, strict=True):
                parts[place] = text
        for number, planned in enumerate(self.selection.others, len(texts)):
            if planned.key not in result:
                return  # null has replaced the object
            parts[rendering.holes[number].places[0]] = orjson.dumps(result[planned.key], default=str)
        whole = orjson.Fragment(b"".join(parts))
        self.level.replace(index, whole)
        if self.selection.is_refilled:
            rendering.filling = Filling([each[index] for each in self._found], texts, whole)


class LevelRenderings:
    """The rendered levels of one execution."""

    def __init__(self, memory: RenderingMemory, budget: ResponseBudget, tags: set[str] | None) -> None:
        self._memory = memory
        self._budget = budget
        self._tags = tags
        self._open: list[RenderedLevel] = []

    def render(self, selection: RenderedSelection, level: Level) -> tuple[RenderedLevel, Level]:
        """Render the objects of a level. Returns them, and those that must be executed."""
        found = [self._rendering(selection, source) for source in level.sources]
        renderings = [each for each in found if each is not None]
        self._budget.add_values(sum([each.values for each in renderings]))
        self._budget.add_characters(sum([each.characters for each in renderings]))
        if self._tags is not None:
            self._tags.update(*[each.tags for each in renderings])
        rest = level.part([index for index, each in enumerate(found) if each is None])
        if rest.sources:
            level = level.part([index for index, each in enumerate(found) if each is not None])
        rendered = RenderedLevel(selection, level, renderings)
        self._open.append(rendered)
        return rendered, rest

    def fill(self, planned: PlannedField, holes: Holes, loaded: dict[Any, Any]) -> Level:
        """Fill the holes of a field. Returns the objects that must be executed, since their holes have errors."""
        rendered = holes.owner
        before = rendered.failed.copy()
        values = rendered.fill(planned, holes.number, loaded)
        if planned.is_text:
            self._budget.add_texts(values)
        failed = sorted(rendered.failed - before)
        self._budget.add_values(-sum([rendered.renderings[index].values for index in failed]))
        self._budget.add_characters(-sum([rendered.renderings[index].characters for index in failed]))
        return rendered.level.part(failed)

    def _rendering(self, selection: RenderedSelection, source: Any) -> Rendering | None:
        """The rendering of an object; None when it must be executed."""
        revision = selection.revision(source)
        if revision is None:
            return None
        return self._memory.find((selection.number, revision), rendering_of, selection, source)

    async def finish(self) -> None:
        """Set the nodes of all rendered levels, inner ones first, since outer ones may contain them."""
        while self._open:
            opened = self._open.pop()
            self._budget.add_work(sum([each.values for each in opened.renderings]))
            opened.finish()
            await self._budget.pause()


def _reorder(result: dict[str, Any], fields: list[PlannedField]) -> None:
    """Order the fields as they are selected: some were completed apart."""
    ordered = {each.key: result[each.key] for each in fields if each.key in result}
    result.clear()
    result.update(ordered)
