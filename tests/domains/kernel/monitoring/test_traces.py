"""Spans show statements without values and errors without messages; a trace continues from a `traceparent`."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.monitoring import traces
from tests.gateway.messaging.samples import measure
from tests.spans import recording

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
UNRECORDED = f"00-{TRACE}-b7ad6b7169203331-00"
STORED = "select traceparent from outbox_events where company_id = $1"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with recording() as exporter:
        yield exporter


@pytest.fixture
def no_spans() -> Iterator[InMemorySpanExporter]:
    with recording(0) as exporter:
        yield exporter


def trace_of(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


async def test_statements_of_a_transaction_are_spans_below_it(
    database: Database, actor: Actor, spans: InMemorySpanExporter
) -> None:
    with traces.entry(PARENT, "request", SpanKind.SERVER):
        async with database.transaction(actor) as tx:
            await tx.fetch_value("select name from companies where id = $1", actor.company_id)
        await database.reader(actor.company_id).fetch("select 1")
    statement, transaction, read, request = spans.get_finished_spans()
    assert [span.name for span in (statement, transaction, read)] == ["SELECT companies", "transaction", "SELECT"]
    assert {trace_of(span) for span in (statement, transaction, read, request)} == {TRACE}
    assert statement.parent == transaction.context
    assert transaction.parent == read.parent == request.context
    assert dict(statement.attributes or {}) == {
        "db.system.name": "postgresql",
        "db.query.text": "select name from companies where id = $1",
    }


async def test_an_error_is_named_by_its_class_alone(database: Database, spans: InMemorySpanExporter) -> None:
    reader = database.reader(None)
    with traces.entry(None, "request", SpanKind.SERVER), pytest.raises(asyncpg.DataError):
        await reader.fetch_value("select $1::text::integer", "vera@example.com")
    with traces.entry(None, "refused", SpanKind.SERVER), pytest.raises(InvalidInput), traces.span("rule"):
        raise InvalidInput("vera@example.com is taken")
    failed, _, refused, _ = spans.get_finished_spans()
    assert (failed.attributes or {})["error.type"] == "InvalidTextRepresentationError"
    assert (refused.attributes or {})["error.type"] == "InvalidInput"
    assert [span.status.status_code for span in (failed, refused)] == [StatusCode.ERROR, StatusCode.UNSET]
    assert "vera" not in "".join(span.to_json() for span in spans.get_finished_spans())


async def test_events_carry_the_trace_in_which_they_were_emitted(
    database: Database, company: UUID, owner: Any, spans: InMemorySpanExporter
) -> None:
    with traces.entry(PARENT, "request", SpanKind.SERVER):
        await measure(database, company, 1)
    (transaction,) = [span for span in spans.get_finished_spans() if span.name == "transaction"]
    stored = await owner.fetchval(STORED, company)
    assert stored == f"00-{TRACE}-{transaction.context.span_id:016x}-01"


async def test_a_trace_continues_where_no_spans_are_recorded(database: Database, company: UUID, owner: Any) -> None:
    with traces.entry(PARENT, "request", SpanKind.SERVER):
        assert traces.trace_id() == TRACE
        await measure(database, company, 1)
    assert await owner.fetchval(STORED, company) == PARENT


@pytest.mark.parametrize("parent", [None, "", "00-1-2-03", "vera@example.com", f"00-{'0' * 32}-b7ad6b7169203331-01"])
async def test_without_a_valid_traceparent_a_new_trace_begins(
    database: Database, company: UUID, owner: Any, parent: str | None
) -> None:
    with traces.entry(parent, "request", SpanKind.SERVER):
        trace_id = traces.trace_id() or ""
        await measure(database, company, 1)
    assert len(trace_id) == 32
    assert trace_id in await owner.fetchval(STORED, company)
    assert traces.trace_id() is None


async def test_outside_of_a_trace_events_carry_none(database: Database, company: UUID, owner: Any) -> None:
    await measure(database, company, 1)
    assert await owner.fetchval(STORED, company) is None


async def test_the_outbox_takes_only_valid_trace_contexts(owner: Any, company: UUID) -> None:
    insert = """insert into outbox_events (id, topic, aggregate_id, payload, actor_kind, traceparent)
      values ($1, 'sample.measured', $1, '{}', 'SYSTEM', 'vera@example.com')"""
    with pytest.raises(asyncpg.CheckViolationError, match="outbox_events_traceparent_format"):
        await owner.execute(insert, company)


@pytest.mark.parametrize(("parent", "recorded"), [(None, 0), (UNRECORDED, 0), (PARENT, 3)])
async def test_the_sampler_decides_on_new_traces_and_callers_on_theirs(
    database: Database, actor: Actor, no_spans: InMemorySpanExporter, parent: str | None, recorded: int
) -> None:
    async def work(tx: Tx) -> None:
        await tx.fetch_value("select 1")

    with traces.entry(parent, "request", SpanKind.SERVER):
        await database.run(work, actor)
    assert len(no_spans.get_finished_spans()) == recorded


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ('SELECT "id" FROM "products" WHERE true', "SELECT products"),
        ("\n  insert into outbox_events (id) values ($1)", "INSERT outbox_events"),
        ("update orders set note = $1", "UPDATE orders"),
        ("with moved as (update stock set a = 1 returning *) select * from moved", "WITH stock"),
        ("select 1", "SELECT"),
        ("", ""),
    ],
)
def test_a_statement_is_named_by_its_operation_and_table(sql: str, name: str) -> None:
    assert traces.statement_name(sql) == name
