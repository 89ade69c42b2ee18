"""Lines about events and jobs have their ids, and slow work is logged with its statements."""

import os
import pty
import subprocess
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.trace import SpanKind
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from domains.kernel.monitoring import traces
from gateway.messaging.delivery import InProcessDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import SLOW_JOB, Jobs, ScheduledJob
from gateway.messaging.relay import Relay
from gateway.monitoring.slow import timed
from tests.gateway.messaging.samples import TOPIC, CountingHandler, measure
from tests.spans import recording

NEVER = timedelta(hours=1)
WRITING = r"""
import structlog
from gateway import logs
logs.configure("info")
try:
    raise ValueError("\x1b[8m")
except ValueError:
    structlog.get_logger("writing").exception("fault", path="/\x1b[2J")
"""


def emitter_of(database: Database, handler: CountingHandler, slow: int) -> EventEmitter:
    emitter = EventEmitter(database, {TOPIC: 1}, slow=slow)
    emitter.on(Subscription("sample.count", [TOPIC], handler), EventQueue.PRODUCT)
    return emitter


@pytest.mark.usefixtures("empty_outbox")
@pytest.mark.parametrize("fails", [False, True])
async def test_lines_about_an_event_have_its_ids(
    database: Database, relay_pool: Any, owner: Any, company: UUID, *, fails: bool
) -> None:
    handler = CountingHandler()
    handler.failures = int(fails)
    relay = Relay(relay_pool, InProcessDelivery(emitter_of(database, handler, slow=0)))
    await measure(database, company, 1)
    event_id = await owner.fetchval("select id::text from outbox_events")
    with capture_logs([merge_contextvars]) as lines:
        assert await relay.deliver_batch() == 1
    slow, *others = lines
    ids = {"event_id": event_id, "topic": TOPIC, "company": str(company), "user": None}
    assert [line["event"] for line in lines] == ["slow handler", *["event not handled"] * fails]
    assert all(line.items() >= ids.items() for line in lines)
    assert (slow["handler"], slow["statements"], len(others)) == ("sample.count", 2, int(fails))


async def test_a_failed_job_is_a_failed_span_and_its_lines_have_its_name(
    relay_pool: Any, database: Database, clock: FixedClock
) -> None:
    async def fail() -> None:
        await database.reader(None).fetch("select 1")
        raise ZeroDivisionError("of vera@example.com")

    job = ScheduledJob("observed badly", NEVER, fail)
    with recording() as spans, capture_logs([merge_contextvars]) as lines:
        await Jobs(relay_pool, [], clock, slow=0).run_now(job)
    statement, span = spans.get_finished_spans()
    assert (span.name, span.kind, span.status.is_ok) == ("job observed badly", SpanKind.INTERNAL, False)
    assert dict(span.attributes or {}) == {"error.type": "ZeroDivisionError"}
    assert (statement.parent, statement.name) == (span.context, "SELECT")
    assert [(line["event"], line["job"]) for line in lines] == [
        ("job failed", "observed badly"),
        ("slow job", "observed badly"),
    ]
    assert lines[1]["statements"] == 1


async def test_a_job_may_take_ten_times_as_long_as_an_operation(relay_pool: Any) -> None:
    assert Jobs(relay_pool, [], SystemClock(), slow=70)._slow == 70 * SLOW_JOB == 700


def test_lines_on_a_terminal_cannot_control_it() -> None:
    ours, theirs = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", WRITING], stderr=theirs, check=True)
        shown = os.read(ours, 4096).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert r"/\x1b[2J" in shown
    assert "\x1b[2J" not in shown
    assert "Traceback (most recent call last):\r\n" in shown
    assert r"ValueError: \x1b[8m" in shown


def test_work_within_the_limit_is_not_logged() -> None:
    with capture_logs() as lines, timed("slow work", 60_000):
        pass
    assert lines == []


def test_failed_work_above_the_limit_is_logged() -> None:
    with capture_logs() as lines, pytest.raises(ZeroDivisionError), timed("slow work", -1):
        raise ZeroDivisionError
    assert [(line["event"], line["log_level"]) for line in lines] == [("slow work", "warning")]


def test_the_trace_of_a_line_is_the_current_one() -> None:
    with traces.continued("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        assert traces.trace_id() == "0af7651916cd43dd8448eb211c80319c"
    assert traces.trace_id() is None
