"""Administration of users: within the company, never above the own role, and never without a super administrator."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.account.models import ProfileChanges
from domains.auth import data
from domains.auth.errors import (
    CannotDisableSelf,
    InvalidCredentials,
    LastSuperAdministrator,
    RoleOutOfReach,
    UserNotFound,
)
from domains.auth.models import NewAccount, User, UserFilter, UserSort
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.errors import DomainError, InvalidInput, NotAllowed, NotFound, PermissionDenied
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.role.data import RoleRow
from domains.role.errors import GrantNotHeld, RoleAboveOwn, RoleNotFound
from domains.role.models import NewRole, SystemRole
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.domains.auth.conftest import HOME, PASSWORD, Shop

STAFF = [SystemRole.ADMIN, SystemRole.MANAGER, SystemRole.SUPPORT, SystemRole.CUSTOMER]


async def role(shop: Shop, code: SystemRole) -> RoleRow:
    return await shop.auth._roles.system_role(shop.db.reader(shop.company_id), code)


async def assign(shop: Shop, actor: Actor, user_id: UUID, code: SystemRole) -> User:
    user: User = await shop.run(shop.auth.assign_role, actor, user_id, (await role(shop, code)).id)
    return user


async def disable(shop: Shop, actor: Actor, user_id: UUID, **more: Any) -> User:
    user: User = await shop.run(shop.auth.members.disable, actor, user_id, **more)
    return user


async def code_of(shop: Shop, user_id: UUID) -> str | None:
    role_id = (await shop.auth.users.find(shop.db.reader(shop.company_id), [user_id]))[0].role_id
    return (await shop.auth._roles.get_role(shop.db.reader(shop.company_id), role_id)).code


async def find_emails(shop: Shop, page: PageArgs | None = None, **how: Any) -> list[str]:
    sort = {"sort": how.pop("sort", UserSort.EMAIL), "descending": how.pop("descending", False)}
    reader = shop.db.reader(shop.company_id)
    listed = await shop.auth.members.find(reader, page or PageArgs(first=100), filter=UserFilter(**how), **sort)
    return [user.email for user in listed.items]


@pytest.fixture
async def only_super_administrator(owner: Any) -> None:
    """Super administrators of other tests are disabled."""
    await owner.execute(
        "update users set is_active = false where role_id = (select id from roles where code = 'SUPER_ADMIN')"
    )


async def test_a_granted_role_takes_effect(shop: Shop) -> None:
    admin, user = await shop.actor(SystemRole.ADMIN), await shop.account()
    shown = await assign(shop, admin, user.id, SystemRole.MANAGER)
    assert shown.role_id == (await role(shop, SystemRole.MANAGER)).id
    actor = await shop.logged_in(user.email)
    assert actor.role is not None
    assert actor.role.code == "MANAGER"


@pytest.mark.parametrize("mine", STAFF[:3])
async def test_a_user_cannot_grant_a_higher_role_or_permissions_they_lack(shop: Shop, mine: SystemRole) -> None:
    actor, user = await shop.actor(mine), await shop.account()
    for code in (SystemRole.SUPER_ADMIN, *STAFF[: STAFF.index(mine)]):
        with pytest.raises((RoleAboveOwn, GrantNotHeld)):
            await assign(shop, actor, user.id, code)
    assert await code_of(shop, user.id) == "CUSTOMER"
    with pytest.raises((RoleAboveOwn, GrantNotHeld)):
        await assign(shop, actor, actor.user_id or user.id, SystemRole.SUPER_ADMIN)


async def test_a_low_role_with_permissions_the_granter_lacks_is_refused(shop: Shop) -> None:
    support, user = await shop.actor(SystemRole.SUPPORT), await shop.account()
    reader = shop.db.reader(shop.company_id)
    admin = await role(shop, SystemRole.ADMIN)
    permissions = [each.id for each in await shop.auth._roles.get_role_permissions(reader, admin.id)]
    trap = await shop.run(
        shop.auth._roles.create_role, shop.system, NewRole(name="Trap", priority=1, permission_ids=permissions)
    )
    with pytest.raises(GrantNotHeld):
        await shop.run(shop.auth.assign_role, support, user.id, trap.id)
    assert await code_of(shop, user.id) == "CUSTOMER"


@pytest.mark.parametrize("theirs", [SystemRole.ADMIN, SystemRole.MANAGER, SystemRole.SUPER_ADMIN])
async def test_a_user_cannot_change_users_with_a_higher_role(shop: Shop, theirs: SystemRole) -> None:
    support = await shop.actor(SystemRole.SUPPORT)
    victim = await shop.account(theirs)
    if theirs is SystemRole.SUPER_ADMIN:
        await shop.login(victim.email)
    with pytest.raises(RoleOutOfReach):
        await assign(shop, support, victim.id, SystemRole.CUSTOMER)
    with pytest.raises(RoleOutOfReach):
        await disable(shop, support, victim.id)
    with pytest.raises(RoleOutOfReach):
        await shop.run(shop.auth.members.enable, support, victim.id)
    assert await code_of(shop, victim.id) == theirs
    assert (await shop.login(victim.email)).user.is_active


async def test_a_company_can_change_only_its_own_members(shop: Shop, other_company: UUID, make_shop: Any) -> None:
    other = make_shop(other_company)
    stranger = await other.account()
    admin = await shop.actor(SystemRole.ADMIN)
    reader = shop.db.reader(shop.company_id)
    for attempt in (
        assign(shop, admin, stranger.id, SystemRole.SUPPORT),
        disable(shop, admin, stranger.id),
        shop.run(shop.auth.members.enable, admin, stranger.id),
        shop.auth.members.get(reader, stranger.id),
    ):
        with pytest.raises(UserNotFound):
            await attempt
    assert stranger.email not in await find_emails(shop)
    assert (await other.login(stranger.email)).user.is_active


async def test_the_role_of_another_company_is_not_found(shop: Shop, other_company: UUID, make_shop: Any) -> None:
    other = make_shop(other_company)
    foreign = await other.run(other.auth._roles.create_role, other.system, NewRole(name="Foreign"))
    admin, user = await shop.actor(SystemRole.ADMIN), await shop.account()
    with pytest.raises(RoleNotFound):
        await shop.run(shop.auth.assign_role, admin, user.id, foreign.id)


async def test_only_super_administrators_disable_a_user_in_all_companies(shop: Shop) -> None:
    admin, user = await shop.actor(SystemRole.ADMIN), await shop.account()
    with pytest.raises(PermissionDenied):
        await disable(shop, admin, user.id, everywhere=True)
    with pytest.raises(PermissionDenied):
        await shop.run(shop.auth.members.enable, admin, user.id, everywhere=True)
    assert (await shop.login(user.email)).user.is_active


async def test_users_cannot_disable_or_demote_themselves(shop: Shop) -> None:
    admin = await shop.actor(SystemRole.ADMIN)
    assert admin.user_id is not None
    with pytest.raises(CannotDisableSelf):
        await disable(shop, admin, admin.user_id)


async def test_enabling_in_a_company_does_not_enable_a_globally_disabled_user(shop: Shop) -> None:
    user = await shop.account()
    await disable(shop, shop.system, user.id, everywhere=True)
    shown = await shop.run(shop.auth.members.enable, await shop.actor(SystemRole.ADMIN), user.id)
    assert not shown.is_active
    with pytest.raises(InvalidCredentials):
        await shop.login(user.email)


async def test_a_super_administrator_promotes_and_demotes_another(shop: Shop) -> None:
    first, user = await shop.actor(SystemRole.SUPER_ADMIN), await shop.account()
    await assign(shop, first, user.id, SystemRole.SUPER_ADMIN)
    assert (await shop.logged_in(user.email)).is_super_administrator
    await assign(shop, first, user.id, SystemRole.SUPPORT)
    actor = await shop.logged_in(user.email)
    assert (actor.is_super_administrator, actor.role and actor.role.code) == (False, "SUPPORT")


@pytest.mark.usefixtures("only_super_administrator")
async def test_the_last_super_administrator_cannot_be_demoted(shop: Shop) -> None:
    last = await shop.actor(SystemRole.SUPER_ADMIN)
    assert last.user_id is not None
    with pytest.raises(LastSuperAdministrator):
        await assign(shop, last, last.user_id, SystemRole.CUSTOMER)
    with pytest.raises(LastSuperAdministrator):
        await disable(shop, shop.system, last.user_id, everywhere=True)
    assert await code_of(shop, last.user_id) == "SUPER_ADMIN"


@pytest.mark.usefixtures("only_super_administrator")
@pytest.mark.parametrize("how", ["demote", "disable", "both"])
async def test_super_administrators_who_demote_each_other_leave_one(shop: Shop, owner: Any, how: str) -> None:
    actors = [await shop.actor(SystemRole.SUPER_ADMIN) for _ in range(4)]
    removals = []
    for number, actor in enumerate(actors):
        victim = actors[(number + 1) % 4].user_id
        assert victim is not None
        if how == "demote" or (how == "both" and number % 2):
            removals.append(assign(shop, actor, victim, SystemRole.CUSTOMER))
        else:
            removals.append(disable(shop, actor, victim, everywhere=True))
    results = await asyncio.gather(*removals, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(error) for error in refused] == [LastSuperAdministrator]
    left = await owner.fetchval(
        "select count(*) from users u join roles r on r.id = u.role_id where r.code = 'SUPER_ADMIN' and u.is_active"
    )
    assert left == 1


async def test_users_are_filtered_searched_and_sorted(shop: Shop) -> None:
    admin = await shop.account(SystemRole.ADMIN, email=f"b-{shop.email()}")
    plain = await shop.account(email=f"a-{shop.email()}")
    gone = await shop.account(email=f"c-{shop.email()}")
    await disable(shop, shop.system, gone.id)
    everybody = [plain.email, admin.email, gone.email]
    assert await find_emails(shop) == everybody
    assert await find_emails(shop, descending=True) == everybody[::-1]
    assert await find_emails(shop, sort=UserSort.CREATED_AT) == [admin.email, plain.email, gone.email]
    assert await find_emails(shop, sort=UserSort.LAST_NAME) == [admin.email, plain.email, gone.email]
    assert await find_emails(shop, is_active=False) == [gone.email]
    assert await find_emails(shop, role_ids=((await role(shop, SystemRole.ADMIN)).id,)) == [admin.email]
    assert await find_emails(shop, role_ids=()) == []
    assert await find_emails(shop, email_verified=False) == []
    assert await find_emails(shop, search="LOVELÁCE") == everybody
    assert await find_emails(shop, search=plain.email[:12]) == [plain.email]
    for odd in ("%", "_", "\\", "'", "!", "no such name"):
        assert await find_emails(shop, search=odd) == []
    assert await find_emails(shop, search="") == everybody
    for nothing in (" ", "\u200b", "\u0301"):
        assert await find_emails(shop, search=nothing) == []


async def test_users_are_found_by_names_and_phone_numbers_as_typed(shop: Shop) -> None:
    user = await shop.account()
    actor = Actor(ActorKind.USER, shop.company_id, user_id=user.id)
    changes = ProfileChanges(first_name="S\u00f8\u200bren", last_name="\u0141uczak", phone="+49 171 1234567")
    await shop.run(shop.accounts.profile.update, actor, changes)
    for text in ("Soren", "s\u00f8ren  luczak", "0171 1234567", "+49 (0)171 123-4567", "34567"):
        assert await find_emails(shop, search=text) == [user.email], text
    assert await find_emails(shop, search="0171 1234568") == []


@pytest.mark.parametrize("sort", list(UserSort))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_of_users_match_in_both_directions(shop: Shop, sort: UserSort, descending: bool) -> None:
    for _ in range(5):
        await shop.account()
    members, reader = shop.auth.members, shop.db.reader(shop.company_id)

    async def page(args: PageArgs) -> Any:
        return await members.find(reader, args, filter=UserFilter(), sort=sort, descending=descending)

    whole = await page(PageArgs(first=10))
    assert (len(whole.items), whole.has_next, await whole.count()) == (5, False, 5)
    first = await page(PageArgs(first=2))
    second = await page(PageArgs(first=2, after=first.cursors[-1]))
    last = await page(PageArgs(first=2, after=second.cursors[-1]))
    assert [*first.items, *second.items, *last.items] == list(whole.items)
    assert (first.has_next, second.has_previous, last.has_next) == (True, True, False)
    back = await page(PageArgs(last=2, before=last.cursors[0]))
    assert list(back.items) == list(second.items)
    with pytest.raises(InvalidInput):
        await members.find(
            reader,
            PageArgs(first=2, after=first.cursors[0]),
            filter=UserFilter(),
            sort=sort,
            descending=not descending,
        )


async def test_a_page_of_users_executes_one_statement_and_its_count_another(shop: Shop) -> None:
    await shop.account()
    reader = shop.db.reader(shop.company_id)
    with counting() as count:
        page = await shop.auth.members.find(reader, PageArgs(), filter=UserFilter(search="ada"))
    assert count.data == 1
    with counting() as count:
        assert await page.count() == 1
    assert count.data == 1


async def test_administrators_see_when_the_user_joined_their_company(
    shop: Shop, other_company: UUID, make_shop: Any, owner: Any
) -> None:
    user = await shop.account()
    await owner.execute("update users set created_at = '2020-01-01' where id = $1", user.id)
    other = make_shop(other_company)
    await other.login(user.email)
    seen = await other.auth.members.get(other.db.reader(other_company), user.id)
    assert seen.created_at.year > 2020


# ASVS 6.3.2
async def test_a_new_installation_has_no_account(empty_database: str) -> None:
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        assert await connection.fetchval("select count(*) from users") == 0


async def test_provisioned_accounts_follow_the_password_policy(shop: Shop) -> None:
    create = partial(shop.auth.provisioning.create, role=SystemRole.SUPER_ADMIN)
    with pytest.raises(DomainError, match="characters"):
        await create(shop.db, shop.company_id, NewAccount(email=shop.email(), password="short"))
    email = shop.email()
    user = await create(shop.db, shop.company_id, NewAccount(email=email, password=PASSWORD))
    assert await code_of(shop, user.id) == "SUPER_ADMIN"
    with pytest.raises(DomainError, match="already an account"):
        await create(shop.db, shop.company_id, NewAccount(email=email, password=PASSWORD))
    row = await data.user.find_unique(shop.db.reader(None), id=user.id)
    assert row is not None
    assert row.email_verified


async def test_only_a_confirmed_account_is_promoted_to_administrator(make_shop: Any) -> None:
    shop = make_shop(require_confirmed_email=False)
    provisioning, confirmed = shop.auth.provisioning, await shop.account()
    await provisioning.promote(shop.db, shop.company_id, confirmed.email.upper(), SystemRole.ADMIN)
    assert await code_of(shop, confirmed.id) == "ADMIN"
    email = shop.email()
    await shop.auth.register(shop.db, shop.guest, HOME, NewAccount(email=email, password=PASSWORD))
    for role_code in (SystemRole.ADMIN, SystemRole.SUPER_ADMIN):
        with pytest.raises(NotAllowed, match="not confirmed"):
            await provisioning.promote(shop.db, shop.company_id, email, role_code)
    with pytest.raises(NotFound):
        await provisioning.promote(shop.db, shop.company_id, shop.email(), SystemRole.ADMIN)
    assert (await shop.logged_in(email)).is_super_administrator is False
