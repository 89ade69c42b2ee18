"""A site with import and export routes; each token is the name of its permissions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.http.settings import HttpSettings
from tests.domains.actors import make_user
from tests.domains.feed.shops import Shop
from tests.gateway.site import Site

PRODUCTS = PermissionResource.PRODUCTS
GRANTS = {
    "customer": frozenset[Grant](),
    "reader": frozenset({Grant(PRODUCTS, PermissionAction.READ)}),
    "importer": frozenset({Grant(PRODUCTS, PermissionAction.IMPORT)}),
    "exporter": frozenset({Grant(PRODUCTS, PermissionAction.EXPORT)}),
    "staff": frozenset({Grant(PRODUCTS, PermissionAction.MANAGE)}),
}
MOST = 20_000


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> float:
    """Seconds that the application waits for more of a body."""
    return float(getattr(request, "param", 10))


@pytest.fixture
async def site(make_site: Callable[..., Site], owner: Any, company: UUID, patience: float) -> Site:
    """The site of the company, which takes small files only."""
    made = make_site(http=HttpSettings(access_log=False, max_import=MOST, body_timeout=patience))
    user_id = await make_user(owner)
    made.actors = {
        name: Actor(ActorKind.USER, company, grants=grants, user_id=user_id) for name, grants in GRANTS.items()
    }
    return made


@pytest.fixture
def shop(site: Site, owner: Any) -> Shop:
    """The company behind the site."""
    return Shop(site.services.feed, site.database, owner, site.company_id)
