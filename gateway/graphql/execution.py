"""From a query's text to an answer: parse and validate once, bound, weigh, execute."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import Executor
from graphql.validation import NoSchemaIntrospectionCustomRule, recommended_rules

from gateway.graphql.context import Context
from gateway.graphql.cost import CostModel
from gateway.graphql.limits import GraphQLLimits, check_document, check_text, check_variables, refuse_above
from gateway.graphql.problems import RequestRefused, render
from gateway.graphql.schema import Schema


@dataclass(frozen=True, slots=True)
class Document:
    """A query's text, parsed, validated and within the limits."""

    ast: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    cost: CostModel

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of this name, or the only one. Raises RequestRefused when there is none or several."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise RequestRefused("BAD_REQUEST", "The query has several operations; say which by `operationName`.")
        try:
            return self.operations[name]
        except KeyError:
            raise RequestRefused("BAD_REQUEST", f"The query has no operation named {name[:100]!r}.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """The response's body as data, and the HTTP status that goes with it.

    `is_graphql` marks a refusal that GraphQL itself defines (syntax, validation, variables): clients that accept
    `application/json` alone get it with status 200, as they always did.
    """

    body: dict[str, Any]
    status: int = 200
    is_graphql: bool = False


class InvalidDocument(Exception):
    """A query that does not parse or does not fit the schema; `errors` say where."""

    def __init__(self, errors: list[GraphQLError], code: str) -> None:
        super().__init__(code)
        self.errors = errors
        for error in errors:
            error.extensions = {"code": code} | (error.extensions or {})


class Execution:
    """Executes operations on the schema, and keeps the documents it has already parsed and validated."""

    def __init__(self, schema: Schema, limits: GraphQLLimits) -> None:
        self._schema: GraphQLSchema = schema.graphql
        self._limits = limits
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._rules = [*specified_rules, *recommended_rules]
        if not limits.introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def document(self, query: str) -> Document:
        """The document of a query's text. Raises RequestRefused beyond a limit, InvalidDocument when it is wrong."""
        known = self._documents.get(query)
        if known is not None:
            self._documents.move_to_end(query)
            return known
        document = self._read(query)
        self._documents[query] = document
        if len(self._documents) > self._limits.cached_documents:
            self._documents.popitem(last=False)
        return document

    def _read(self, query: str) -> Document:
        try:
            check_text(query, self._limits)
            ast = parse(query, no_location=False)
        except RequestRefused:
            raise
        except GraphQLError as error:
            raise InvalidDocument([error], "GRAPHQL_PARSE_FAILED") from error
        check_document(ast, self._limits)
        errors = validate(self._schema, ast, self._rules, hide_suggestions=not self._limits.introspection)
        if errors:
            raise InvalidDocument(errors, "GRAPHQL_VALIDATION_FAILED")
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in ast.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(ast, operations, CostModel(self._schema, ast))

    async def run(
        self, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any], context: Context
    ) -> Answer:
        """Execute one operation within its cost. Raises RequestRefused beyond a limit."""
        check_variables(variables, self._limits)
        cost = document.cost.of(operation, variables)
        refuse_above("cost", cost, self._limits.cost)
        result = execute(
            self._schema,
            document.ast,
            None,
            context,
            variables,
            operation.name.value if operation.name else None,
            executor_class=Executor,
            hide_suggestions=not self._limits.introspection,
        )
        result = result if isinstance(result, ExecutionResult) else await result
        extensions = {"cost": {"requested": cost, "maximum": self._limits.cost}}
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [render(error, context.request.request_id) for error in result.errors]
        if result.data is None and not _began(result):
            return Answer(body | {"extensions": extensions}, status=400, is_graphql=True)
        return Answer({"data": result.data} | body | {"extensions": extensions})


def _began(result: ExecutionResult) -> bool:
    """Whether execution began: errors of variables come before it and have no path."""
    return any(error.path for error in result.errors or ())


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether an operation writes."""
    return operation.operation is OperationType.MUTATION
