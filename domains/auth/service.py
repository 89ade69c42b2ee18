"""AuthService: users, sessions, credentials, and the roles of users in companies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from domains.auth import sql
from domains.auth.accounts import Accounts
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.email_change import EmailChange
from domains.auth.emails.email_verification import EmailVerification
from domains.auth.emails.verification_codes import VerificationCodes
from domains.auth.fingerprints import Fingerprints
from domains.auth.members.invitations import Invitations
from domains.auth.members.members import Members
from domains.auth.members.role_pages import RolePages
from domains.auth.models import AuthResponse, NewAccount, Origin, RegistrationResult, SessionEndReason, User
from domains.auth.passwords.hashing import MEMORY_KIB, PasswordHashes
from domains.auth.passwords.password_policy import PasswordPolicy
from domains.auth.passwords.passwords import Passwords
from domains.auth.passwords.reauthentication import Reauthentication
from domains.auth.policy import require_user_id
from domains.auth.provisioning import Provisioning
from domains.auth.rate_limits.mail_limits import MailLimits
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.registration.registration import Registration
from domains.auth.sessions.devices import Devices
from domains.auth.sessions.keys import KeyRing
from domains.auth.sessions.login import Login
from domains.auth.sessions.sessions import SessionLimits, Sessions
from domains.auth.sessions.tokens import AccessTokens
from domains.auth.users import Users
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies
from domains.kernel.ports import Cache, Encryption
from domains.role.service import RoleService


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSettings:
    """Settings of the auth domain. `secrets` sign tokens: newest first, at least 256 bits each."""

    secrets: Sequence[bytes] = field(repr=False)
    issuer: str = "commerce"
    audience: str = "commerce"
    access_lifetime: timedelta = timedelta(minutes=15)
    sessions: SessionLimits = field(default_factory=SessionLimits)
    require_confirmed_email: bool = True
    argon2_memory_kib: int = MEMORY_KIB


class AuthService:
    """Users, sessions, credentials and members of companies.

    Parts: `users`, `members`, `role_pages`, `invitations`, `sessions`, `passwords`, `registration`, `email_change`,
    `email_verification` (of guests), `provisioning` and `accounts` (command line), and `fingerprints`.
    Methods that take a `Database` open their own transactions, because they hash passwords between
    them.
    """

    def __init__(
        self,
        roles: RoleService,
        companies: CompanyService,
        cache: Cache,
        encryption: Encryption,
        clock: Clock,
        settings: AuthSettings,
    ) -> None:
        self._require_confirmed_email = settings.require_confirmed_email
        keys = KeyRing(settings.secrets)
        tokens = AccessTokens(
            keys, clock, issuer=settings.issuer, audience=settings.audience, lifetime=settings.access_lifetime
        )
        codes, emails = VerificationCodes(keys, clock), AccountEmails(encryption)
        throttle, devices = Throttle(cache, clock), Devices(keys, clock)
        mail_limits = MailLimits(throttle)
        hashes = PasswordHashes(memory_kib=settings.argon2_memory_kib)
        policy, reauthentication = PasswordPolicy(hashes, companies), Reauthentication(hashes, throttle)
        self._roles = roles
        self._hashes = hashes
        self.users = Users()
        self.accounts = Accounts(roles)
        self.sessions = Sessions(roles, tokens, devices, clock, settings.sessions)
        self.members = Members(roles, self.sessions)
        self.role_pages = RolePages()
        self.invitations = Invitations(roles, emails, clock)
        self.passwords = Passwords(reauthentication, policy, self.sessions, emails, mail_limits, clock)
        self.email_change = EmailChange(reauthentication, codes, self.sessions, emails, mail_limits)
        self.email_verification = EmailVerification(codes, emails, mail_limits)
        self.registration = Registration(policy, codes, self.sessions, emails, mail_limits, clock)
        self.provisioning = Provisioning(roles, hashes, policy, clock)
        self.fingerprints = Fingerprints(keys)
        self._login = Login(
            hashes, self.sessions, throttle, devices, require_confirmed_email=settings.require_confirmed_email
        )

    async def register(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> RegistrationResult:
        """Register an account: to be confirmed by a code, or where the settings do not require that, for use at once.

        See `Registration.request` and `Registration.create`.
        """
        if self._require_confirmed_email:
            return await self.registration.request(db, actor, origin, new)
        return await self.registration.create(db, actor, origin, new)

    async def login(self, db: Database, actor: Actor, origin: Origin, email: str, password: str) -> AuthResponse:
        """Log in with a password; see `Login.open_session`."""
        return await self._login.open_session(db, actor, origin, email, password)

    async def validate_token(self, db: Database, token: str, company_id: UUID) -> User:
        """The user of an access token, as the company knows them. Raises Unauthenticated."""
        actor = await self.sessions.authenticate(db, token, company_id)
        return await self.users.me(db.reader(company_id), actor)

    async def refresh_token(self, tx: Tx, token: str, origin: Origin) -> AuthResponse:
        """Exchange a refresh token for the session's next tokens; see `Sessions.refresh`."""
        return await self.sessions.refresh(tx, token, origin)

    async def logout(self, tx: Tx, actor: Actor, *, everywhere: bool = False) -> int:
        """End the actor's session, or `everywhere` all of theirs; how many ended. Their access tokens end too.

        Raises Unauthenticated and SessionNotFound. Emits user.session_ended.
        """
        user_id = require_user_id(actor)
        if everywhere or actor.session_id is None:
            return await self.sessions.end_all(tx, user_id, SessionEndReason.LOGOUT)
        await self.sessions.end(tx, actor, actor.session_id)
        return 1

    async def assign_role(self, tx: Tx, actor: Actor, user_id: UUID, role_id: UUID) -> User:
        """Assign a role to a user; see `Members.assign_role`."""
        return await self.members.assign_role(tx, actor, user_id, role_id)

    async def check_permission(
        self, db: Reader, user_id: UUID, resource: PermissionResource, action: PermissionAction
    ) -> bool:
        """Whether a user may do something in the handle's company now."""
        effective_role = await sql.effective_role(db, user_id)
        if effective_role is None:
            return False
        return implies(
            await self._roles.grants.get(db, effective_role.role.id, effective_role.version), Grant(resource, action)
        )

    async def close(self) -> None:
        """Finish background work and stop the threads that hash passwords. For the end of the process."""
        await self.sessions.close()
        self._hashes.close()
