"""ApiGateway of the class diagram: who asks, what they may do, and the answers to queries and mutations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from graphql import OperationDefinitionNode

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.ports import Cache
from domains.kernel.statement_counts import counted_as_actor
from gateway import outcomes
from gateway.graphql.core.context import Context, RequestMetadata
from gateway.graphql.core.errors import RequestRefused, render
from gateway.graphql.core.secrecy import refuse_secrets
from gateway.graphql.engine.execution import Answer, Execution, InvalidDocument, is_mutation
from gateway.services import Services

Authenticator: TypeAlias = Callable[[str, UUID], Awaitable[Actor]]
CompanyFinder: TypeAlias = Callable[[str | None], Awaitable[UUID | None]]


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client sent: the query's text, which of its operations, the variables, and whether it stood in a URL.

    Instead of the text, or beside it, there may be its digest (Apollo's automatic persisted queries).
    """

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    digest: str | None = None
    in_url: bool = False


class CompanyNotFound(RequestRefused):
    """A request names a company that is not there."""

    def __init__(self, slug: str | None) -> None:
        message = f"There is no company {slug[:100]!r}." if slug else "This installation has no company yet."
        super().__init__("COMPANY_NOT_FOUND", message, status=404)


class ApiGateway:
    """Answers GraphQL requests for an actor, over the domain services."""

    def __init__(
        self,
        execution: Execution,
        services: Services,
        db: Database,
        cache: Cache,
        authenticator: Authenticator,
        find_company: CompanyFinder,
    ) -> None:
        self._execution = execution
        self._services = services
        self._db = db
        self._cache = cache
        self._authenticator = authenticator
        self._find_company = find_company

    async def authenticate(self, token: str | None, company: str | None = None) -> Actor:
        """The actor behind a bearer token in a company (by slug; None is the default company).

        Without a token it is a guest, and nothing is looked up. Raises CompanyNotFound, and Unauthenticated when
        the token is not good.
        """
        company_id = await self._find_company(company)
        if company_id is None:
            raise CompanyNotFound(company)
        if token is None:
            return Actor.anonymous(company_id)
        with counted_as_actor():
            return await self._authenticator(token, company_id)

    def authorize(self, actor: Actor, resource: PermissionResource, action: PermissionAction) -> bool:
        """Whether the actor holds a permission."""
        return actor.can(resource, action)

    def context(self, actor: Actor, request: RequestMetadata) -> Context:
        """The surroundings of one request's resolvers."""
        return Context(actor=actor, services=self._services, db=self._db, cache=self._cache, request=request)

    async def resolve(self, request: GraphQLRequest, context: Context) -> Answer:
        """Answer a request, whether it reads or writes. A context serves one request."""
        return await self._answer(request, context, reads=True, writes=True)

    async def resolve_query(self, request: GraphQLRequest, context: Context) -> Answer:
        """Answer a query; a mutation is refused (HTTP GET never writes)."""
        return await self._answer(request, context, reads=True, writes=False)

    async def resolve_mutation(self, request: GraphQLRequest, context: Context) -> Answer:
        """Answer a mutation; a query is refused."""
        return await self._answer(request, context, reads=False, writes=True)

    async def _answer(self, request: GraphQLRequest, context: Context, *, reads: bool, writes: bool) -> Answer:
        try:
            text = self._execution.text(request.query, request.digest)
            document = await self._execution.document(text)
            operation = document.operation(request.operation_name)
            outcomes.runs(operation)
            _require_kind(operation, reads=reads, writes=writes)
            if request.in_url:
                refuse_secrets(text, document.ast, request.variables)
            return await self._execution.run(document, operation, request.variables, context)
        except InvalidDocument as invalid:
            shown = [render(error, context.request.request_id) for error in invalid.errors]
            return Answer({"errors": shown}, status=400, is_graphql=True)
        except RequestRefused as refused:
            return Answer({"errors": [render(refused, context.request.request_id)]}, status=refused.status)
        finally:
            context.loaders.close()


def _require_kind(operation: OperationDefinitionNode, *, reads: bool, writes: bool) -> None:
    if is_mutation(operation) and not writes:
        raise RequestRefused("METHOD_NOT_ALLOWED", "A mutation must be sent by POST.", status=405)
    if not is_mutation(operation) and not reads:
        raise RequestRefused("BAD_REQUEST", "This is no mutation.")
