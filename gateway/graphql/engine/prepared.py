"""An operation that is ready to be executed: its plan and the values of its variables, within the limits."""

from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult
from graphql.execution.values import VariableValues

from gateway.graphql.core.context import Context
from gateway.graphql.core.errors import render_all
from gateway.graphql.engine.batch import PlanExecution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.graphql.engine.plan import Plan
from gateway.graphql.engine.renderings.memory import RenderingMemory
from gateway.graphql.engine.shared import Answer


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """A plan with its variables, which may be executed many times. `values` is the number of values in them."""

    plan: Plan
    variables: VariableValues
    values: int
    cost: int
    limits: GraphQLLimits
    renderings: RenderingMemory | None = None

    async def execute(self, context: Context, *, source: Any = None, tags: set[str] | None = None) -> ExecutionResult:
        """Execute it on a root source. With `tags`, the tags of what the result shows are added to them."""
        execution = PlanExecution(self.plan, context, self.variables, self.limits, self.values, tags)
        return await execution.execute(source, self.renderings)

    def answer(self, result: ExecutionResult, context: Context) -> Answer:
        """The answer that shows a result."""
        return answer_of(result, self.cost, self.limits, context)


def answer_of(result: ExecutionResult, cost: int, limits: GraphQLLimits, context: Context) -> Answer:
    """The answer that shows a result; one whose variables are invalid is a request error and has no data."""
    extensions = {"cost": {"requested": cost, "maximum": limits.cost}}
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = render_all(result.errors, context.request.request_id)
    if result.data is None and not _began(result):
        return Answer(body | {"extensions": extensions}, status=400, is_graphql=True)
    return Answer({"data": result.data} | body | {"extensions": extensions})


def _began(result: ExecutionResult) -> bool:
    """Whether execution began: errors of variables precede it and have no path."""
    return any(error.path for error in result.errors or ())
