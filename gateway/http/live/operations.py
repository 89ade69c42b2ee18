"""The operations of a WebSocket: each runs in a task, under the id that the client chose."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.shared import Answer
from gateway.http.body import parse_payload
from gateway.http.live import messages
from gateway.http.live.answers import answers, is_refusal, refusal, result_of
from gateway.http.live.clients import Client, Gone
from gateway.http.live.closings import FAULT, SLOW
from gateway.http.live.messages import Subscribe
from gateway.live.hub import SubscriberTooSlow
from gateway.live.sessions import Session
from gateway.monitoring.requests import Observation
from gateway.request_log import RequestLog

log = structlog.get_logger("gateway.http")
RESUME_SECONDS: Final = 10.0
"""For how long after `connection_ack` subscriptions resume after the event id of `connection_init`."""


@dataclass(eq=False, slots=True)
class Operation:
    """An operation that runs. The results of an unheard one are not sent."""

    id: str
    log: RequestLog = field(default_factory=RequestLog)
    is_unheard: bool = False
    task: "asyncio.Task[None] | None" = None

    def is_a(self, kind: str) -> bool:
        """Whether it is known to be a `query`, a `mutation` or a `subscription`."""
        return self.log.operation is not None and self.log.operation.type == kind

    def stop(self) -> None:
        """Send no more of it. A mutation runs to its end, as it does for a client of HTTP that has gone."""
        self.is_unheard = True
        if self.task is not None and not self.is_a("mutation"):
            self.task.cancel()


class Operations:
    """The operations of a client with a session."""

    def __init__(self, client: Client, session: Session, resumed: str | None) -> None:
        self._client = client
        self._session = session
        self._resumed = resumed
        self._began = asyncio.get_running_loop().time()
        self._by_id: dict[str, Operation] = {}
        self._running: set[Operation] = set()

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._by_id

    async def start(self, message: Subscribe) -> None:
        """Begin an operation whose id is not in use; above a limit the client gets an error instead. Raises Gone."""
        try:
            self._hold(message.size)
        except RequestRefused as refused:
            with self._client.observed() as observation:
                observation.status = refused.status
                await self._send_errors(message.id, refusal(refused, self._client.request.request_id))
            return
        operation = Operation(message.id)
        self._by_id[message.id] = operation
        self._running.add(operation)
        task = operation.task = asyncio.create_task(self._run(operation, message), name="live operation")
        task.add_done_callback(lambda _: self._end(operation, message.size))

    def complete(self, operation_id: str) -> None:
        """The client wants no more of an operation; its id may be used again."""
        operation = self._by_id.pop(operation_id, None)
        if operation is not None:
            operation.stop()

    async def finish(self) -> None:
        """End the subscriptions, and wait until the queries and mutations that run are answered."""
        for operation in self._running:
            if not (operation.is_a("query") or operation.is_a("mutation")):
                operation.stop()
        await self._wait()

    async def stop(self) -> None:
        """Stop all operations, and wait until their mutations have ended."""
        for operation in self._running:
            operation.stop()
        await self._wait()

    def cancel(self) -> None:
        """Cancel all operations at once, mutations too."""
        for operation in self._running:
            if operation.task is not None:
                operation.task.cancel()

    async def _wait(self) -> None:
        if tasks := [operation.task for operation in self._running if operation.task is not None]:
            await asyncio.wait(tasks)

    def _hold(self, octets: int) -> None:
        """Count one more operation of this size. Raises RequestRefused."""
        maximum = self._client.live.settings.max_subscriptions_per_connection
        if len(self._running) >= maximum:
            limit, message = (
                "MAX_SUBSCRIPTIONS_PER_CONNECTION",
                f"At most {maximum} operations may run on a connection.",
            )
            raise RequestRefused("LIMIT_EXCEEDED", f"{message} Complete one first.", limit=limit, maximum=maximum)
        self._client.place.hold(octets)

    def _end(self, operation: Operation, octets: int) -> None:
        self._forget(operation)
        self._running.discard(operation)
        self._client.place.let_go(octets)

    async def _run(self, operation: Operation, message: Subscribe) -> None:
        try:
            with self._client.observed() as observation:
                operation.log = observation.log
                await self._answer(operation, message, observation)
        except SubscriberTooSlow:
            self._client.live.count_too_slow()
            self._client.socket.end(SLOW)
        except Gone:
            pass
        except Exception:
            log.exception("fault", request_id=self._client.request.request_id)
            self._client.socket.end(FAULT)

    async def _answer(self, operation: Operation, message: Subscribe, observation: Observation) -> None:
        """Send the results of an operation, then that it is complete, or its errors."""
        request_id, live = self._client.request.request_id, self._client.live
        try:
            request = parse_payload(message.payload)
            if live.limits is not None:
                live.limits.check_read(self._client.request.ip)
        except RequestRefused as refused:
            observation.status = refused.status
            await self._send_refusal(operation, refusal(refused, request_id))
            return
        results = answers(self._session, request, live.limits, self._after(request), request_id)
        async with aclosing(results):
            async for answer in results:
                observation.status = answer.status
                if operation.is_unheard:
                    return
                if is_refusal(answer):
                    await self._send_refusal(operation, answer)
                    return
                await self._client.socket.send(messages.next_result(operation.id, result_of(answer)))
                live.count_sent(answer)
        has_more = self._session.ended.done() and operation.is_a("subscription")
        if not operation.is_unheard and not has_more:
            self._forget(operation)
            await self._client.socket.send(messages.complete(operation.id))

    def _after(self, request: GraphQLRequest) -> str | None:
        """The event after which a subscription resumes."""
        is_early = asyncio.get_running_loop().time() - self._began <= RESUME_SECONDS
        return request.last_event_id or (self._resumed if is_early else None)

    async def _send_refusal(self, operation: Operation, answer: Answer) -> None:
        self._forget(operation)
        await self._send_errors(operation.id, answer)

    async def _send_errors(self, operation_id: str, answer: Answer) -> None:
        await self._client.socket.send(messages.error(operation_id, answer.body["errors"]))

    def _forget(self, operation: Operation) -> None:
        """Let the client use the id again, before it learns that the operation is complete."""
        if self._by_id.get(operation.id) is operation:
            del self._by_id[operation.id]
