"""ApiGateway of the class diagram: authenticates, authorizes, and resolves queries and mutations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from graphql import OperationDefinitionNode

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.errors import NotFound
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.ports import Cache
from gateway import request_log
from gateway.companies import Companies
from gateway.graphql.core.context import Context, RequestMetadata
from gateway.graphql.core.errors import RequestRefused, render
from gateway.graphql.core.secrecy import refuse_secrets
from gateway.graphql.engine.execution import Document, Execution, InvalidDocument, is_mutation
from gateway.graphql.engine.shared import Answer
from gateway.rate_limits.rate_limits import RateLimits
from gateway.services import Services

Authenticator: TypeAlias = Callable[[str, UUID], Awaitable[Actor]]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request: the document, the operation name, the variables, and whether it was sent by GET.

    The id of a document may replace or accompany it: its SHA-256 (Apollo's automatic persisted queries), or the id of
    a listed one.
    """

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    document_id: str | None = None
    in_url: bool = False


class ApiGateway:
    """Answers GraphQL requests for an actor, over the domain services."""

    def __init__(
        self,
        execution: Execution,
        services: Services,
        db: Database,
        cache: Cache,
        authenticator: Authenticator,
        companies: Companies,
    ) -> None:
        self._execution = execution
        self._services = services
        self._db = db
        self._cache = cache
        self._authenticator = authenticator
        self._companies = companies

    async def authenticate(self, token: str | None, company: str | None = None) -> Actor:
        """The actor of a bearer token in a company (by slug; None is the default company).

        Without a token the actor is a guest, which needs no statement. Raises RequestRefused for an unknown company,
        and Unauthenticated for an invalid token.
        """
        try:
            found = await self._companies.find(company)
        except NotFound as error:
            raise RequestRefused("COMPANY_NOT_FOUND", error.message, status=404) from error
        if token is None:
            return Actor.anonymous(found.id)
        with counting(as_actor=True):
            return await self._authenticator(token, found.id)

    def authorize(self, actor: Actor, resource: PermissionResource, action: PermissionAction) -> bool:
        """Whether the actor has a permission."""
        return actor.can(resource, action)

    def context(self, actor: Actor, request: RequestMetadata) -> Context:
        """The context of one request's resolvers."""
        return Context(actor=actor, services=self._services, db=self._db, cache=self._cache, request=request)

    async def resolve(self, request: GraphQLRequest, context: Context, limits: RateLimits | None = None) -> Answer:
        """Execute a query or a mutation, whose root fields are counted by `limits`. A context serves one request."""
        return await self._answer(request, context, limits, reads=True, writes=True)

    async def resolve_query(self, request: GraphQLRequest, context: Context) -> Answer:
        """Execute a query; a mutation is refused (GET never writes)."""
        return await self._answer(request, context, None, reads=True, writes=False)

    async def resolve_mutation(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None = None
    ) -> Answer:
        """Execute a mutation, counted as by `resolve`; a query is refused."""
        return await self._answer(request, context, limits, reads=False, writes=True)

    async def _answer(
        self, request: GraphQLRequest, context: Context, limits: RateLimits | None, *, reads: bool, writes: bool
    ) -> Answer:
        try:
            text = await self._execution.text(request.query, request.document_id)
            document = await self._execution.document(text)
            operation = document.operation(request.operation_name)
            request_log.record_operation(document.logged(operation))
            _require_kind(operation, reads=reads, writes=writes)
            if request.in_url:
                refuse_secrets(text, document.ast, request.variables)
            if limits is not None and is_mutation(operation):
                await self._count_writes(document, operation, context, limits)
            await self._execution.keep_text(request.document_id, text, document, context.request.ip)
            return await self._execution.run(document, operation, request.variables, context)
        except InvalidDocument as invalid:
            shown = [render(error, context.request.request_id) for error in invalid.errors]
            return Answer({"errors": shown}, status=400, is_graphql=True)
        except RequestRefused as refused:
            return Answer({"errors": [render(refused, context.request.request_id)]}, status=refused.status)
        finally:
            context.loaders.close()

    async def _count_writes(
        self, document: Document, operation: OperationDefinitionNode, context: Context, limits: RateLimits
    ) -> None:
        """Count each mutation of an operation before the first one runs. Raises RequestRefused (429)."""
        names = document.root_fields(operation)
        sensitive = sum(name in self._execution.sensitive_mutations for name in names)
        await limits.check_writes(
            address=context.request.ip, user_id=context.actor.user_id, writes=len(names), sensitive=sensitive
        )


def _require_kind(operation: OperationDefinitionNode, *, reads: bool, writes: bool) -> None:
    if is_mutation(operation) and not writes:
        raise RequestRefused("METHOD_NOT_ALLOWED", "A mutation must be sent by POST.", status=405)
    if not is_mutation(operation) and not reads:
        raise RequestRefused("BAD_REQUEST", "This operation is not a mutation.")
