"""The connection to RabbitMQ: no event is lost or handled twice when it is cut or stalled, or a queue is deleted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from opentelemetry.trace import SpanKind

from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.domain import Subscription
from domains.kernel.events import EventQueue
from domains.kernel.monitoring import traces
from gateway.infra.rabbitmq import CALL_SECONDS, RabbitMQClient, connected
from gateway.messaging.broker import EXCHANGE, Broker
from gateway.messaging.consumers import Consumer
from gateway.messaging.delivery import BrokerDelivery
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.relay import Relay
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from tests.brokers import delete_queues
from tests.conditions import wait_until
from tests.gateway.messaging.samples import TOPIC, CountingHandler, cancelled, effects, measure, states
from tests.proxy import Proxy
from tests.spans import recording

pytestmark = [pytest.mark.rabbitmq, pytest.mark.usefixtures("empty_outbox")]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


class Worker:
    """A relay and a consumer that reach RabbitMQ through a proxy."""

    def __init__(self, handler: CountingHandler, broker: Broker, proxy: Proxy, url: str) -> None:
        self.handler, self.broker, self.proxy, self.url = handler, broker, proxy, url
        self.exchange = broker.name_of(EventQueue.PRODUCT).removesuffix(EventQueue.PRODUCT.value) + EXCHANGE


@pytest.fixture
async def worker(
    broker_url: str, database: Database, relay_pool: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Worker]:
    monkeypatch.setattr("gateway.messaging.relay.POLL_SECONDS", 0.05)
    monkeypatch.setattr("gateway.messaging.broker.MAX_PAUSE", 0.4)
    handler, namespace = CountingHandler(), f"test-{uuid4().hex}."
    emitter = EventEmitter(database, {TOPIC: 1})
    emitter.on(Subscription("sample.count", [TOPIC], handler), EventQueue.PRODUCT)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy.of(broker_url))
        consumer = Consumer(EventQueue.PRODUCT, emitter, relay_pool, SystemClock())
        broker = Broker(proxy.url, emitter, [consumer], namespace=namespace)
        names = [broker.name_of(queue) for queue in EventQueue]
        stack.push_async_callback(delete_queues, broker_url, names, [namespace + EXCHANGE])
        stack.push_async_callback(cancelled, asyncio.create_task(broker.run()))
        relay = Relay(relay_pool, BrokerDelivery(broker), batch=7)
        stack.push_async_callback(cancelled, asyncio.create_task(relay.run()))
        await asyncio.wait_for(broker.ready(), 15)
        yield Worker(handler, broker, proxy, broker_url)


async def exists(client: RabbitMQClient, queue: str) -> bool:
    try:
        await client.depth(queue)
    except LookupError:
        return False
    return True


async def is_drained(owner: Any, company: UUID, count: int) -> bool:
    return await effects(owner, company) >= count and set(await states(owner)) == {(True, False)}


async def test_cut_and_refused_connections_lose_and_repeat_no_event(
    database: Database, worker: Worker, owner: Any, company: UUID
) -> None:
    async def disturb() -> None:
        for _ in range(4):
            await asyncio.sleep(0.15)
            worker.proxy.cut()
        worker.proxy.refuse()
        await asyncio.sleep(0.5)
        worker.proxy.resume()

    disturbance = asyncio.create_task(disturb())
    samples = [await measure(database, company, *range(5)) for _ in range(30)]
    await disturbance
    await wait_until(lambda: is_drained(owner, company, 150), seconds=60)
    assert await effects(owner, company) == 150
    # A handler whose connection is cut while it commits has an effect, and is not recorded.
    handled = [worker.handler.of(sample) for sample in samples]
    assert handled == [sorted(set(values)) for values in handled]


async def test_a_stalled_connection_is_given_up_and_its_events_are_published_again(
    database: Database, worker: Worker, owner: Any, company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.infra.rabbitmq.CALL_SECONDS", 0.3)
    worker.proxy.stall()
    sample = await measure(database, company, 1, 2)
    await asyncio.sleep(0.5)
    assert set(await states(owner)) == {(False, False)}
    monkeypatch.setattr("gateway.infra.rabbitmq.CALL_SECONDS", CALL_SECONDS)
    worker.proxy.cut()
    await wait_until(lambda: is_drained(owner, company, 2), seconds=30)
    assert worker.handler.of(sample) == [1, 2]


async def test_the_metrics_report_the_connection_and_the_queues(
    worker: Worker, relay_pool: Any, metrics: Metrics
) -> None:
    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"commerce_{name}", labels)

    queue = worker.broker.name_of(EventQueue.PRODUCT)
    backlog = Backlog(relay_pool, SystemClock(), metrics, worker.broker)
    assert value("broker_connected") is None
    metrics.watch_broker(lambda: worker.broker.is_connected)
    await backlog.measure_queues(worker.broker)
    assert (value("broker_connected"), value("queue_messages", queue=queue)) == (1, 0)
    worker.proxy.refuse()
    worker.proxy.cut()
    await wait_until(lambda: value("broker_connected") == 0)
    await backlog.measure_queues(worker.broker)
    assert value("queue_messages", queue=queue) is None


@pytest.mark.parametrize("is_bound_to_another_queue", [False, True])
async def test_deleted_queues_are_declared_again(
    database: Database, worker: Worker, owner: Any, company: UUID, *, is_bound_to_another_queue: bool
) -> None:
    """Also when RabbitMQ does not return the next event, because another queue takes it."""
    product, debt = (worker.broker.name_of(queue) for queue in (EventQueue.PRODUCT, EventQueue.DEBT))
    async with connected(worker.url) as client:
        await client.create_exchange(worker.exchange)
        await client.create_queue(debt, worker.exchange, [TOPIC] if is_bound_to_another_queue else [])
        await delete_queues(worker.url, [product], [])
        await wait_until(lambda: exists(client, product))
    await asyncio.wait_for(worker.broker.ready(), 15)
    sample = await measure(database, company, 1, 2)
    await wait_until(lambda: is_drained(owner, company, 2), seconds=30)
    assert worker.handler.of(sample) == [1, 2]


async def test_the_handler_of_an_event_is_in_the_trace_that_emitted_it(
    database: Database, worker: Worker, owner: Any, company: UUID
) -> None:
    with recording() as spans:
        with traces.entry(None, "request", SpanKind.SERVER):
            trace_id = traces.trace_id()
            await measure(database, company, 1)
        await wait_until(lambda: is_drained(owner, company, 1), seconds=30)
        await wait_until(lambda: f"process {TOPIC}" in {span.name for span in spans.get_finished_spans()})
    named = {span.name: span for span in spans.get_finished_spans() if f"{span.context.trace_id:032x}" == trace_id}
    published, processed, handled = (named[name] for name in (f"publish {TOPIC}", f"process {TOPIC}", "sample.count"))
    assert (published.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert processed.parent is not None
    assert processed.parent.span_id == published.context.span_id
    assert handled.parent == processed.context


async def test_an_event_without_a_handler_is_published_without_a_queue(
    database: Database, worker: Worker, owner: Any, company: UUID
) -> None:
    worker.proxy.refuse()
    worker.proxy.cut()
    await wait_until(lambda: not worker.broker.is_connected)
    await measure(database, company, 1)
    await owner.execute("update outbox_events set topic = 'sample.weighed' where topic = $1", TOPIC)
    worker.proxy.resume()
    await wait_until(lambda: is_drained(owner, company, 0), seconds=30)
    assert (worker.handler.values, await states(owner)) == ([], [(True, False)])
