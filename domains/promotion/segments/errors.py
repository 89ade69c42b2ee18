"""Errors of customer segments."""

from collections.abc import Sequence

from domains.kernel.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound


class SegmentNotFound(NotFound):
    """The customer segment does not exist."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no customer segment with this id.", field=field)


class SegmentNameTaken(AlreadyExists):
    """Another customer segment has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another segment already has the name {name!r}. Choose another.", field=("name",))


class SegmentInUse(NotAllowed):
    """A customer segment that promotions or other segments name cannot be deleted."""

    def __init__(self, names: Sequence[str]) -> None:
        listed = ", ".join(repr(name) for name in names)
        super().__init__(f"The segment is used by {listed}. Change them first.", field=("id",))
        self.names = tuple(names)


class SegmentLoop(InvalidInput):
    """The conditions of a customer segment lead back to the segment."""

    def __init__(self, names: Sequence[str]) -> None:
        path = " → ".join(repr(name) for name in names)
        super().__init__(
            f"A segment cannot depend on itself: {path}. Remove one of these conditions.", field=("conditions",)
        )
        self.names = tuple(names)


class ConditionsContradict(InvalidInput):
    """No buyer can meet the conditions of the customer segment."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"No buyer can meet these conditions: {reason} Remove one of them.", field=("conditions",))
