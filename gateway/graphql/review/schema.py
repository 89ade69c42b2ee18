"""The root fields of the review domain."""

from typing import Final

from gateway.graphql.review.mutations import ReviewMutation
from gateway.graphql.review.queries import ReviewQuery

QUERIES: Final = (ReviewQuery,)
MUTATIONS: Final = (ReviewMutation,)
