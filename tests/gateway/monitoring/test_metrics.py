"""Metrics count requests, events, jobs and what waits, by labels that no client chooses."""

import asyncio
import json
import re
import socket
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import UUID

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.samples import Sample
from structlog.testing import capture_logs

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from gateway.answers.cache import AnswerCache
from gateway.app import create_app
from gateway.http.connections import PROBE_PATHS
from gateway.http.live.connections import LiveConnections
from gateway.http.settings import HttpSettings
from gateway.messaging.delivery import InProcessDelivery
from gateway.messaging.event_emitter import SYSTEM_ID, EventEmitter
from gateway.messaging.jobs import Jobs, ScheduledJob
from gateway.messaging.relay import Relay
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.live import LiveMetrics
from gateway.monitoring.metrics import Metrics, MetricsNotServed, served
from gateway.monitoring.requests import PROBE, ROUTE, Requests, observed
from gateway.request_log import Operation
from gateway.server import file_routes
from tests.gateway.conftest import client_of
from tests.gateway.messaging.samples import TOPIC, CountingHandler, measure
from tests.gateway.site import Site
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
ALERTS, DASHBOARD = ROOT / "deploy" / "prometheus" / "alerts.yml", ROOT / "deploy" / "grafana" / "commerce.json"
SUFFIX = re.compile(r"_(total|bucket|sum|count)$")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"commerce_{name}", labels)


def samples(metrics: Metrics, name: str) -> list[Sample]:
    families = metrics.registry.collect()
    return [each for family in families for each in family.samples if each.name == f"commerce_{name}"]


async def test_requests_are_counted_by_root_field_and_outcome(site: Site, metrics: Metrics) -> None:
    app = create_app(site.api, HttpSettings(access_log=False), metrics=metrics)
    async with client_of(app) as client:
        for document in ("query Mine { products { totalCount } }", "{ nothing }", "{ __typename }"):
            await client.post("/graphql", json={"query": document})
        await client.get("/healthz")
    assert value(metrics, "requests_total", operation="products", outcome="ok") == 1
    assert value(metrics, "requests_total", operation="other", outcome="errors") == 1
    assert value(metrics, "request_statements_bucket", type="query", le="0.0") == 1
    assert value(metrics, "request_seconds_count", type="query") == 2
    assert b"Mine" not in generate_latest(metrics.registry)


@pytest.mark.parametrize(
    "document",
    [
        "{ ...F } fragment F on Query { products { totalCount } }",
        "{ ... on Query { ... { products { totalCount } } } cart { id } }",
        "{ __typename any: products { totalCount } ...F } fragment F on Query { cart { id } }",
    ],
)
async def test_a_root_field_in_a_fragment_names_the_operation(site: Site, metrics: Metrics, document: str) -> None:
    app = create_app(site.api, HttpSettings(access_log=False), metrics=metrics)
    async with client_of(app) as client:
        assert "errors" not in (await client.post("/graphql", json={"query": document})).json()
    (counted,) = [each.labels for each in samples(metrics, "requests_total")]
    assert counted == {"operation": "products", "outcome": "ok"}


async def test_other_requests_are_counted_by_their_route_and_unknown_paths_together(
    site: Site, metrics: Metrics
) -> None:
    routes = file_routes(site.api, site.services, site.database, HttpSettings())
    app = create_app(site.api, HttpSettings(access_log=False), metrics=metrics, routes=routes)
    async with client_of(app) as client:
        for path in ("/healthz", "/readyz", "/", "/export/orders.csv", "/nothing/a", "/nothing/b", "/graphql"):
            await client.get(path)
        await client.request("BREW", "/export/orders.csv")
    counted = {each.labels["operation"]: each.value for each in samples(metrics, "requests_total")}
    assert counted == {"/healthz": 1, "/readyz": 1, "/": 1, "/export/orders.csv": 2, "other": 3}
    types = {each.labels["type"]: each.value for each in samples(metrics, "request_seconds_count")}
    assert types == {"probe": 2, "route": 3, "other": 3}


@pytest.mark.parametrize(("kind", "timed"), [("query", 1.0), ("subscription", None)])
def test_the_duration_of_a_subscription_is_neither_measured_nor_slow(
    metrics: Metrics, kind: str, timed: float | None
) -> None:
    with capture_logs() as lines, observed("request-1", "WEBSOCKET", None) as request:
        request.log.operation = Operation(None, kind, ("productChanged",))
        request.started -= 3600
        Requests(1_000, metrics).finished(request)
    assert value(metrics, "requests_total", operation="productChanged", outcome="ok") == 1
    assert value(metrics, "request_seconds_count", type=kind) == timed
    assert value(metrics, "operation_seconds_count", operation="productChanged") == timed
    assert len(lines) == (1 if timed else 0)


async def test_time_and_statements_are_measured_by_operation(site: Site, metrics: Metrics) -> None:
    app = create_app(site.api, HttpSettings(access_log=False), metrics=metrics)
    async with client_of(app) as client:
        for document in ("{ products { totalCount } }", "{ products { nodes { id } } categoryTree { id } }"):
            await client.post("/graphql", json={"query": document})
    assert value(metrics, "operation_seconds_count", operation="products") == 2
    assert (value(metrics, "operation_seconds_sum", operation="products") or 0) > 0
    statements = value(metrics, "operation_statements_sum", operation="products")
    assert statements == value(metrics, "request_statements_sum", type="query")
    assert (statements or 0) >= 3


async def test_limits_of_graphql_and_of_attempts_are_counted(site: Site, metrics: Metrics) -> None:
    app = create_app(site.api, HttpSettings(access_log=False, max_body=1_000), metrics=metrics)
    wrong = 'mutation { login(input: {email: "a@example.com", password: "wrong horse"}) { errors { code } } }'
    aliases = "{ " + " ".join(f"a{number}: __typename" for number in range(60)) + " }"
    async with client_of(app) as client:
        for document in (aliases, "{ __typename } #" + "x" * 1_000, *[wrong] * 8):
            await client.post("/graphql", json={"query": document})
    counted = {each.labels["code"]: each.value for each in samples(metrics, "limits_hit_total")}
    assert counted == {"LIMIT_EXCEEDED": 1, "PAYLOAD_TOO_LARGE": 1, "ACCOUNT_LOCKED": 4}


@pytest.mark.usefixtures("empty_outbox")
async def test_events_and_what_waits_are_counted(
    pool: Any, relay_pool: Any, metrics: Metrics, clock: FixedClock, company: UUID
) -> None:
    handler, database = CountingHandler(), Database(pool, clock)
    emitter = EventEmitter(database, {TOPIC: 1}, metrics)
    emitter.on(Subscription("sample.count", [TOPIC], handler), EventQueue.PRODUCT)
    backlog = Backlog(relay_pool, clock, metrics)
    await measure(database, company, 1, 2)
    await backlog.measure_database()
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

    later = ScheduledJob("measured later", timedelta(hours=1), succeed)
    jobs = Jobs(relay_pool, [later], clock, metrics)
    await jobs.run_now(ScheduledJob("measured well", timedelta(hours=1), succeed))
    await jobs.run_now(ScheduledJob("measured badly", timedelta(hours=1), fail))
    assert value(metrics, "job_runs_total", job="measured well", result="ok") == 1
    assert value(metrics, "job_runs_total", job="measured later", result="failed") == 0
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


def test_a_port_of_metrics_that_is_in_use_is_named(metrics: Metrics) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = rf"on 127.0.0.1:{port} \(Address already in use\). Set METRICS_PORT"
        with pytest.raises(MetricsNotServed, match=message), served(metrics, "127.0.0.1", port):
            pass


async def test_the_connections_of_a_pool_are_reported(metrics: Metrics, pool: Any, database: Database) -> None:
    metrics.watch_pool("gateway", pool, database.write_connections)
    async with AsyncExitStack() as stack:
        for _ in range(database.write_connections):
            await stack.enter_async_context(database.transaction(Actor.system(SYSTEM_ID)))
        used, most = (value(metrics, "gateway_connections", state=state) for state in ("used", "most_for_writes"))
    assert used == most == database.write_connections < pool.get_max_size()
    assert value(metrics, "gateway_connections", state="most") == pool.get_max_size()


def watch_all(metrics: Metrics, pool: Any) -> None:
    metrics.watch_pool("gateway", pool)
    metrics.watch_pool("relay", pool)
    metrics.watch_answers(AnswerCache(SystemClock()))
    metrics.watch_broker(lambda: True)
    LiveMetrics(metrics, SystemClock()).watch(LiveConnections(HttpSettings()))


@pytest.mark.parametrize("file", [DASHBOARD, ALERTS], ids=lambda file: file.name)
def test_every_metric_of_dashboards_and_alerts_exists(file: Path, metrics: Metrics, pool: Any) -> None:
    watch_all(metrics, pool)
    known = {family.name for family in metrics.registry.collect()}
    named = set(re.findall(r"commerce_\w+", file.read_text()))
    assert named
    assert {SUFFIX.sub("", name) for name in named} - known == set()


def test_every_metric_is_on_the_dashboard(metrics: Metrics, pool: Any) -> None:
    watch_all(metrics, pool)
    shown = {SUFFIX.sub("", name) for name in re.findall(r"commerce_\w+", DASHBOARD.read_text())}
    known = {family.name for family in metrics.registry.collect() if family.name.startswith("commerce_")}
    assert known - shown == set()


def test_alerts_on_requests_leave_out_probes_and_files() -> None:
    alerts = ALERTS.read_text()
    assert set(re.findall(r"operation!~\"(.*?)\"", alerts)) == {"|".join(sorted(PROBE_PATHS))}
    assert re.findall(r"type!~\"(.*?)\"", alerts) == [f"{PROBE}|{ROUTE}"]


def test_each_panel_of_the_dashboard_has_a_place_and_queries_of_its_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len({*places}) == len({panel["id"] for panel in panels}) == len(panels)
    assert all(len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) for panel in panels)


def test_the_operations_manual_describes_exactly_the_alerts() -> None:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    table = (ROOT / "docs" / "operations.md").read_text().partition("| alert | what to do |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \| \S", table, re.MULTILINE) == [rule["alert"] for rule in rules]
