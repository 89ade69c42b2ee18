"""Searches of which it is known for a moment that all their matches are ranked."""

from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from domains.catalog.search.filters import Selection
from domains.catalog.search.ranking_sql import RANK_START
from domains.kernel.clock import Clock

TIME_TO_LIVE: Final = timedelta(minutes=1)
MAX_ENTRIES: Final = 2_000


class RareSearches:
    """Remembers searches without filters that were ranked whole.

    Their statements need neither the frequencies of the words nor a plan for them. A search that has become frequent
    within a minute is still ranked whole: its results are the same, in the order of their ranks.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[Hashable, datetime] = {}

    def __contains__(self, selection: Selection) -> bool:
        if selection.filtered_facets:
            return False
        until = self._until.get(_key(selection))
        return until is not None and until > self._clock.now()

    def learn(self, selections: Sequence[Selection], records: Sequence[Any]) -> None:
        """Remember those of the searches whose first pages these are, which the sort values show to be rare."""
        first = {record["selection_index"]: record["sort_value"] for record in reversed(records)}
        for index, sort_value in first.items():
            selection = selections[index]
            if 0 <= sort_value < RANK_START and not selection.filtered_facets and selection not in self:
                if len(self._until) >= MAX_ENTRIES:
                    self._until.clear()
                self._until[_key(selection)] = self._clock.now() + TIME_TO_LIVE


def _key(selection: Selection) -> Hashable:
    return selection.company_id, selection.listed, selection.expression
