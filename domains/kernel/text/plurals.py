"""Singular and plural in messages."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number of things: 1 set, 2 sets. `many` is a plural that is not `one` with an s: 1 unit is, 2 units are."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
