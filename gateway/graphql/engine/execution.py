"""Execution of a query text: parsing and validation with a cache, limits, cost, and execution."""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues
from graphql.validation import (
    ASTValidationRule,
    NoSchemaIntrospectionCustomRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    VariablesInAllowedPositionRule,
    recommended_rules,
)

from domains.kernel.actor import ActorKind
from gateway import request_log
from gateway.answers.cache import AnswerCache
from gateway.answers.stored import AnswerKey
from gateway.graphql.core.context import Context
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.cost import CostModel
from gateway.graphql.engine.field_merge import FieldsCanBeMerged
from gateway.graphql.engine.limits import GraphQLLimits, check_document, check_text, check_variables, refuse_above
from gateway.graphql.engine.plan import Plan, condition_variables
from gateway.graphql.engine.prepared import PreparedOperation, answer_of
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.graphql.engine.root_fields import root_fields, sensitive_mutations
from gateway.graphql.engine.shared import Answer, SharedExecution
from gateway.graphql.engine.source import QuerySource
from gateway.graphql.engine.subscription import EventResult, LiveOperation
from gateway.graphql.engine.variable_coercion import VariableCoercion
from gateway.infra.single_flight import SingleFlight
from gateway.operations.document_ids import digest_of
from gateway.operations.query_texts import QueryTexts
from gateway.request_log import Operation

MAX_ERRORS = 20
MAX_PLANS = 16
SHORT_DOCUMENT = 400  # tokens that all rules validate in a few milliseconds
VARIABLE_RULES = (NoUndefinedVariablesRule, NoUnusedVariablesRule, VariablesInAllowedPositionRule)


@dataclass(frozen=True, slots=True)
class Document:
    """A query text, parsed, validated and within the limits."""

    text: str
    ast: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    cost: CostModel
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    coercions: dict[int, VariableCoercion] = field(default_factory=dict)
    log_entries: dict[int, Operation] = field(default_factory=dict)

    @classmethod
    def of(cls, schema: GraphQLSchema, text: str, ast: DocumentNode) -> Self:
        """The document of a text with a valid AST."""
        operations = [node for node in ast.definitions if isinstance(node, OperationDefinitionNode)]
        fragments = [node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)]
        return cls(
            text=text,
            ast=ast,
            operations={node.name.value if node.name else None: node for node in operations},
            cost=CostModel(schema, ast),
            fragments={node.name.value: node for node in fragments},
            conditions=tuple(sorted(condition_variables(ast.definitions))),
        )

    def plan(self, schema: GraphQLSchema, operation: OperationDefinitionNode, variables: VariableValues) -> Plan:
        """The operation compiled for these values of the variables in its `@skip` and `@include`.

        Plans are cached, so they contain these variables only: others may be large or secret.
        """
        key = (id(operation), *(variables.coerced.get(name) for name in self.conditions))
        plan = self.plans.get(key)
        if plan is None:
            plan = Plan(schema, self.fragments, operation, self._condition_values(variables))
            if len(self.plans) < MAX_PLANS:
                self.plans[key] = plan
        return plan

    def _condition_values(self, variables: VariableValues) -> VariableValues:
        sources, coerced = (
            {name: values[name] for name in self.conditions if name in values}
            for values in (variables.sources, variables.coerced)
        )
        return VariableValues(sources, coerced)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of this name, or the only one. Raises RequestRefused when none or several match."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            raise RequestRefused("BAD_REQUEST", "The query has several operations. Select one by `operationName`.")
        try:
            return self.operations[name]
        except KeyError:
            raise RequestRefused("BAD_REQUEST", f"The query has no operation named {name[:100]!r}.") from None

    def root_fields(self, operation: OperationDefinitionNode) -> Collection[str]:
        """The names of the root fields of an operation, one for each key in the response."""
        return root_fields(operation, self.fragments).values()

    def logged(self, operation: OperationDefinitionNode) -> Operation:
        """An operation as log lines have it."""
        entry = self.log_entries.get(id(operation))
        if entry is None:
            entry = self.log_entries[id(operation)] = Operation.of(operation, self.root_fields(operation))
        return entry


class InvalidDocument(Exception):
    """A query is not valid GraphQL or does not match the schema; `errors` have the locations."""

    def __init__(self, errors: list[GraphQLError], code: str) -> None:
        super().__init__(code)
        self.errors = errors
        for error in errors:
            error.extensions = {"code": code} | (error.extensions or {})


class Execution:
    """Executes operations on the schema, with a cache of parsed and validated documents.

    `texts` says where the texts of requests come from; by default this process knows the SHA-256 of its documents.
    With `answers`, the answers of guests' queries are taken from that cache where the schema allows it. With
    `renderings`, objects in the data of answers may be fragments of JSON, which orjson serializes.
    """

    def __init__(
        self,
        schema: Schema,
        limits: GraphQLLimits,
        *,
        texts: QueryTexts | None = None,
        answers: AnswerCache | None = None,
        renderings: RenderingMemory | None = None,
    ) -> None:
        self._texts = texts or QueryTexts()
        self._answers = answers
        self._renderings = renderings
        self._schema: GraphQLSchema = schema.graphql
        self.sensitive_mutations = sensitive_mutations(schema.graphql)
        self._limits = limits
        self.seconds = limits.seconds
        self._results: SingleFlight[EventResult] = SingleFlight()
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._digests: dict[str, str] = {}
        self._cached_characters = 0
        quadratic = OverlappingFieldsCanBeMergedRule
        rules = [rule for rule in (*specified_rules, *recommended_rules) if rule is not quadratic]
        if not limits.introspection:
            rules.append(NoSchemaIntrospectionCustomRule)
        others = [rule for rule in rules if rule not in VARIABLE_RULES]
        half = len(others) // 2
        # Each group is one traversal of the document without a yield to the event loop. Field merging is checked
        # last, after fragments are known to form no cycle.
        self._rules = ([*others, *VARIABLE_RULES], [FieldsCanBeMerged])
        self._rules_in_steps = (others[:half], others[half:], VARIABLE_RULES, [FieldsCanBeMerged])

    async def text(self, query: str | None, document_id: str | None) -> str:
        """The text of a request with a text, an id, or both. Raises RequestRefused, see `QueryTexts`."""
        return await self._texts.find(query, document_id, self._digests.get)

    async def keep_text(self, document_id: str | None, text: str, document: Document, address: str) -> None:
        """Let all processes know the text of a document that a client asked for by its id, see `QueryTexts`."""
        await self._texts.keep(document_id, text, document.ast, address)

    async def document(self, query: str) -> Document:
        """The document of a query text. Raises RequestRefused above a limit, InvalidDocument when it is invalid.

        The longest documents take tens of milliseconds, so each step ends with a yield to the event loop.
        """
        cached = self._documents.get(query)
        if cached is not None:
            self._documents.move_to_end(query)
            return cached
        source = QuerySource(query)
        with _syntax_errors():
            tokens = check_text(source, self._limits)
            await asyncio.sleep(0)
            ast = parse(source, no_location=False)
        await asyncio.sleep(0)
        check_document(ast, self._limits)
        for rules in self._rules if tokens <= SHORT_DOCUMENT else self._rules_in_steps:
            await asyncio.sleep(0)
            self._validate(ast, rules)
        return self._cache(query, Document.of(self._schema, query, ast))

    def _cache(self, query: str, document: Document) -> Document:
        """Cache a document and evict the least recently used ones; each takes about 100 bytes per character.

        Returns the cached one, since another request may have parsed the same text concurrently.
        """
        if query in self._documents:
            return self._documents[query]
        self._documents[query] = document
        self._digests[digest_of(query)] = query
        self._cached_characters += len(query)
        while (
            len(self._documents) > self._limits.cached_documents
            or self._cached_characters > self._limits.cached_characters
        ):
            evicted, _ = self._documents.popitem(last=False)
            del self._digests[digest_of(evicted)]
            self._cached_characters -= len(evicted)
        return document

    def _validate(self, ast: DocumentNode, rules: Sequence[type[ASTValidationRule]]) -> None:
        errors = validate(self._schema, ast, rules, MAX_ERRORS, hide_suggestions=not self._limits.introspection)
        if errors:
            raise InvalidDocument(errors, "GRAPHQL_VALIDATION_FAILED")

    async def run(
        self, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any], context: Context
    ) -> Answer:
        """Execute a query or a mutation within the cost limit. Raises RequestRefused above a limit."""
        prepared = self._prepare(document, operation, variables, context)
        if isinstance(prepared, Answer):
            return prepared

        async def execute(within: Context, tags: set[str] | None = None) -> Answer:
            return prepared.answer(await prepared.execute(within, tags=tags), within)

        cached = prepared.plan.cached
        if self._answers is None or cached is None or context.actor.kind is not ActorKind.GUEST:
            return await execute(context)
        key = self._key(document, operation, variables, context)
        return await SharedExecution(self._answers, key, document.logged(operation), cached, execute).answer(context)

    async def subscribe(
        self, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any], context: Context
    ) -> LiveOperation | Answer:
        """Admit an actor to a subscription; an answer refuses one. Raises RequestRefused above a limit."""
        prepared = self._prepare(document, operation, variables, context)
        if isinstance(prepared, Answer):
            return prepared
        key = self._key(document, operation, variables, context)
        live = LiveOperation(prepared, key, self._results)
        return await live.admit(context) or live

    def _prepare(
        self, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any], context: Context
    ) -> PreparedOperation | Answer:
        """The operation with its variables; an answer when they are invalid. Raises RequestRefused above a limit."""
        values = check_variables(variables, self._limits)
        estimate = document.cost.of(operation, variables)
        request_log.record_cost(estimate.cost)
        refuse_above("cost", estimate.cost, self._limits.cost)
        refuse_above("values", estimate.values, self._limits.values)
        coerced = self._coercion(document, operation).values(variables)
        if isinstance(coerced, list):
            return answer_of(ExecutionResult(None, coerced), estimate.cost, self._limits, context)
        plan = document.plan(self._schema, operation, coerced)
        return PreparedOperation(plan, coerced, values, estimate.cost, self._limits, self._renderings)

    def _coercion(self, document: Document, operation: OperationDefinitionNode) -> VariableCoercion:
        coercion = document.coercions.get(id(operation))
        if coercion is None:
            coercion = document.coercions[id(operation)] = VariableCoercion(
                self._schema, operation, max_errors=MAX_ERRORS, hide_suggestions=not self._limits.introspection
            )
        return coercion

    def _key(
        self, document: Document, operation: OperationDefinitionNode, variables: dict[str, Any], context: Context
    ) -> AnswerKey:
        name = operation.name.value if operation.name else None
        return AnswerKey(context.actor.company_id, document.text, name, variables)


@contextmanager
def _syntax_errors() -> Iterator[None]:
    try:
        yield
    except RequestRefused:
        raise
    except GraphQLError as error:
        raise InvalidDocument([error], "GRAPHQL_PARSE_FAILED") from error


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether an operation is a mutation."""
    return operation.operation is OperationType.MUTATION


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether an operation is a subscription."""
    return operation.operation is OperationType.SUBSCRIPTION
