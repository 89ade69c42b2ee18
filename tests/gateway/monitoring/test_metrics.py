"""Metrics count requests, events, jobs and what waits, by labels that no client chooses."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import UUID

import httpx
import pytest
import yaml
from prometheus_client import generate_latest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from gateway.app import create_app
from gateway.http.settings import HttpSettings
from gateway.messaging.delivery import InProcessDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.messaging.relay import Relay
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics, served
from tests.gateway.messaging.samples import TOPIC, CountingHandler, measure
from tests.gateway.site import Site
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
DASHBOARDS = [*(ROOT / "deploy").rglob("*.json"), ROOT / "deploy" / "prometheus" / "alerts.yml"]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"commerce_{name}", labels)


async def test_requests_are_counted_by_root_field_and_outcome(site: Site, metrics: Metrics) -> None:
    app = create_app(site.api, HttpSettings(access_log=False), metrics=metrics)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:
        for document in ("query Mine { products { totalCount } }", "{ nothing }", "{ __typename }"):
            await client.post("/graphql", json={"query": document})
        await client.get("/healthz")
    assert value(metrics, "requests_total", operation="products", outcome="ok") == 1
    assert value(metrics, "requests_total", operation="other", outcome="errors") == 1
    assert value(metrics, "request_statements_bucket", type="query", le="0.0") == 1
    assert value(metrics, "request_seconds_count", type="query") == 2
    assert b"Mine" not in generate_latest(metrics.registry)


@pytest.mark.usefixtures("empty_outbox")
async def test_events_and_what_waits_are_counted(
    pool: Any, relay_pool: Any, metrics: Metrics, clock: FixedClock, company: UUID
) -> None:
    handler, database = CountingHandler(), Database(pool, clock)
    emitter = EventEmitter(database, {TOPIC: 1}, metrics)
    emitter.on(Subscription("sample.count", [TOPIC], handler), EventQueue.PRODUCT)
    backlog = Backlog(relay_pool, clock, metrics)
    await measure(database, company, 1, 2)
    await backlog.measure()
    assert value(metrics, "outbox_pending") == 2
    assert (value(metrics, "outbox_lag_seconds") or 0) > 0
    handler.failures = 1
    relay = Relay(relay_pool, InProcessDelivery(emitter))
    await relay.deliver_batch()
    assert value(metrics, "events_handled_total", handler="sample.count", result="failed") == 1
    assert value(metrics, "outbox_dead_letters") == 0


async def test_runs_of_jobs_are_counted(relay_pool: Any, metrics: Metrics, clock: FixedClock) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    async def succeed() -> None:
        await asyncio.sleep(0)

    jobs = Jobs(relay_pool, [], clock, metrics)
    await jobs.run_now(ScheduledJob("measured well", timedelta(hours=1), succeed))
    await jobs.run_now(ScheduledJob("measured badly", timedelta(hours=1), fail))
    assert value(metrics, "job_runs_total", job="measured well", result="ok") == 1
    assert value(metrics, "job_runs_total", job="measured badly", result="failed") == 1
    assert value(metrics, "job_last_success_timestamp_seconds", job="measured well") == clock.now().timestamp()
    assert value(metrics, "job_last_success_timestamp_seconds", job="measured badly") is None


def test_metrics_are_served_on_a_port_until_the_end(metrics: Metrics) -> None:
    port = free_port()
    with served(metrics, "127.0.0.1", port):
        body = urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    assert "# HELP commerce_outbox_pending" in body
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)


async def test_the_connections_of_a_pool_are_reported(metrics: Metrics, pool: Any) -> None:
    metrics.watch_pool("gateway", pool)
    assert value(metrics, "gateway_connections", state="most") == pool.get_max_size()


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.name)
def test_every_metric_of_dashboards_and_alerts_exists(file: Path, metrics: Metrics, pool: Any) -> None:
    metrics.watch_pool("gateway", pool)
    known = {family.name for family in metrics.registry.collect()}
    named = set(re.findall(r"commerce_\w+", file.read_text()))
    assert named
    assert {name for name in named if re.sub(r"_(total|bucket|sum|count)$", "", name) not in known | {name}} == set()
    assert {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in named} <= known


def test_each_alert_is_described_in_the_operations_manual() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    manual = (ROOT / "docs" / "operations.md").read_text()
    assert [rule["alert"] for rule in rules if f"| `{rule['alert']}` |" not in manual] == []
