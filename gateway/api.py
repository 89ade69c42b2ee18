"""ApiGateway of the class diagram: authenticates, authorizes, resolves queries and mutations, and opens sessions."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from graphql import OperationDefinitionNode, OperationType

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.ports import Cache
from gateway import request_log
from gateway.authentication import Authentication
from gateway.graphql.core.context import Context, RequestMetadata
from gateway.graphql.core.errors import RequestRefused, render
from gateway.graphql.core.secrecy import refuse_secrets
from gateway.graphql.engine.execution import Document, Execution, InvalidDocument, is_mutation, is_subscription
from gateway.graphql.engine.shared import Answer
from gateway.graphql.engine.subscription import LiveOperation
from gateway.live.open_sessions import OpenSessions
from gateway.live.sessions import Credentials, Session
from gateway.rate_limits.rate_limits import RateLimits
from gateway.services import Services
from gateway.timeouts import within_time

T = TypeVar("T")
Kinds: TypeAlias = frozenset[OperationType]
Turn: TypeAlias = AbstractAsyncContextManager[object]
QUERIES: Final = frozenset({OperationType.QUERY})
MUTATIONS: Final = frozenset({OperationType.MUTATION})
SUBSCRIPTIONS: Final = frozenset({OperationType.SUBSCRIPTION})
STREAM_NEEDED: Final = (
    "A subscription is answered by a stream. Send it with `Accept: text/event-stream`, or over a WebSocket with the "
    "sub-protocol `graphql-transport-ws`."
)


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request: the document, the operation name, the variables, and whether it was sent by GET.

    The id of a document may replace or accompany it: its SHA-256 (Apollo's automatic persisted queries), or the id of
    a listed one. A subscription resumes after the event `last_event_id`.
    """

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    document_id: str | None = None
    in_url: bool = False
    last_event_id: str | None = None


class ApiGateway:
    """Answers GraphQL requests for an actor, over the domain services."""

    def __init__(
        self,
        execution: Execution,
        services: Services,
        db: Database,
        cache: Cache,
        authentication: Authentication,
        sessions: OpenSessions,
    ) -> None:
        self._execution = execution
        self._services = services
        self._db = db
        self._cache = cache
        self._authentication = authentication
        self._sessions = sessions

    async def authenticate(self, token: str | None, company: str | None = None) -> Actor:
        """The actor of a bearer token in a company (by slug; None is the default company).

        Raises RequestRefused for an unknown company, and Unauthenticated for an invalid token.
        """
        return await self._authentication.actor(token, company)

    async def open_session(self, credentials: Credentials, request: RequestMetadata) -> Session:
        """A session for the operations of a live connection, which the caller closes. Raises as `authenticate`."""
        return await self._sessions.open(self, credentials, request)

    def authorize(self, actor: Actor, resource: PermissionResource, action: PermissionAction) -> bool:
        """Whether the actor has a permission."""
        return actor.can(resource, action)

    def context(self, actor: Actor, request: RequestMetadata) -> Context:
        """The context of one request's resolvers."""
        return Context(actor, self._services, self._db, self._cache, request, self._sessions.presence)

    async def resolve(self, request: GraphQLRequest, context: Context, limits: RateLimits | None = None) -> Answer:
        """Execute a query or a mutation, whose root fields are counted by `limits`. A context serves one request."""
        return await self._answer(request, context, limits, QUERIES | MUTATIONS)

    async def resolve_query(self, request: GraphQLRequest, context: Context) -> Answer:
        """Execute a query; a mutation is refused (GET never writes)."""
        return await self._answer(request, context, None, QUERIES)

    async def resolve_mutation(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None = None
    ) -> Answer:
        """Execute a mutation, counted as by `resolve`; a query is refused."""
        return await self._answer(request, context, limits, MUTATIONS)

    async def start(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None, turn: Turn
    ) -> LiveOperation | Answer:
        """The answer to a query or mutation of a live connection; of a subscription what executes it for each event.

        Mutations are counted by `limits`. A subscription that is refused has an answer without data. All but the
        execution of a mutation waits for a turn.
        """
        kinds = QUERIES | SUBSCRIPTIONS if request.in_url else QUERIES | MUTATIONS | SUBSCRIPTIONS

        async def work() -> LiveOperation | Answer:
            async with turn, within_time(self._execution.seconds):
                document, operation = await self._document(request, context, limits, kinds)
                if not is_mutation(operation):
                    run = self._execution.subscribe if is_subscription(operation) else self._execution.run
                    return await run(document, operation, request.variables, context)
            async with within_time(self._execution.seconds):
                return await self._execution.run(document, operation, request.variables, context)

        return await _answered(work, context)

    async def _answer(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None, kinds: Kinds
    ) -> Answer:
        async def work() -> Answer:
            document, operation = await self._document(request, context, limits, kinds)
            return await self._execution.run(document, operation, request.variables, context)

        return await _answered(work, context)

    async def _document(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None, kinds: Kinds
    ) -> tuple[Document, OperationDefinitionNode]:
        """The document of a request, and its operation, which is counted. Raises InvalidDocument, RequestRefused."""
        text = await self._execution.text(request.query, request.document_id)
        document = await self._execution.document(text)
        operation = document.operation(request.operation_name)
        request_log.record_operation(document.logged(operation))
        _require_kind(operation.operation, kinds)
        if request.in_url:
            refuse_secrets(text, document.ast, request.variables)
        if limits is not None and is_mutation(operation):
            await self._count_writes(document, operation, context, limits)
        await self._execution.keep_text(request.document_id, text, document, context.request.ip)
        return document, operation

    async def _count_writes(
        self, document: Document, operation: OperationDefinitionNode, context: Context, limits: RateLimits
    ) -> None:
        """Count each mutation of an operation before the first one runs. Raises RequestRefused (429)."""
        names = document.root_fields(operation)
        sensitive = sum(name in self._execution.sensitive_mutations for name in names)
        await limits.check_writes(
            address=context.request.ip, user_id=context.actor.user_id, writes=len(names), sensitive=sensitive
        )


async def _answered(work: Callable[[], Awaitable[T]], context: Context) -> T | Answer:
    """The outcome of the work in a context, or the answer to a request that is refused before its execution."""
    try:
        return await work()
    except InvalidDocument as invalid:
        shown = [render(error, context.request.request_id) for error in invalid.errors]
        return Answer({"errors": shown}, status=400, is_graphql=True)
    except RequestRefused as refused:
        return Answer({"errors": [render(refused, context.request.request_id)]}, status=refused.status)
    finally:
        context.loaders.close()


def _require_kind(kind: OperationType, allowed: Kinds) -> None:
    if kind in allowed:
        return
    if kind is OperationType.SUBSCRIPTION:
        raise RequestRefused("NOT_ACCEPTABLE", STREAM_NEEDED, status=406)
    if kind is OperationType.MUTATION:
        raise RequestRefused("METHOD_NOT_ALLOWED", "A mutation must be sent by POST.", status=405)
    raise RequestRefused("BAD_REQUEST", "This operation is not a mutation.")
