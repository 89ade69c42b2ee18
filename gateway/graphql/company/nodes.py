"""The company domain's types that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.company.domain import COMPANIES
from domains.company.models import Company as CompanyModel
from gateway.graphql.company.queries import READ_SETTINGS
from gateway.graphql.company.types import Company
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key


async def load_visible_companies(context: Context, keys: Sequence[UUID]) -> Sequence[CompanyModel | None]:
    """Companies by id: the actor's own, and any for the super administrator."""
    rows = await context.services.company.companies_by_id(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(Company, COMPANIES, load_visible_companies, READ_SETTINGS)]
