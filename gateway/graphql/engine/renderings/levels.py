"""Levels whose objects are rendered: the holes of their texts, and the answer's nodes made of both."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.graphql.engine.levels import Level
from gateway.graphql.engine.plan import PlannedField
from gateway.graphql.engine.renderings.memory import Rendering, RenderingMemory
from gateway.graphql.engine.renderings.renderer import hole_texts, rendering_of
from gateway.graphql.engine.renderings.selections import RenderedSelection
from gateway.graphql.engine.response_budget import ResponseBudget


@dataclass(slots=True, eq=False)
class Holes:
    """The holes of one volatile leaf in a rendered level, with the keys of their values."""

    owner: "RenderedLevel"
    number: int
    keys: list[Any]


@dataclass(slots=True, eq=False)
class RenderedLevel:
    """Objects with their renderings; `texts` are those of their holes, `failed` objects are executed instead."""

    selection: RenderedSelection
    level: Level
    renderings: list[Rendering]
    texts: list[list[bytes | None]]
    failed: set[int] = field(default_factory=set)

    def holes(self) -> list[tuple[PlannedField, Holes]]:
        """The holes to load, by field."""
        found: list[tuple[PlannedField, Holes]] = []
        for number, planned in enumerate(self.selection.volatile):
            keys = [key for each in self.renderings for key in each.holes[number][0]]
            if keys:
                found.append((planned, Holes(self, number, keys)))
        return found

    def fill(self, planned: PlannedField, holes: Holes, values: list[Any]) -> list[int]:
        """Fill the holes of a field. Returns the objects that now have an error in them, to be executed instead."""
        texts = self.texts[holes.number] = hole_texts(planned, values)
        if None not in texts:
            return []
        failed: list[int] = []
        remaining = iter(texts)
        for index, rendering in enumerate(self.renderings):
            own = [next(remaining) for _ in rendering.holes[holes.number][0]]
            if None in own and index not in self.failed:
                failed.append(index)
        self.failed.update(failed)
        return failed

    def finish(self) -> None:
        """Set the nodes of the answer."""
        texts = [iter(each) for each in self.texts]
        first_other = len(self.selection.volatile)
        for index, rendering in enumerate(self.renderings):
            parts: list[Any] = rendering.parts.copy()
            for number, own in enumerate(texts):
                for place in rendering.holes[number][1]:
                    parts[place] = next(own)
            result = self.level.results[index]
            if index in self.failed:
                _reorder(result, self.selection.fields)
                continue
            for number, planned in enumerate(self.selection.others, first_other):
                if planned.key not in result:
                    break  # null has replaced the object
                parts[rendering.holes[number][1][0]] = orjson.dumps(result[planned.key], default=str)
            else:
                self.level.replace(index, orjson.Fragment(b"".join(parts)))


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
        rendered = RenderedLevel(selection, level, renderings, [[] for _ in selection.volatile])
        self._open.append(rendered)
        return rendered, rest

    def fill(self, planned: PlannedField, holes: Holes, values: list[Any]) -> Level:
        """Fill the holes of a field. Returns the objects that must be executed, since their holes have errors."""
        if planned.is_text:
            self._budget.add_texts(values)
        rendered = holes.owner
        failed = rendered.fill(planned, holes, values)
        self._budget.add_values(-sum([rendered.renderings[index].values for index in failed]))
        self._budget.add_characters(-sum([rendered.renderings[index].characters for index in failed]))
        return rendered.level.part(failed)

    def _rendering(self, selection: RenderedSelection, source: Any) -> Rendering | None:
        """The rendering of an object; None when it must be executed."""
        revision = selection.revision(source)
        if revision is None:
            return None
        return self._memory.find((selection.number, revision), lambda: rendering_of(selection, source))

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
