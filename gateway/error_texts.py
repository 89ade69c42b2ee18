"""Texts of errors for logs and tables: without the values that a database quotes, and without e-mail addresses."""

import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

import asyncpg

HIDDEN: Final = "…"
EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# PostgreSQL ends a message with the value at fault: `invalid input syntax for type integer: "x"`.
QUOTED_VALUE: Final = re.compile(r': ".*\Z', re.DOTALL)
# asyncpg: `invalid input for query argument $1: 'x' (expected str, got int)`.
QUOTED_ARGUMENT: Final = re.compile(r"(query argument \$\d+|element in \w+ sequence): .*\Z", re.DOTALL)

QUOTING: Final = (asyncpg.PostgresError, asyncpg.InterfaceError)


def text_of(error: BaseException) -> str:
    """The message of an error. Of a database's error the details (`Key (email)=(…) already exists`) are left out."""
    return EMAIL.sub(HIDDEN, _message_of(error))


def traceback_of(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """The traceback of an error, of those in its group and of their causes, with messages as `text_of` has them.

    Details are removed from the errors themselves: a traceback indents the lines of their messages in many ways.
    """
    for each in _chain(exc_info[1], set()):
        if isinstance(each, QUOTING):
            each.args, each.detail, each.hint = (_message_of(each),), None, None
    return EMAIL.sub(HIDDEN, "".join(traceback.format_exception(exc_info[1])).rstrip("\n"))


def _message_of(error: BaseException) -> str:
    if not isinstance(error, QUOTING):
        return str(error)
    message = str(error.args[0]) if error.args else ""
    return QUOTED_VALUE.sub(f": {HIDDEN}", QUOTED_ARGUMENT.sub(rf"\1: {HIDDEN}", message))


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """An error, the errors of a group, and all their causes and contexts."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for each in (*inner, error.__cause__, error.__context__):
        yield from _chain(each, seen)
