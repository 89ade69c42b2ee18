"""The root fields of the review domain."""

from typing import Final

from gateway.graphql.review.mutations import ReviewMutation
from gateway.graphql.review.nodes import NODES
from gateway.graphql.review.queries import ReviewQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (ReviewQuery,)
MUTATIONS: Final = (ReviewMutation,)
