"""The root fields of the company domain."""

from typing import Final

from gateway.graphql.company.mutations import CompanyMutation
from gateway.graphql.company.queries import CompanyQuery

QUERIES: Final = (CompanyQuery,)
MUTATIONS: Final = (CompanyMutation,)
