"""All problems of an input at once: its reading goes on after a bad field, and its end tells every one.

    with all_problems() as each:
        with each:
            name = require_text(new.name, path=("input", "name"))
        with each:
            code = require_code(new.code)

What fails in a `with each:` is noted, and the rest goes on. What fails outside of one ends the reading. At its end
all that was noted is raised: a single error as it is, several as Problems.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated

# Who asks, and how often, is no problem of the input: nothing else is told beside it.
NOT_OF_INPUT: Final = (Busy, PermissionDenied, RateLimited, Unauthenticated)


class Problems(DomainError):
    """Several errors of one input, each with its own code and path; none of them `commits`."""

    def __init__(self, errors: Sequence[DomainError]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = tuple(errors)


class Each:
    """One part of an input after the other, which may fail by itself."""

    def __init__(self) -> None:
        self.errors: list[DomainError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, DomainError) or isinstance(error, NOT_OF_INPUT) or error.commits:
            return False
        self.errors += errors_of(error)
        return True


@contextmanager
def all_problems() -> Iterator[Each]:
    """Read an input to its end. Raises what was found wrong, nothing of it twice."""
    each = Each()
    with each:
        yield each
    found = list({(error.code, error.path, error.message): error for error in each.errors}.values())
    if len(found) == 1:
        raise found[0]
    if found:
        raise Problems(found)


@contextmanager
def about(path: Sequence[str]) -> Iterator[None]:
    """What is wrong with the `input` inside is wrong with the part of the whole input that has this path."""
    try:
        yield
    except DomainError as error:
        for each in errors_of(error):
            each.path = (*path, *each.path[1:])
        raise


def errors_of(error: DomainError) -> Sequence[DomainError]:
    """The single errors that an error tells of."""
    return error.errors if isinstance(error, Problems) else (error,)
