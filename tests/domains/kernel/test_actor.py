"""Permissions of actors: grants, MANAGE, ownership, the system."""

import pytest

from domains.kernel.actor import Actor, ActorKind, ActorRole
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies

COMPANY = new_id()
PRODUCTS, ORDERS = PermissionResource.PRODUCTS, PermissionResource.ORDERS
READ, UPDATE, MANAGE = PermissionAction.READ, PermissionAction.UPDATE, PermissionAction.MANAGE


def make_user(*grants: Grant, code: str = "CLERK") -> Actor:
    role = ActorRole(new_id(), code, 10)
    return Actor(ActorKind.USER, COMPANY, user_id=new_id(), role=role, grants=frozenset(grants))


def test_a_grant_allows_only_its_action_on_its_resource() -> None:
    actor = make_user(Grant(PRODUCTS, READ))
    allowed = {(r, a) for r in PermissionResource for a in PermissionAction if actor.can(r, a)}
    assert allowed == {(PRODUCTS, READ)}


@pytest.mark.parametrize("action", PermissionAction)
def test_manage_implies_every_action_on_its_resource_only(action: PermissionAction) -> None:
    actor = make_user(Grant(PRODUCTS, MANAGE))
    assert (actor.can(PRODUCTS, action), actor.can(ORDERS, action)) == (True, False)


def test_all_actions_together_are_not_manage() -> None:
    every = frozenset(Grant(PRODUCTS, action) for action in PermissionAction if action is not MANAGE)
    assert not implies(every, Grant(PRODUCTS, MANAGE))


def test_the_system_has_every_permission_and_no_user() -> None:
    system = Actor.system(COMPANY)
    assert all(system.can(r, a) for r in PermissionResource for a in PermissionAction)
    assert (system.is_authenticated, system.is_super_administrator, system.owns(None)) == (False, True, False)


def test_an_anonymous_actor_has_no_permission_and_owns_nothing() -> None:
    visitor = Actor.anonymous(COMPANY)
    assert not any(visitor.can(r, a) for r in PermissionResource for a in PermissionAction)
    assert (visitor.is_authenticated, visitor.is_super_administrator, visitor.owns(None)) == (False, False, False)


def test_own_data_is_visible_without_a_permission_and_other_data_only_with_one() -> None:
    clerk, stranger = make_user(Grant(ORDERS, READ)), make_user()
    assert stranger.may_see(stranger.user_id, ORDERS)
    assert not stranger.may_see(clerk.user_id, ORDERS)
    assert not stranger.may_see(None, ORDERS)
    assert clerk.may_see(stranger.user_id, ORDERS)
    assert not clerk.may_see(stranger.user_id, ORDERS, UPDATE)


def test_only_the_super_administrator_role_is_super_administrator() -> None:
    everything = [Grant(resource, MANAGE) for resource in PermissionResource]
    assert [make_user(*everything, code=code).is_super_administrator for code in ("ADMIN", "SUPER_ADMIN")] == [
        False,
        True,
    ]
