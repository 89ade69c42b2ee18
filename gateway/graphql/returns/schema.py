"""The root fields and nodes of the returns domain."""

from typing import Final

from gateway.graphql.returns.labels.mutations import ReturnLabelMutation
from gateway.graphql.returns.mutations import ReturnMutation, ReturnProcessingMutation
from gateway.graphql.returns.nodes import NODES
from gateway.graphql.returns.queries import ReturnQuery
from gateway.graphql.returns.refunds.mutations import ReturnRefundMutation

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (ReturnQuery,)
MUTATIONS: Final = (ReturnMutation, ReturnProcessingMutation, ReturnLabelMutation, ReturnRefundMutation)
