"""Errors that documents about stock share."""

from collections.abc import Sequence

from domains.kernel.errors import InvalidInput


class LinesMissing(InvalidInput):
    """The document has no lines; give at least one SKU with its units."""

    def __init__(self, *, field: Sequence[str] = ("lines",)) -> None:
        super().__init__("Give at least one line.", field=field)
