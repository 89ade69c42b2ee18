"""AuthService: who is who, and what they may do; each use case stands in a module of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from domains.auth import cleanup, data, sql
from domains.auth.addresses import AddressBook
from domains.auth.administration import Administration
from domains.auth.emails.account_emails import Post
from domains.auth.emails.email_verification import Proofs
from domains.auth.emails.verification_codes import Codes
from domains.auth.events import UserUpdated
from domains.auth.models import AuthResponse, EndReason, NewAccount, Origin, ProfileChanges, Registration, User
from domains.auth.notices import Notices
from domains.auth.passwords.credentials import Credentials, Reauthentication, current
from domains.auth.passwords.hashing import MEMORY_KIB, Passwords
from domains.auth.passwords.password_policy import PasswordChoice
from domains.auth.passwords.password_reset import Recovery
from domains.auth.provisioning import Provisioning
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.registration.new_accounts import checked_profile
from domains.auth.registration.registration import Door, Registering
from domains.auth.sessions.devices import Devices
from domains.auth.sessions.keys import KeyRing
from domains.auth.sessions.login import SigningIn
from domains.auth.sessions.sessions import SessionLimits, Sessions, own_id
from domains.auth.sessions.tokens import AccessTokens
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies
from domains.kernel.ports import Cache, Mailer
from domains.kernel.text.names import searchable
from domains.role.models import SystemRole
from domains.role.service import RoleService


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """How strict the domain is. The secrets that sign tokens come newest first, 256 bits each at least."""

    secrets: Sequence[bytes] = field(repr=False)
    issuer: str = "commerce"
    audience: str = "commerce"
    access_lifetime: timedelta = timedelta(minutes=15)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    require_confirmed_email: bool = True
    argon2_memory_kib: int = MEMORY_KIB


class AuthService:
    """Accounts, sessions, credentials, addresses and roles of users.

    Its parts (`sessions`, `recovery`, `credentials`, `addresses`, `administration`, …) are public, so that a use case
    is found by its path. What takes a `Database` opens its own transactions, around hashes and mails.
    """

    def __init__(
        self,
        roles: RoleService,
        companies: CompanyService,
        cache: Cache,
        mailer: Mailer,
        clock: Clock,
        settings: AuthSettings,
    ) -> None:
        keys = KeyRing(settings.secrets)
        tokens = AccessTokens(
            keys, clock, issuer=settings.issuer, audience=settings.audience, lifetime=settings.access_lifetime
        )
        codes, post, throttle = Codes(keys, clock), Post(mailer, companies), Throttle(cache, clock)
        devices = Devices(keys, clock)
        door = Door(throttle, settings.require_confirmed_email)
        self.passwords = Passwords(memory_kib=settings.argon2_memory_kib)
        choice = PasswordChoice(self.passwords, companies)
        again = Reauthentication(self.passwords, door)
        self._roles = roles
        self.sessions = Sessions(roles, tokens, devices, clock, settings.sessions)
        self.registering = Registering(choice, codes, self.sessions, post, door, clock)
        self.signing_in = SigningIn(
            self.passwords,
            self.sessions,
            throttle,
            devices,
            require_confirmed_email=settings.require_confirmed_email,
        )
        self.recovery = Recovery(choice, self.sessions, post, door, clock)
        self.credentials = Credentials(again, choice, codes, self.sessions, post, clock)
        self.administration = Administration(roles, self.sessions, post, clock)
        self.provisioning = Provisioning(roles, self.passwords, choice, clock)
        self.addresses = AddressBook()
        self.proofs = Proofs(codes, post, door)
        self._keys = keys
        self.notices = Notices(post)

    async def register(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> Registration:
        """Make an account; see `Registering.register`."""
        return await self.registering.register(db, actor, origin, new)

    async def login(self, db: Database, actor: Actor, origin: Origin, email: str, password: str) -> AuthResponse:
        """Sign in with a password; see `SigningIn.login`."""
        return await self.signing_in.login(db, actor, origin, email, password)

    async def authenticate(self, db: Database, token: str, company_id: UUID) -> Actor:
        """The actor behind an access token in a company; see `Sessions.authenticate`."""
        return await self.sessions.authenticate(db, token, company_id)

    async def validate_token(self, db: Database, token: str, company_id: UUID) -> User:
        """The user behind an access token, as the company knows them. Raises Unauthenticated."""
        actor = await self.authenticate(db, token, company_id)
        return await self.me(db.reader(company_id), actor)

    async def refresh_token(self, tx: Tx, token: str, origin: Origin) -> AuthResponse:
        """The next tokens for a refresh token; see `Sessions.refresh`."""
        return await self.sessions.refresh(tx, token, origin)

    async def logout(self, tx: Tx, actor: Actor, *, everywhere: bool = False) -> int:
        """End the actor's session, or all of theirs, access tokens included; how many there were."""
        user_id = own_id(actor)
        if everywhere or actor.session_id is None:
            return await self.sessions.end_all(tx, user_id, EndReason.LOGOUT)
        await self.sessions.end(tx, actor, actor.session_id)
        return 1

    async def assign_role(self, tx: Tx, actor: Actor, user_id: UUID, role_id: UUID) -> User:
        """Give a user a role; see `Administration.assign_role`."""
        return await self.administration.assign_role(tx, actor, user_id, role_id)

    async def check_permission(
        self, db: Reader, user_id: UUID, resource: PermissionResource, action: PermissionAction
    ) -> bool:
        """Whether a user may do something in the handle's company, now."""
        found = await sql.role_in_force(db, user_id)
        if found is None:
            return False
        return implies(await self._roles.grants_of(db, found.role.id, found.version), Grant(resource, action))

    async def me(self, db: Reader, actor: Actor) -> User:
        """The actor's own user. Raises Unauthenticated when nobody is signed in."""
        return (await sql.users_by_id(db, [own_id(actor)]))[0]

    async def users_by_id(self, db: Reader, ids: Sequence[UUID]) -> list[User]:
        """Users as the company knows them, in one statement; for those who may already know of them."""
        return await sql.users_by_id(db, ids)

    async def update_profile(self, tx: Tx, actor: Actor, changes: ProfileChanges) -> User:
        """Change one's own names and telephone number; see `accounts.checked_profile`. Emits user.updated."""
        before = await current(tx, actor)
        checked = checked_profile(changes)
        changed = sorted(name for name, value in checked.items() if getattr(before, name) != value)
        if changed:
            first, last = checked.get("first_name", before.first_name), checked.get("last_name", before.last_name)
            phone = checked.get("phone", before.phone)
            checked["search_text"] = searchable(first, last, before.email, phone)
            await data.user.update(tx, id=before.id, data=checked)
            tx.emit(UserUpdated(user_id=before.id, changed=changed))
        return await self.me(tx, actor)

    async def create_super_administrator(self, db: Database, company_id: UUID, new: NewAccount) -> User:
        """Make an account that runs the platform; for the command line. See `Provisioning.create`."""
        return await self.provisioning.create(db, company_id, new, SystemRole.SUPER_ADMIN)

    def fingerprints(self, kind: str, text: str) -> tuple[str, ...]:
        """Keyed digests by which a text of some kind is known again and not found out, the newest key's first.

        One is stored, all are looked for; a text is forgotten with the key that sealed it.
        """
        return self._keys.seals(f"{kind}:{text}")

    async def tidy(self, tx: Tx) -> int:
        """Forget a batch of sessions, codes and tokens that ended a month ago or more, of everybody; how many."""
        return await cleanup.tidy(tx)

    async def settle(self) -> None:
        """Finish what runs in the background; for the end of the process."""
        await self.sessions.settle()
        self.passwords.close()
