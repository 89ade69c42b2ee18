"""Checks of RabbitMQ and Redis. No result shows the user or the password of a URL."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from domains.kernel.events import EventQueue
from domains.kernel.ports import CacheUnavailable
from gateway.commands.checks.results import CheckResult
from gateway.infra.postgres import server_of
from gateway.infra.rabbitmq import DEAD_LETTERS_SUFFIX, BrokerUnavailable, connected
from gateway.infra.redis import RedisClient

POLICY: Final = "volatile-lru"


async def check_broker(url: str, namespace: str) -> AsyncIterator[CheckResult]:
    """Whether RabbitMQ answers and has all queues, and whether dead letters wait."""
    subject = f"RabbitMQ at {server_of(url)} answers and has the queues"
    try:
        depths = await _depths(url, namespace)
    except BrokerUnavailable as error:
        yield CheckResult(subject, passed=False, advice=str(error))
        return
    missing = [name for name, depth in depths.items() if depth is None]
    advice = ["`commerce worker` declares queues when it starts. Missing:", *missing]
    yield CheckResult(subject, not missing, "\n".join(advice) if missing else "")
    dead = [f"{name}: {depth}" for name, depth in depths.items() if depth and name.endswith(DEAD_LETTERS_SUFFIX)]
    advice = ["`commerce events dead-letters` lists them; `--replay` or `--discard` empties the queues:", *dead]
    yield CheckResult("No dead letter waits in RabbitMQ", not dead, "\n".join(advice) if dead else "")


async def _depths(url: str, namespace: str) -> Mapping[str, int | None]:
    """The messages in each queue and dead-letter queue; None for one that does not exist."""
    names = [namespace + queue.value + suffix for queue in EventQueue for suffix in ("", DEAD_LETTERS_SUFFIX)]
    found: dict[str, int | None] = dict.fromkeys(names)
    async with connected(url) as client:
        for name in names:
            try:
                found[name] = await client.depth(name)
            except LookupError:
                continue
    return found


async def check_redis(url: str, namespace: str) -> CheckResult:
    """Whether Redis answers, and makes room instead of refusing writes when its memory is full."""
    subject = f"Redis at {server_of(url)} answers"
    async with RedisClient.connected(url, namespace) as client:
        try:
            await client.ping()
        except CacheUnavailable as error:
            advice = (
                f"{error}. Start it, or correct REDIS_URL. Each server process counts limits by itself meanwhile."
            )
            return CheckResult(subject, passed=False, advice=advice)
        try:
            maximum, policy = await client.memory_limit()
        except CacheUnavailable:
            return CheckResult(subject, passed=True, advice="Its memory was not checked: INFO is not allowed.")
    if not maximum:
        advice = f"maxmemory is not set: Redis may take all memory. Set it, and maxmemory-policy {POLICY}."
        return CheckResult(subject, passed=True, advice=advice)
    if policy == "noeviction":
        advice = f"maxmemory-policy is noeviction: Redis refuses writes when its memory is full. Set {POLICY}."
        return CheckResult(subject, passed=False, advice=advice)
    return CheckResult(subject, passed=True)
