"""Which roles a user may create, change and assign: the pure rules."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role import hierarchy
from domains.role.errors import (
    GrantNotHeld,
    PriorityInvalid,
    PriorityTooHigh,
    RoleAboveOwn,
    RoleCodeInvalid,
    SystemRoleFixed,
)
from domains.role.models import CORE_GRANTS, Role
from tests.domains.actors import EVERYTHING, administrator, member, super_administrator

COMPANY = new_id()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
grants = st.frozensets(
    st.builds(Grant, st.sampled_from(PermissionResource), st.sampled_from(PermissionAction)), max_size=12
)
priorities = st.integers(0, 99)


def role_of(priority: int, *, code: str = "CLERK", company_id: UUID | None = COMPANY) -> Role:
    return Role(
        id=new_id(),
        company_id=company_id,
        name=code.title(),
        code=code,
        description=None,
        is_system=company_id is None,
        priority=priority,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


@given(own=priorities, wanted=priorities)
def test_a_user_creates_roles_below_their_own_only(own: int, wanted: int) -> None:
    actor = member(COMPANY, "X", own, EVERYTHING)
    if wanted < own:
        assert hierarchy.require_priority(actor, wanted) == wanted
    else:
        with pytest.raises(PriorityTooHigh):
            hierarchy.require_priority(actor, wanted)


@given(own=priorities, other=priorities)
def test_only_users_with_a_higher_role_change_a_role(own: int, other: int) -> None:
    actor = member(COMPANY, "X", own, EVERYTHING)
    if other < own:
        hierarchy.require_editable(actor, role_of(other))
    else:
        with pytest.raises(PriorityTooHigh):
            hierarchy.require_editable(actor, role_of(other))


@given(own_grants=grants, given=grants)
def test_a_user_cannot_grant_permissions_they_lack(own_grants: frozenset[Grant], given: frozenset[Grant]) -> None:
    actor = member(COMPANY, "X", 50, own_grants)
    missing = {
        grant
        for grant in given
        if grant not in own_grants and Grant(grant.resource, PermissionAction.MANAGE) not in own_grants
    }
    if not missing:
        hierarchy.require_held(actor, given)
    else:
        with pytest.raises(GrantNotHeld) as caught:
            hierarchy.require_held(actor, given)
        assert all(f"{grant.resource} {grant.action}" in caught.value.message for grant in missing)


@given(own=priorities, other=priorities)
def test_a_user_assigns_roles_up_to_their_own(own: int, other: int) -> None:
    actor = member(COMPANY, "X", own, EVERYTHING)
    if other <= own:
        hierarchy.require_assignable_by(actor, role_of(other), EVERYTHING)
    else:
        with pytest.raises(RoleAboveOwn):
            hierarchy.require_assignable_by(actor, role_of(other), frozenset())


def test_a_lower_role_with_more_permissions_cannot_be_assigned() -> None:
    actor = member(COMPANY, "X", 50, frozenset({Grant(PermissionResource.USERS, PermissionAction.UPDATE)}))
    with pytest.raises(GrantNotHeld, match="ORDERS MANAGE"):
        hierarchy.require_assignable_by(
            actor, role_of(10), frozenset({Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)})
        )


def test_holding_every_action_is_not_holding_manage() -> None:
    every_action = frozenset(
        Grant(PermissionResource.ORDERS, action)
        for action in PermissionAction
        if action is not PermissionAction.MANAGE
    )
    with pytest.raises(GrantNotHeld, match="ORDERS MANAGE"):
        hierarchy.require_held(
            member(COMPANY, "X", 50, every_action), [Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)]
        )


@pytest.mark.parametrize("priority", [-1, 100, 2**31])
def test_a_priority_out_of_range_is_refused_for_every_user(priority: int) -> None:
    for actor in (super_administrator(COMPANY), Actor.system(COMPANY)):
        with pytest.raises(PriorityInvalid):
            hierarchy.require_priority(actor, priority)


def test_a_guest_is_below_every_role() -> None:
    guest = Actor.anonymous(COMPANY)
    with pytest.raises(PriorityTooHigh):
        hierarchy.require_priority(guest, 0)
    with pytest.raises(RoleAboveOwn):
        hierarchy.require_assignable_by(guest, role_of(0), frozenset())


def test_a_system_role_is_changed_by_super_administrators_only() -> None:
    support = role_of(40, code="SUPPORT", company_id=None)
    with pytest.raises(SystemRoleFixed):
        hierarchy.require_editable(administrator(COMPANY), support)
    hierarchy.require_editable(super_administrator(COMPANY), support)
    hierarchy.require_editable(Actor.system(COMPANY), support)


def test_the_super_administrator_role_cannot_be_changed() -> None:
    role = role_of(100, code="SUPER_ADMIN", company_id=None)
    for actor in (super_administrator(COMPANY), Actor.system(COMPANY)):
        with pytest.raises(SystemRoleFixed, match="has every permission"):
            hierarchy.require_editable(actor, role)


@pytest.mark.parametrize("lost", sorted(CORE_GRANTS))
def test_the_administrator_role_keeps_the_permissions_to_govern_a_company(lost: Grant) -> None:
    role = role_of(80, code="ADMIN", company_id=None)
    hierarchy.require_core_grants(role, CORE_GRANTS)
    with pytest.raises(SystemRoleFixed, match=f"keeps MANAGE on {lost.resource}:"):
        hierarchy.require_core_grants(role, CORE_GRANTS - {lost})


@pytest.mark.parametrize(
    ("code", "company_id", "governable"), [("ADMIN", COMPANY, True), ("SUPPORT", None, True), ("ADMIN", None, False)]
)
def test_only_the_administrator_role_of_the_system_must_keep_permissions(
    code: str, company_id: UUID | None, governable: bool
) -> None:
    refused = False
    try:
        hierarchy.require_core_grants(role_of(80, code=code, company_id=company_id), frozenset())
    except SystemRoleFixed:
        refused = True
    assert refused is not governable


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        (None, "Schicht-Leiter Nacht", "SCHICHT_LEITER_NACHT"),
        (None, "Ångström", "ANGSTROM"),
        (" CLERK_2 ", "x", "CLERK_2"),
    ],
)
def test_a_code_is_given_or_generated_from_the_name(code: str | None, name: str, expected: str) -> None:
    assert hierarchy.require_code(code, name) == expected


@pytest.mark.parametrize(("code", "name"), [("clerk", "x"), ("2ND", "x"), ("", "x"), (None, "!!"), ("A" * 65, "x")])
def test_a_malformed_code_is_refused(code: str | None, name: str) -> None:
    with pytest.raises(RoleCodeInvalid):
        hierarchy.require_code(code, name)
