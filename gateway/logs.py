"""Structured logs on standard error: coloured lines on a terminal, JSON lines otherwise."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from domains.kernel.monitoring import traces
from gateway import request_log
from gateway.commands.output import printable
from gateway.error_texts import traceback_of

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(level: str) -> None:
    """Log from this level upwards; libraries log from warnings upwards."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_ids,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [structlog.processors.ExceptionRenderer(traceback_of)]
    if sys.stderr.isatty():
        last.append(_escape)
        last.append(structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback))
    else:
        last.append(structlog.processors.JSONRenderer())
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(max(LEVELS[level], logging.WARNING))


def _escape(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape what is not printable, such as in the path of a request: it could control the terminal."""
    for key, value in line.items():
        if isinstance(value, str):
            line[key] = "\n".join(map(printable, value.split("\n"))) if key == "exception" else printable(value)
    return line


def _add_ids(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the ids of the request in which a line is written, of its actor and company, and of the trace.

    Lines are few: looking the ids up costs less than binding them for every request.
    """
    if (request := request_log.current()) is not None:
        line.update({"request_id": request.request_id, **request.ids(), **line})
    if (trace_id := traces.trace_id()) is not None:
        line["trace_id"] = trace_id
    return line
