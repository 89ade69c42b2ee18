"""Traces (OpenTelemetry): spans, and the trace context (W3C) that requests, events and mail carry.

Every request, event, mail and job belongs to a trace, whose id is in its log lines. Spans are recorded only after
`install`. No attribute has an input value; of an error, a span has the name of its class alone.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from random import getrandbits
from typing import Final, TypeAlias

from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from domains.kernel.errors import DomainError

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
HEADER: Final = "traceparent"
MAX_STATEMENT: Final = 2_000
PROPAGATOR: Final = TraceContextTextMapPropagator()
NOTHING: Final = nullcontext(trace.INVALID_SPAN)
_OPERATION: Final = re.compile(r"\w+")
_TABLE: Final = re.compile(r'\b(?:from|into|update)\s+"?(\w+)', re.IGNORECASE)
_tracer: Tracer | None = None


def install(tracer: Tracer | None) -> None:
    """Record spans with this tracer; None records nothing."""
    global _tracer  # noqa: PLW0603 - one process has one tracer
    _tracer = tracer


def are_recorded() -> bool:
    """Whether this process records spans."""
    return _tracer is not None


def current() -> Span:
    """The current span; attributes of one that is not recorded are ignored."""
    return trace.get_current_span()


def trace_id() -> str | None:
    """The id of the current trace as 32 hexadecimal digits; None outside of one."""
    found = current().get_span_context()
    return trace.format_trace_id(found.trace_id) if found.is_valid else None


def traceparent() -> str | None:
    """The current trace context in the format of the header `traceparent`; None outside of a trace."""
    found = current().get_span_context()
    if not found.is_valid:
        return None
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"


def continued(parent: str | None) -> AbstractContextManager[Span]:
    """Run the body in the trace of a `traceparent`, without a span of its own.

    A missing or invalid one begins a new trace, which is not recorded.
    """
    return _Continued(_span_of(parent) or NonRecordingSpan(SpanContext(getrandbits(128), getrandbits(64), False)))


def entry(
    parent: str | None, name: str, kind: SpanKind, attributes: Attributes | None = None
) -> AbstractContextManager[Span]:
    """The first span of a process in the trace of a `traceparent`.

    Without a valid one it begins a new trace, and the sampler decides whether the trace is recorded.
    """
    if _tracer is None:
        return continued(parent)
    above = trace.set_span_in_context(_span_of(parent) or trace.INVALID_SPAN, context.Context())
    return _recorded(_tracer.start_span(name, context=above, kind=kind, attributes=attributes))


def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None
) -> AbstractContextManager[Span]:
    """A span below the current one; nothing when the trace is not recorded."""
    if _tracer is None or not current().get_span_context().trace_flags.sampled:
        return NOTHING
    return _recorded(_tracer.start_span(name, kind=kind, attributes=attributes))


def statement(sql: str) -> AbstractContextManager[Span]:
    """A span of one SQL statement, with its text. Values are parameters of statements and not part of the text."""
    if _tracer is None:
        return NOTHING
    attributes = {"db.system.name": "postgresql", "db.query.text": sql[:MAX_STATEMENT]}
    return span(statement_name(sql), SpanKind.CLIENT, attributes)


def record_error(error: BaseException) -> None:
    """Set the class of an error on the current span, which has failed unless the error is a refusal."""
    span = current()
    span.set_attribute("error.type", type(error).__name__)
    if isinstance(error, Exception) and not isinstance(error, DomainError):
        span.set_status(StatusCode.ERROR)


@lru_cache(maxsize=4_096)
def statement_name(sql: str) -> str:
    """The first word and the first table of a statement: `SELECT products`."""
    operation, table = _OPERATION.search(sql), _TABLE.search(sql)
    return " ".join(found for found in (operation and operation[0].upper(), table and table[1]) if found)


class _Continued(AbstractContextManager[Span]):
    """Makes a span the current one. Every request needs it, also where no spans are recorded, so it is cheap."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._token = context.attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(self, *_: object) -> None:
        context.detach(self._token)


@contextmanager
def _recorded(span: Span) -> Iterator[Span]:
    with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except BaseException as error:
            record_error(error)
            raise


def _span_of(parent: str | None) -> Span | None:
    """The remote span of a `traceparent`; None when it is missing or invalid."""
    if parent is None:
        return None
    found = trace.get_current_span(PROPAGATOR.extract({HEADER: parent}, context.Context()))
    return found if found.get_span_context().is_valid else None
