"""Subscriptions: the admission of an actor to a room, and one execution of the plan for each event in it."""

from dataclasses import dataclass, replace
from typing import Final

from graphql import ExecutionResult, GraphQLError, located_error
from strawberry.types.field import StrawberryField

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.errors import NotFound, PermissionDenied, Unauthenticated
from gateway.answers.stored import AnswerKey
from gateway.graphql.core.context import Context
from gateway.graphql.core.errors import RequestRefused, cause_of, render_all
from gateway.graphql.core.fields import Subscribing
from gateway.graphql.engine.plan import BACKREF
from gateway.graphql.engine.prepared import PreparedOperation
from gateway.graphql.engine.shared import Answer
from gateway.infra.single_flight import SingleFlight
from gateway.live.channels import Room
from gateway.live.presence_store import PresenceRoom, Present
from gateway.live.stream import LiveEvent
from gateway.timeouts import within_time

FINAL: Final = (Unauthenticated, PermissionDenied, NotFound)  # no later event can be shown either


@dataclass(frozen=True, slots=True)
class EventResult:
    """What a subscriber gets for an event: nothing when it is not for this one; `is_last` ends the subscription."""

    answer: Answer | None
    is_last: bool = False


class LiveOperation:
    """A subscription with its variables, which is executed for each event on the same plan.

    Executions for guests are shared by identical subscriptions (the same `key`) whose field is the same for every
    guest.
    """

    def __init__(self, prepared: PreparedOperation, key: AnswerKey, results: SingleFlight[EventResult]) -> None:
        self._prepared = prepared
        self._results = results
        (self._field,) = prepared.plan.fields  # validation admits exactly one
        declared: StrawberryField = self._field.definition.extensions[BACKREF]
        self._digest = key.digest() if declared.metadata["is_shared"] else None
        self._subscribing = Subscribing()

    @property
    def is_viewing(self) -> bool:
        """Whether the actor is present in the room while subscribed."""
        return self._subscribing.is_viewing

    @property
    def room(self) -> Room | PresenceRoom:
        """The room that the admission has set. Raises RuntimeError before it."""
        if self._subscribing.room is None:
            raise RuntimeError("the actor is not admitted")
        return self._subscribing.room

    async def admit(self, context: Context) -> Answer | None:
        """Set the room of an actor. Returns the answer without data that refuses an actor, otherwise None."""
        result = await self._prepared.execute(context, source=self._subscribing)
        if self._subscribing.room is not None:
            return None
        return Answer({"errors": render_all(result.errors or (), context.request.request_id)})

    async def readmit(self, context: Context) -> EventResult:
        """Check again whether an actor may subscribe, whose permissions have changed."""
        result = await self._prepared.execute(context, source=Subscribing())
        return self._refusal(result, context) if self._is_last(result) else EventResult(None)

    async def result(self, context: Context, event: LiveEvent | Present) -> EventResult:
        """Execute the operation for an event, in a context of its own. An error of one event is in its answer."""
        key = self._shared_key(context.actor, event)
        if key is None:
            return await self._execute(context, event)

        async def execute() -> EventResult:
            shared = context.for_every_guest()
            try:
                return await self._execute(shared, event)
            finally:
                shared.loaders.close()

        return await self._results.run(key, execute)

    def is_executed(self, actor: Actor, event: LiveEvent | Present) -> bool:
        """Whether the result of an event is that of an execution which runs now, for another guest."""
        key = self._shared_key(actor, event)
        return key is not None and key in self._results

    def missed(self, event_id: str) -> Answer:
        """What a subscriber gets who missed events before this one."""
        return Answer({"data": {self._field.key: None}, "extensions": {"eventId": event_id, "missed": True}})

    def failed(self, event_id: str | None, error: Exception, request_id: str) -> EventResult:
        """What a subscriber gets for an event that could not be executed."""
        located = located_error(error, self._field.nodes, [self._field.key])
        body = {"data": {self._field.key: None}, "errors": render_all([located], request_id)}
        return EventResult(Answer(body if event_id is None else {**body, "extensions": {"eventId": event_id}}))

    def _shared_key(self, actor: Actor, event: LiveEvent | Present) -> str | None:
        """What the executions of an event have in common that are the same; None for one that is not shared."""
        if self._digest is None or actor.kind is not ActorKind.GUEST:
            return None
        shown = event.id if isinstance(event, LiveEvent) else f"{event.as_of}:{event.count}"
        return f"{self._digest}:{shown}"

    async def _execute(self, context: Context, event: LiveEvent | Present) -> EventResult:
        try:
            async with within_time(self._prepared.limits.seconds):
                result = await self._prepared.execute(context, source=event)
        except RequestRefused as refused:
            refused.path = [self._field.key]
            result = ExecutionResult({self._field.key: None}, [refused])
        if self._is_last(result):
            return self._refusal(result, context)
        if not result.errors and result.data is not None and result.data[self._field.key] is None:
            return EventResult(None)
        answer = self._prepared.answer(result, context)
        if isinstance(event, LiveEvent):
            answer.body["extensions"]["eventId"] = event.id
            answer = replace(answer, occurred_at=event.occurred_at)
        return EventResult(answer)

    def _refusal(self, result: ExecutionResult, context: Context) -> EventResult:
        """The end of the subscription, by an answer without data."""
        errors = [error for error in result.errors or () if self._is_final(error)]
        return EventResult(Answer({"errors": render_all(errors, context.request.request_id)}), is_last=True)

    def _is_last(self, result: ExecutionResult) -> bool:
        return any(map(self._is_final, result.errors or ()))

    def _is_final(self, error: GraphQLError) -> bool:
        """Whether it refuses the root field, and would do so for any later event."""
        return error.path == [self._field.key] and isinstance(cause_of(error), FINAL)
