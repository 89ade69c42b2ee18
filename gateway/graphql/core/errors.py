"""Errors as the API shows them: user errors in payloads, stable codes at the top level, no internal details."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import strawberry
import structlog
from graphql import GraphQLError, GraphQLInputObjectType, GraphQLList, get_nullable_type
from strawberry.types.base import get_object_definition

from domains.kernel.errors import DomainError, RateLimited
from domains.kernel.validation import ValidationErrors, errors_of
from gateway import request_log
from gateway.graphql.core.error_codes import ErrorCode
from gateway.graphql.engine.redaction import without_values
from gateway.spelling import camel, respelled

T = TypeVar("T")
FAULT: Final = "INTERNAL_ERROR"
log = structlog.get_logger("gateway.graphql")
_typed: dict[type[DomainError], type["UserError"]] = {}


@strawberry.interface(
    description=(
        "An error in the input that the user can correct. Implementations have further fields for some codes."
    )
)
class UserError:
    """An error of a payload."""

    code: str = strawberry.field(
        graphql_type=ErrorCode, description="The cause of the error. It is stable: branch on it and translate it."
    )
    message: str = strawberry.field(
        description="A sentence for users: the cause, and what to do. In English; it may be reworded at any time."
    )
    path: list[str] | None = strawberry.field(
        default=None,
        description=(
            "The path to the erroneous field of the input, outermost first, with indexes of list items as "
            "numbers in text; null when the error concerns no single field."
        ),
    )


@strawberry.type(description="A user error that has only a code, a message and a path.")
class GenericUserError(UserError):
    """The implementer for errors without data of their own."""


def shows(error: type[DomainError]) -> Callable[[type[T]], type[T]]:
    """Show a domain error (and its subclasses) as the decorated implementer of UserError.

    The implementer's own fields are read from the error's attributes of the same names.
    """

    def register(shown: type[T]) -> type[T]:
        _typed[error] = shown  # type: ignore[assignment] # an implementer, as Strawberry itself checks
        return shown

    return register


@shows(RateLimited)
@strawberry.type(description="Too many attempts in a short time; wait for `retryAfter` seconds.")
class RateLimitedError(UserError):
    """Has the time until the next attempt."""

    retry_after: int = strawberry.field(description="The number of seconds until the next attempt can succeed.")


class RequestRefused(GraphQLError):
    """A request refused before its execution; `status` is the HTTP status of the response."""

    def __init__(self, code: str, message: str, *, status: int = 400, **extensions: Any) -> None:
        super().__init__(message, extensions={"code": code, **extensions})
        self.status = status


def typed_errors() -> list[type]:
    """Every implementer of UserError, which the schema must list explicitly."""
    return [GenericUserError, *dict.fromkeys(_typed.values())]


def typed_error(error: type[DomainError]) -> type[UserError]:
    """The implementer of UserError that shows a domain's error."""
    return next((_typed[parent] for parent in error.__mro__ if parent in _typed), GenericUserError)


def shown_error(kind: type[UserError]) -> type[DomainError]:
    """The domain's error that an implementer of UserError shows; DomainError for the generic one."""
    return next((error for error, shown in _typed.items() if shown is kind), DomainError)


def user_errors(info: Any, error: DomainError) -> list[UserError]:
    """The errors of a mutation's payload for a domain error; several errors come in the order of the input."""
    request_log.record_refusal(error)
    raw = info._raw_info  # noqa: SLF001 - Strawberry has no public access to the field's definition
    arguments = raw.parent_type.fields[raw.field_name].args
    errors = [(path_of(single, arguments), single) for single in errors_of(error)]
    errors.sort(key=lambda pair: list(_positions(arguments, pair[0])))
    return [_user_error(single, path) for path, single in errors]


def path_of(error: DomainError, arguments: Container[str]) -> list[str]:
    """The path of the invalid argument or input field, in the API's spelling, outermost first.

    A domain names its own field (`parent_id`); of a mutation that is a field of its `input`.
    """
    path = [camel(name) for name in error.field]
    is_inside_input = path and path[0] not in arguments and "input" in arguments
    return ["input", *path] if is_inside_input else path


def _positions(arguments: Mapping[str, Any], path: Sequence[str]) -> Iterator[int]:
    """The position of each step of a path among its siblings: list items by index, fields in the schema's order."""
    fields = arguments
    for step in path:
        if step.isdecimal():
            yield int(step)
            continue
        if step not in fields:
            return
        yield list(fields).index(step)
        kind = get_nullable_type(fields[step].type)
        while isinstance(kind, GraphQLList):
            kind = get_nullable_type(kind.of_type)
        fields = kind.fields if isinstance(kind, GraphQLInputObjectType) else {}


def _user_error(error: DomainError, path: list[str]) -> UserError:
    shown = typed_error(type(error))
    own = {
        field.python_name: getattr(error, field.python_name)
        for field in get_object_definition(shown, strict=True).fields
        if field.python_name not in ("code", "message", "path")
    }
    return shown(code=error.code, message=respelled(error.message), path=path or None, **own)


def render_all(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The response's `errors`. A fault that many fields share is logged once."""
    logged: set[int] = set()
    shown = []
    for error in errors:
        cause = cause_of(error)
        shown.append(render(error, request_id, is_logged=id(cause) in logged))
        logged.add(id(cause))
    return shown


def cause_of(error: GraphQLError) -> Exception | None:
    """The exception that was raised first, or None for an error of GraphQL itself."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def extensions_of(error: DomainError) -> dict[str, Any]:
    """The extensions of a top-level domain error; `errors` has those of each of several."""
    extensions: dict[str, Any] = {"code": error.code}
    if error.field:
        extensions["input"] = [camel(name) for name in error.field]
    if isinstance(error, RateLimited):
        extensions["retryAfter"] = error.retry_after
    if isinstance(error, ValidationErrors):
        extensions["errors"] = [
            {"message": respelled(single.message), **extensions_of(single)} for single in error.errors
        ]
    return extensions


def fault_message(request_id: str) -> str:
    """The message of a fault, without internal details."""
    return f"Something went wrong on our side. Quote the request id {request_id} when you report it."


def render(error: GraphQLError, request_id: str, *, is_logged: bool = False) -> dict[str, Any]:
    """One entry of the response's `errors`. A fault is logged with its traceback and shows its request id alone."""
    cause = cause_of(error)
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path:
        shown["path"] = error.path
    if isinstance(cause, DomainError):
        request_log.record_refusal(cause)
        shown["message"] = respelled(cause.message)
        shown["extensions"] = extensions_of(cause)
    elif cause is None or not error.path:
        shown["message"] = without_values(error.message)
        shown["extensions"] = {"code": "BAD_USER_INPUT"} | (error.extensions or {})
        request_log.record_error(shown["extensions"]["code"], error.__cause__)
    else:
        if not is_logged:
            log.error("fault", path=error.path, request_id=request_id, exc_info=cause)
        shown["message"] = fault_message(request_id)
        shown["extensions"] = {"code": FAULT, "requestId": request_id}
        request_log.record_error(FAULT)
    return shown
