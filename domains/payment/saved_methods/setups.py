"""Saving a payment method without paying: begun at the provider, completed by the customer, finished here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.errors import (
    PaymentDeclined,
    ProviderUnanswered,
    SetupNotFound,
    TooManySavedMethods,
)
from domains.payment.providers.operations import answer
from domains.payment.providers.registry import Providers
from domains.payment.providers.results import Decline, MethodSetup, ProviderStatus
from domains.payment.saved_methods.models import BegunSetup, FinishedSetup
from domains.payment.saved_methods.saved_methods import MAX_METHODS, SavedMethods
from domains.payment.settings import PaymentSettingsTable

SETUP_TIME: Final = timedelta(hours=1)
KIND: Final = "payment method setup"


@dataclass(frozen=True, slots=True)
class SetupReference:
    """Whose setup it is, at which provider, and the provider's id. Its customer has it encrypted, and no other."""

    company_id: UUID
    user_id: UUID
    provider: str
    provider_id: str
    begun_at: datetime

    def sealed(self, encryption: Encryption) -> str:
        """The id of the setup for its customer."""
        values = (KIND, str(self.company_id), str(self.user_id), self.provider, self.provider_id, self.begun_at)
        return encryption.encrypt(orjson.dumps(values)).decode()

    @classmethod
    def opened(cls, setup_id: str, encryption: Encryption) -> "SetupReference | None":
        """The setup of an id that this installation has given; None for another text."""
        try:
            kind, company_id, user_id, provider, provider_id, begun_at = orjson.loads(
                encryption.decrypt(setup_id.encode())
            )
        except (DecryptionFailed, ValueError):
            return None
        if kind != KIND:
            return None
        return cls(UUID(company_id), UUID(user_id), provider, provider_id, datetime.fromisoformat(begun_at))


class MethodSetups:
    """Saves methods with the customer's approval, such as 3-D Secure or that of a PayPal account.

    Nothing is stored between the two steps: the customer holds the reference, encrypted. A step that was interrupted
    is repeated; a provider returns the same method for the same setup.
    """

    def __init__(
        self,
        saved: SavedMethods,
        accounts: PaymentAccounts,
        settings: PaymentSettingsTable,
        providers: Providers,
        clock: Clock,
    ) -> None:
        self._saved = saved
        self._accounts = accounts
        self._settings = settings
        self._providers = providers
        self._clock = clock

    async def begin(
        self, db: Database, actor: Actor, *, provider: str | None = None, return_url: str | None = None
    ) -> BegunSetup:
        """Begin to save a method at a provider, by default the company's.

        Two statements, and up to two for settings and an account that are not cached.

        Raises Unauthenticated, TooManySavedMethods, ProviderUnanswered, and PaymentDeclined for a provider that keeps
        no methods; and as `PaymentAccounts.chosen` and `ReturnUrls.require`.
        """
        user_id, reader = require_user_id(actor), db.reader(actor.company_id)
        page = self._providers.return_urls.require(return_url)
        account = await self._accounts.chosen(
            reader, (await self._settings.current(reader)).payment_provider, provider
        )
        name = account.name
        if len(await self._saved.of_users(reader, [user_id])) >= MAX_METHODS:
            raise TooManySavedMethods(MAX_METHODS)
        customer = await self._saved.customer_of(reader, user_id, name)
        setup = _require_setup(await answer(account.begin_setup(new_id(), customer, page), None))
        if setup.provider_id is None:
            raise ProviderUnanswered
        reference = SetupReference(actor.company_id, user_id, name, setup.provider_id, self._clock.now())
        return BegunSetup(reference.sealed(self._providers.encryption), name, setup.next_action)

    async def finish(self, db: Database, actor: Actor, setup_id: str) -> FinishedSetup:
        """Save the method of a setup that its customer has completed, or say what is still to be done. Idempotent.

        Raises Unauthenticated, SetupNotFound (also for that of another customer, and after an hour),
        TooManySavedMethods, ProviderNotConfigured, ProviderUnanswered, PaymentDeclined. Emits as `SavedMethods.keep`.
        """
        reader = db.reader(actor.company_id)
        begun = self._require_own(actor, setup_id)
        account = await self._accounts.opened(reader, begun.provider)
        setup = _require_setup(await answer(account.finish_setup(begun.provider_id), None))
        method = setup.method
        if method is None:
            return FinishedSetup(next_action=setup.next_action)
        saved = await db.run(lambda tx: self._saved.keep(tx, begun.user_id, begun.provider, method), actor)
        if saved is not None:
            return FinishedSetup(saved)
        if len(await self._saved.of_users(reader, [begun.user_id])) >= MAX_METHODS:
            raise TooManySavedMethods(MAX_METHODS)
        raise SetupNotFound

    def _require_own(self, actor: Actor, setup_id: str) -> SetupReference:
        user_id = require_user_id(actor)
        begun = SetupReference.opened(setup_id, self._providers.encryption)
        if begun is None or (begun.company_id, begun.user_id) != (actor.company_id, user_id):
            raise SetupNotFound
        if begun.begun_at + SETUP_TIME <= self._clock.now():
            raise SetupNotFound
        return begun


def _require_setup(setup: MethodSetup | None) -> MethodSetup:
    """The answer of a provider. Raises ProviderUnanswered, SetupNotFound for a cancelled one, PaymentDeclined."""
    if setup is None:
        raise ProviderUnanswered
    if setup.status is ProviderStatus.CANCELLED:
        raise SetupNotFound
    if setup.status is ProviderStatus.FAILED:
        raise _declined(setup.decline)
    return setup


def _declined(decline: Decline | None) -> PaymentDeclined:
    if decline is None:
        return PaymentDeclined(None, None, field=())
    return PaymentDeclined(decline.reason, decline.message, provider_code=decline.code, field=())
