"""Collection of input errors: reading continues after an invalid field, and all errors are raised together.

    with collect_errors() as errors:
        with errors:
            name = require_text(new.name, field="name")
        with errors:
            code = require_code(new.code)

An error inside `with errors:` is recorded and reading continues. An error outside of it ends the reading. At the end
a single recorded error is raised unchanged, and several are raised as ValidationErrors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final

from domains.kernel.errors import Busy, DomainError, InvalidInput, PermissionDenied, RateLimited, Unauthenticated

# These errors do not describe the input and are raised alone.
NOT_INPUT_ERRORS: Final = (Busy, PermissionDenied, RateLimited, Unauthenticated)


class ValidationErrors(DomainError):
    """Several errors of one input, each with its own code and field; none of them `commits`."""

    code = InvalidInput.code

    def __init__(self, errors: Sequence[DomainError]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = tuple(errors)


class ErrorCollector:
    """A context manager, entered once for each part of an input, that records the errors raised inside."""

    def __init__(self) -> None:
        self.collected: list[DomainError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, DomainError) or isinstance(error, NOT_INPUT_ERRORS) or error.commits:
            return False
        self.collected += errors_of(error)
        return True


@contextmanager
def collect_errors() -> Iterator[ErrorCollector]:
    """Read an input to its end, then raise every distinct error that was recorded."""
    collector = ErrorCollector()
    with collector:
        yield collector
    errors = list({(error.code, error.field, error.message): error for error in collector.collected}.values())
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ValidationErrors(errors)


@contextmanager
def prefix_errors(field: Sequence[str]) -> Iterator[None]:
    """Prefix the fields of errors in the body with `field`, the part of the input that the body reads."""
    with rename_fields(lambda own: (*field, *own)):
        yield


@contextmanager
def rename_fields(rename: Callable[[Sequence[str]], Sequence[str]]) -> Iterator[None]:
    """Name the fields of errors in the body as the caller's input does, where the body has an input of its own."""
    try:
        yield
    except DomainError as error:
        for single in errors_of(error):
            single.field = tuple(rename(single.field))
        raise


def errors_of(error: DomainError) -> Sequence[DomainError]:
    """The single errors in an error."""
    return error.errors if isinstance(error, ValidationErrors) else (error,)


def merged(
    names: Iterable[str], changes: Mapping[str, Any], current: object | None, defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The changes of these fields over their current values, or over the defaults of a new row."""
    before = {name: getattr(current, name) if current else defaults.get(name) for name in names}
    return before | {name: value for name, value in changes.items() if name in before}
