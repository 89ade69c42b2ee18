"""Collection of input errors: recorded ones, those that end the reading, and those that are raised alone."""

from collections.abc import Callable

import pytest

from domains.kernel.errors import DomainError, InvalidInput, NotFound, PermissionDenied, RateLimited
from domains.kernel.text.validation import require_text
from domains.kernel.validation import ValidationErrors, collect_errors, errors_of, prefix_errors, rename_fields

A = InvalidInput("No.", field=("a",))
B = InvalidInput("No.", field=("b",))


class Counted(DomainError):
    """An error that commits."""

    commits = True


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def read(*parts: Callable[[], object], last: Callable[[], object] = lambda: None) -> None:
    """Read an input part by part, and a last part outside of `with each`."""
    with collect_errors() as each:
        for part in parts:
            with each:
                part()
        last()


def test_all_errors_of_parts_are_collected_and_the_rest_is_read() -> None:
    kept: list[str] = []
    with pytest.raises(ValidationErrors) as caught:
        read(
            lambda: require_text("", field=("name",)),
            lambda: kept.append(require_text(" right ", field=("code",))),
            lambda: require_text("x" * 300, field=("title",)),
        )
    assert kept == ["right"]
    assert [error.field for error in caught.value.errors] == [("name",), ("title",)]
    assert caught.value.message == ("`name` must not be empty. `title` has 300 characters; at most 255 are allowed.")


def test_a_single_error_is_raised_unchanged() -> None:
    with pytest.raises(InvalidInput) as caught:
        read(failing(A), lambda: None)
    assert caught.value is A


def test_valid_input_raises_nothing() -> None:
    kept: list[str] = []
    read(lambda: kept.append(require_text(" a ", field=())), last=lambda: kept.append("last"))
    assert kept == ["a", "last"]


def test_nested_errors_are_flattened_without_duplicates() -> None:
    other = InvalidInput("Never.", field=("a",))
    with pytest.raises(ValidationErrors) as caught:
        read(lambda: read(failing(A), failing(B)), lambda: read(failing(A), failing(B)), failing(other))
    collected = [(error.message, *error.field) for error in caught.value.errors]
    assert collected == [("No.", "a"), ("No.", "b"), ("Never.", "a")]


def test_an_error_outside_of_a_part_ends_reading_and_is_raised_with_the_collected_ones() -> None:
    missing = NotFound("None.", field=("id",))
    with pytest.raises(ValidationErrors) as caught:
        read(failing(A), last=failing(missing))
    assert caught.value.errors == (A, missing)


@pytest.mark.parametrize(
    "error",
    [Counted("Counts."), PermissionDenied("No."), RateLimited("Wait.", retry_after=1), ValueError("A fault.")],
)
def test_an_error_that_is_no_input_error_is_raised_alone(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        read(failing(A), failing(error))
    assert caught.value is error


def test_errors_of_a_part_have_its_path_in_the_whole() -> None:
    parts = [failing(InvalidInput("No.", field=(name,))) for name in "ab"]
    with pytest.raises(ValidationErrors) as caught, prefix_errors(("lines", "1")):
        read(*parts)
    assert [error.field for error in errors_of(caught.value)] == [("lines", "1", "a"), ("lines", "1", "b")]


def test_the_fields_of_all_errors_are_named_as_the_input_of_the_caller_does() -> None:
    errors = [InvalidInput("No.", field=("changes", "0", "sku")), InvalidInput("No.", field=("changes", "1", "sku"))]
    with pytest.raises(ValidationErrors) as caught, rename_fields(lambda field: ("lines", *field[1:])):
        read(*(failing(error) for error in errors))
    assert [error.field for error in caught.value.errors] == [("lines", "0", "sku"), ("lines", "1", "sku")]
