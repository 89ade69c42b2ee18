"""`commerce worker` reports its work, and ends with an error when a part ends, so that it is started again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domains.kernel.events import EventQueue
from gateway.commands import worker
from gateway.messaging.background import BackgroundWork
from gateway.messaging.broker import EXCHANGE
from gateway.settings import load
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.faults.processes import Processes
from tests.ports import free_port


@asynccontextmanager
async def without_relay(*_: object) -> AsyncIterator[Any]:
    """A platform whose relay ends at once."""

    async def relay() -> None:
        return

    async with BackgroundWork({"relay": relay}) as background:
        yield SimpleNamespace(background=background)


@pytest.fixture
async def metrics_of_worker(admin_url: str, broker_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of the metrics of a worker with RabbitMQ."""
    namespace, port = f"test-{uuid4().hex}.", free_port()
    settings = {
        "DATABASE_URL": admin_url,
        "COMMERCE_HOME": str(tmp_path),
        "RABBITMQ_URL": broker_url,
        "RABBITMQ_NAMESPACE": namespace,
        "METRICS_PORT": str(port),
    }
    processes = Processes(settings, tmp_path)
    try:
        await processes.worker().start()
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        processes.close()
        await delete_queues(broker_url, [namespace + queue.value for queue in EventQueue], [namespace + EXCHANGE])


@pytest.mark.rabbitmq
async def test_a_worker_reports_its_broker_queues_jobs_and_pool(metrics_of_worker: str) -> None:
    found: dict[tuple[str, str | None], float] = {}

    async def is_measured() -> bool:
        async with httpx.AsyncClient() as client:
            families = text_string_to_metric_families((await client.get(metrics_of_worker)).text)
        labelled = (
            (each, each.labels.get("job") or each.labels.get("state")) for one in families for each in one.samples
        )
        found.update({(sample.name, label): sample.value for sample, label in labelled})
        return found["commerce_broker_connected", None] == 1 and ("commerce_queue_messages", None) in found

    await wait_until(is_measured, seconds=30)
    assert found["commerce_messages_refused_total", None] == 0
    assert found["commerce_job_interval_seconds", "delete delivered events"] == 3_600
    assert ("commerce_job_started_timestamp_seconds", "delete delivered events") in found
    assert found["commerce_backlog_measured_timestamp_seconds", None] > 1_700_000_000
    assert found["commerce_gateway_connections", "most_for_writes"] == 7


def test_a_worker_whose_work_ends_exits_with_1_and_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], admin_url: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "running", without_relay)
    monkeypatch.setattr("gateway.logs.configure", lambda _level: None)
    settings = load({}, commerce_home=tmp_path, database_url=admin_url)
    assert worker.run(settings) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "relay ended. Restart this process."
