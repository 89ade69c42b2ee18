"""References between segments: a segment may ask for membership in others, but never in itself. Pure."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

MAX_CHAIN: Final = 5


def loop_at(segment_id: UUID, references: Mapping[UUID, Collection[UUID]]) -> list[UUID] | None:
    """The segments by which one refers to itself, from itself to itself; None without such a loop."""
    paths: list[list[UUID]] = [[segment_id]]
    seen: set[UUID] = set()
    while paths:
        path = paths.pop()
        for other in references.get(path[-1], ()):
            if other == segment_id:
                return [*path, other]
            if other not in seen:
                seen.add(other)
                paths.append([*path, other])
    return None


def longest_chain(references: Mapping[UUID, Collection[UUID]]) -> list[UUID]:
    """The longest chain of segments that refer to each other, which must be free of loops."""
    chains: dict[UUID, list[UUID]] = {}

    def chain(segment_id: UUID) -> list[UUID]:
        if segment_id not in chains:
            below = [chain(other) for other in references.get(segment_id, ())]
            chains[segment_id] = [segment_id, *max(below, key=len, default=[])]
        return chains[segment_id]

    return max((chain(segment_id) for segment_id in references), key=len, default=[])
