"""An effect requires the same permission, whichever field causes it (ASVS 8.2.1)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind, ActorRole
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.models import NewRole, SystemRole
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.graphql.auth.test_administration import state
from tests.gateway.site import Site

ROLE_CREATE = ops.mutation("roleCreate", "role { id }")
ROLE_PERMISSIONS_ASSIGN = ops.mutation("rolePermissionsAssign", "role { id }")
PERMISSIONS = "{ permissions(first: 100) { nodes { id resource action } } }"
EVERYTHING = frozenset(
    Grant(resource, action)
    for resource in PermissionResource
    for action in PermissionAction
    if action is not PermissionAction.MANAGE
)
UPDATE_USERS = Grant(PermissionResource.USERS, PermissionAction.UPDATE)
READ_USERS = Grant(PermissionResource.USERS, PermissionAction.READ)
DELETE_USERS = Grant(PermissionResource.USERS, PermissionAction.DELETE)
UPDATE_ROLES = Grant(PermissionResource.ROLES, PermissionAction.UPDATE)
UPDATE_PERMISSIONS = Grant(PermissionResource.PERMISSIONS, PermissionAction.UPDATE)


@dataclass(frozen=True)
class Scene:
    """A shop with a user to change, and an actor with all permissions, or all but one."""

    site: Site
    actor: Actor
    user_id: UUID
    email: str
    role_id: str
    owner: Any

    async def invite(self, role_id: str) -> str | None:
        return await refusal(self.site, ops.USER_INVITE, self.actor, {"email": self.email, "roleId": role_id})

    async def run(self, mutation: str, **input: Any) -> str | None:
        return await refusal(self.site, mutation, self.actor, input)

    async def customer(self) -> str:
        return await self.site.role_id(SystemRole.CUSTOMER)

    async def set(self, sql: str) -> None:
        await self.owner.execute(sql, self.user_id)


async def refusal(site: Site, mutation: str, actor: Actor, input: dict[str, Any]) -> str | None:
    """The code of a refused mutation, at the top level or in the payload; None when it succeeded."""
    answer = await site.ask(mutation, actor, input=input)
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    (payload,) = answer["data"].values()
    return payload["errors"][0]["code"] if payload["errors"] else None


async def disable_user(scene: Scene) -> None:
    await scene.set("update memberships set is_active = false where user_id = $1")


async def unconfirm_address(scene: Scene) -> None:
    await scene.set("update users set email_verified = false where id = $1")


async def unchanged(_scene: Scene) -> None:
    """Nothing is prepared."""


async def another_role_by_invitation(scene: Scene) -> str | None:
    return await scene.invite(scene.role_id)


async def another_role(scene: Scene) -> str | None:
    return await scene.run(ops.USER_ROLE_ASSIGN, id=str(scene.user_id), roleId=scene.role_id)


async def invited_again(scene: Scene) -> str | None:
    return await scene.invite(await scene.customer())


async def enabled(scene: Scene) -> str | None:
    return await scene.run(ops.USER_ENABLE, id=str(scene.user_id))


async def disabled(scene: Scene) -> str | None:
    return await scene.run(ops.USER_DISABLE, id=str(scene.user_id))


async def reading_reviews(scene: Scene) -> list[str]:
    nodes = (await scene.site.value(PERMISSIONS, scene.actor))["nodes"]
    return [node["id"] for node in nodes if (node["resource"], node["action"]) == ("REVIEWS", "READ")]


async def permission_in_a_new_role(scene: Scene) -> str | None:
    ids = await reading_reviews(scene)
    return await scene.run(ROLE_CREATE, name="Reader", permissionIds=ids)


async def permission_in_a_known_role(scene: Scene) -> str | None:
    ids = await reading_reviews(scene)
    return await scene.run(ROLE_PERMISSIONS_ASSIGN, id=scene.role_id, permissionIds=ids)


async def address_of(scene: Scene) -> str:
    """The id of an address that the user has, made for the test."""
    row = await scene.owner.fetchval(
        "insert into addresses (id, company_id, user_id, type, full_name, address_line_1, city, postal_code, country,"
        " updated_at) values ($1, $2, $3, 'SHIPPING', 'A', 'B 1', 'C', '10115', 'DE', now()) returning id",
        new_id(), scene.site.company_id, scene.user_id,
    )  # fmt: skip
    return str(row)


async def address_changed(scene: Scene) -> str | None:
    return await scene.run(ops.ADDRESS_UPDATE, id=await address_of(scene), city="Elsewhere")


async def address_deleted(scene: Scene) -> str | None:
    return await scene.run(ops.ADDRESS_DELETE, id=await address_of(scene))


Step = Callable[[Scene], Awaitable[Any]]
# The effect, the right that it asks for, how things stand before, and a field that brings it about.
EFFECTS: list[tuple[str, Grant, Step, Step]] = [
    ("a member has another role", UPDATE_ROLES, unchanged, another_role),
    ("a member has another role", UPDATE_ROLES, unchanged, another_role_by_invitation),
    ("a member is let in again", UPDATE_USERS, disable_user, enabled),
    ("a member is let in again", UPDATE_USERS, disable_user, invited_again),
    ("a member is shut out", UPDATE_USERS, unchanged, disabled),
    ("a member is shut out", UPDATE_USERS, unconfirm_address, invited_again),
    ("a role permits more", UPDATE_PERMISSIONS, unchanged, permission_in_a_new_role),
    ("a role permits more", UPDATE_PERMISSIONS, unchanged, permission_in_a_known_role),
    ("another's address changes", UPDATE_USERS, unchanged, address_changed),
    ("another's address is seen", READ_USERS, unchanged, address_changed),
    ("another's address is deleted", DELETE_USERS, unchanged, address_deleted),
    ("another's address is seen", READ_USERS, unchanged, address_deleted),
]


async def scene_of(site: Site, owner: Any, *, without: Grant | None) -> Scene:
    """A customer, a role that permits nothing, and a member of staff above both."""
    user, staff = await site.account(), await site.account()
    system = Actor.system(site.company_id)
    new = NewRole(name=f"Helper {new_id()}", priority=10)
    role = await site.database.run(lambda tx: site.services.role.create_role(tx, system, new), system)
    rank = ActorRole(new_id(), "STAFF", 50)
    actor = Actor(ActorKind.USER, site.company_id, staff.id, None, rank, EVERYTHING - {without})
    return Scene(site, actor, user.id, user.email, str(role.id), owner)


@pytest.mark.parametrize(
    ("right", "before", "effect"),
    [row[1:] for row in EFFECTS],
    ids=[f"{row[0]}: {row[3].__name__}" for row in EFFECTS],
)
async def test_an_effect_requires_its_permission_whichever_field_causes_it(
    site: Site, owner: Any, right: Grant, before: Step, effect: Step
) -> None:
    scene = await scene_of(site, owner, without=right)
    await before(scene)
    stood = await state(owner, scene.user_id)
    granted = await permissions_of(scene)
    assert await effect(scene) in {"FORBIDDEN", "NOT_FOUND", "GRANT_NOT_HELD"}
    after = await state(owner, scene.user_id)
    assert (after[:2], after[3], await permissions_of(scene)) == (stood[:2], stood[3], granted)
    assert site.mailbox.mails == []
    allowed = await scene_of(site, owner, without=None)
    await before(allowed)
    assert await effect(allowed) is None


async def permissions_of(scene: Scene) -> Any:
    return await scene.owner.fetch(
        "select role_id, permission_id from role_permissions where company_id = $1", scene.site.company_id
    )


@pytest.mark.parametrize("effect", [another_role, another_role_by_invitation, disabled, enabled])
async def test_the_permission_to_change_users_does_not_reveal_their_data(
    site: Site, owner: Any, effect: Step
) -> None:
    scene = await scene_of(site, owner, without=READ_USERS)
    seen: list[Any] = []
    ask = site.ask

    async def remember(*args: Any, **variables: Any) -> Any:
        seen.append(await ask(*args, **variables))
        return seen[-1]

    site.ask = remember  # type: ignore[method-assign] # looks at what the helper gets
    assert await effect(scene) is None
    (payload,) = seen[0]["data"].values()
    assert payload == {"user": None, "errors": []}


async def test_inviting_a_new_user_requires_only_the_permission_to_create_users(site: Site, owner: Any) -> None:
    scene = await scene_of(site, owner, without=UPDATE_ROLES)
    email = site.email()
    invited = await refusal(site, ops.USER_INVITE, scene.actor, {"email": email, "roleId": scene.role_id})
    again = await refusal(site, ops.USER_INVITE, scene.actor, {"email": email, "roleId": scene.role_id})
    other = await refusal(site, ops.USER_INVITE, scene.actor, {"email": email, "roleId": await scene.customer()})
    assert (invited, again, other) == (None, None, "FORBIDDEN")


async def test_inviting_a_member_emits_events_for_the_changes(site: Site, owner: Any) -> None:
    scene = await scene_of(site, owner, without=None)
    await disable_user(scene)
    assert await another_role_by_invitation(scene) is None
    topics = await owner.fetch(
        "select topic from outbox_events where aggregate_id = $1 order by sequence offset 1", scene.user_id
    )
    assert [row["topic"] for row in topics] == ["user.invited", "user.role_assigned", "user.enabled"]
