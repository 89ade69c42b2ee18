"""The reference of all error codes, `docs/errors.md`: `--write` writes it, `--check` fails when it is stale.

Messages are read from the source: those that an error's constructor makes, and those given where it is raised.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

from strawberry.types.base import get_object_definition

from domains.kernel.errors import DomainError, PermissionDenied, Unauthenticated, error_codes, subclasses
from gateway.graphql.core.errors import UserError, typed_error
from gateway.graphql.core.schema import build_schema
from gateway.spelling import camel, respelled

ROOT: Final = Path(__file__).parents[3]
DOCUMENT: Final = ROOT / "docs" / "errors.md"
COMMON: Final = {"code", "message", "path"}
VARIABLE: Final = "{…}"
HEAD: Final = """\
# Errors

Made by `make generate`; do not edit. A mutation returns these errors in the `errors` of its payload, each with its
`code`, `message` and `path`. A query returns them in the top-level `errors`, with the code in `extensions.code`.
`UNAUTHENTICATED` and `FORBIDDEN` are always top-level errors. Branch on the code: messages can change. In messages,
words in braces stand for values. Codes of requests that are refused before anything runs, such as `BAD_REQUEST` and
`OPERATION_NOT_ALLOWED`, are not listed.

`RATE_LIMITED` is also the top-level error of a request above a rate limit, of which nothing has run. Its status is
429; `extensions.retryAfter` and the header `Retry-After` have the seconds until it can be admitted,
`extensions.limit` has the name of the limit.
"""

Messages: TypeAlias = dict[type[DomainError], set[tuple[str, str]]]
"""For each class of errors the parts of the project that raise it, each with a message."""


def rendered() -> str:
    """The document, from the error classes of all domains and of the gateway."""
    build_schema()  # loads all classes and their GraphQL types
    messages = _messages()
    by_code: dict[str, list[type[DomainError]]] = defaultdict(list)
    for error in sorted(subclasses(DomainError), key=lambda error: error.__qualname__):
        if error.__module__.startswith(("domains.", "gateway.")):
            by_code[error.code].append(error)
    return "\n".join(
        [HEAD, *(_section(code, owner, by_code[code], messages) for code, owner in error_codes().items())]
    )


def _section(code: str, owner: type[DomainError], errors: list[type[DomainError]], messages: Messages) -> str:
    lines = [f"## {code}\n", _description(owner), ""]
    shown = typed_error(owner)
    fields = _own_fields(shown)
    if fields:
        lines += [f"Type: `{shown.__name__}` with {', '.join(f'`{field}`' for field in fields)}.", ""]
    if issubclass(owner, (Unauthenticated, PermissionDenied)):
        lines += ["It fails the whole field.", ""]
    stated = sorted({message for error in errors for message in messages[error]})
    if stated:
        lines += [*(f"- {area}: {respelled(message)}" for area, message in stated), ""]
    return "\n".join(lines)


def _description(error: type[DomainError]) -> str:
    """The first paragraph of an error's docstring."""
    return " ".join(cleandoc(error.__doc__ or "").split("\n\n")[0].split())


def _own_fields(shown: type[UserError]) -> list[str]:
    names = [field.python_name for field in get_object_definition(shown, strict=True).fields]
    return [camel(name) for name in names if name not in COMMON]


def _messages() -> Messages:
    messages: Messages = defaultdict(set)
    for path in sorted([*(ROOT / "domains").rglob("*.py"), *(ROOT / "gateway").rglob("*.py")]):
        text = path.read_text()
        if "raise " not in text or "commands" in path.parts:  # the command line's messages are no API
            continue
        tree = ast.parse(text)
        parts = path.relative_to(ROOT).with_suffix("").parts
        area = parts[1] if parts[0] == "domains" else "gateway"
        for call in _raised(tree):
            error = _class_of(call, parts)
            if error is not None:
                messages[error] |= {(area, message) for message in _constructed(error) or _given(call)}
    return messages


def _raised(tree: ast.AST) -> Iterator[ast.expr]:
    return (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None)


def _class_of(raised: ast.expr, parts: tuple[str, ...]) -> type[DomainError] | None:
    """The class of errors that a `raise` names, or None for other exceptions and for variables."""
    name = raised.func if isinstance(raised, ast.Call) else raised
    if not isinstance(name, ast.Name) or not name.id[0].isupper():
        return None
    module: ModuleType = import_module(".".join(parts))
    error = getattr(module, name.id, None)
    return error if isinstance(error, type) and issubclass(error, DomainError) else None


def _constructed(error: type[DomainError]) -> list[str]:
    """The messages that the constructor of an error makes of its arguments."""
    owner = next(each for each in error.__mro__ if "__init__" in vars(each))
    if owner is DomainError:
        return []
    tree = ast.parse(Path(sys.modules[owner.__module__].__file__ or "").read_text())
    body = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == owner.__name__)
    values = {
        node.targets[0].id: node.value
        for node in ast.walk(body)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(body):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and node.args:
            message = node.args[0]
            return _patterns(values.get(message.id, message) if isinstance(message, ast.Name) else message)
    return []


def _given(raised: ast.expr) -> list[str]:
    """The message that a `raise` gives."""
    return _patterns(raised.args[0]) if isinstance(raised, ast.Call) and raised.args else []


def _patterns(message: ast.expr) -> list[str]:
    """A message with the names of its values in braces; none when it is made elsewhere."""
    match message:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(_part(part) for part in parts)]
        case ast.BoolOp(values=choices):
            return [pattern for choice in choices for pattern in _patterns(choice)]
        case ast.IfExp(body=first, orelse=second):
            return [*_patterns(first), *_patterns(second)]
    return []


def _part(part: ast.expr) -> str:
    match part:
        case ast.Constant(value=str() as text):
            return text
        case ast.FormattedValue(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return f"{{{name.strip('_').lower()}}}"
    return VARIABLE


def main() -> None:
    """Write the document, or exit with a message when the existing one is stale."""
    if "--write" in sys.argv:
        DOCUMENT.write_text(rendered())
    elif not DOCUMENT.is_file() or DOCUMENT.read_text() != rendered():
        sys.exit("docs/errors.md is stale. Run `make generate`.")


if __name__ == "__main__":
    main()
