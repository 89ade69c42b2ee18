"""Node, the packages of clients, a site of the test's own company, and the toy shop's schema."""

from pathlib import Path
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.graphql.core.schema import Schema, build_schema
from tests.clients.toolchain import Node, Workspace, find_node, install
from tests.gateway.site import Site
from tests.gateway.toy_shop import ToyMutation, ToyQuery, ToySubscription


@pytest.fixture
def site(database: Database, company: UUID, clock: FixedClock) -> Site:
    return Site(database, company, clock)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return build_schema([ToyQuery], [ToyMutation], [ToySubscription])


@pytest.fixture(scope="session")
def node() -> Node:
    return find_node()


@pytest.fixture(scope="session")
def packages(node: Node) -> Path:
    return install(node)


@pytest.fixture
def workspace(tmp_path: Path, node: Node, packages: Path) -> Workspace:
    return Workspace.make(tmp_path / "project", node, packages)
