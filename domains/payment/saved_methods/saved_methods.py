"""The saved payment methods of customers: what a provider keeps for them, and their choice among it."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import optional_text
from domains.payment import data
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.audit import log
from domains.payment.cards import contains_card_number
from domains.payment.data import SavedPaymentMethodRow
from domains.payment.errors import CardNumberRefused, SavedMethodExpired, SavedMethodNotFound
from domains.payment.events import PaymentMethodRemoved, PaymentMethodSaved
from domains.payment.models import PaymentAuditEvent
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import ProviderCustomer
from domains.payment.providers.results import KeptMethod
from domains.payment.saved_methods import sql
from domains.payment.saved_methods.kept_methods import changes_of, digests, instrument_of, is_unchanged, stored
from domains.payment.saved_methods.models import ChosenMethod, SavedMethod, SavedMethodChanges, saved_method

MAX_METHODS: Final = 20
MAX_ALIAS: Final = 100


class SavedMethods:
    """The methods of a customer in a company: at most 20, of which one is the default.

    A removed method is no longer found; `ForgottenMethods` deletes it at the provider, and then here.
    """

    def __init__(self, accounts: PaymentAccounts, providers: Providers, clock: Clock) -> None:
        self._accounts = accounts
        self._providers = providers
        self._clock = clock

    async def of_users(self, db: Reader, user_ids: Collection[UUID]) -> list[SavedMethod]:
        """The methods of several customers, the default first, then the newest. One statement.

        The caller checks that the actor may see them.
        """
        return [self._shown(row) for row in await sql.own_methods(db, user_ids)]

    async def find_own(
        self, db: Reader, actor: Actor, method_id: UUID, *, field: Sequence[str] = ("id",)
    ) -> SavedMethod:
        """A method of the actor's own. Raises SavedMethodNotFound, also for that of another customer."""
        return self._shown(await self._own(db, actor, method_id, field))

    async def choose(
        self, db: Reader, actor: Actor, method_id: UUID, *, field: Sequence[str] = ("saved_method_id",)
    ) -> ChosenMethod:
        """A method of the actor's own to pay with. One statement, and one for an account that is not cached.

        Raises SavedMethodNotFound, also for that of another customer; SavedMethodExpired; ProviderNotConfigured and
        ProviderDisabled for its provider; DecryptionFailed when the key of the token is gone.
        """
        row = await self._own(db, actor, method_id, field)
        method = self._shown(row)
        if method.is_expired:
            raise SavedMethodExpired(field=field)
        await self._accounts.opened_for_new(db, row.provider)
        return ChosenMethod(method, instrument_of(row, self._providers.encryption))

    async def customer_of(self, db: Reader, user_id: UUID, provider: str) -> ProviderCustomer:
        """A customer as a provider knows them, by the newest method that it keeps. One statement."""
        where: data.SavedPaymentMethodWhere = {"user_id": user_id, "provider": provider}
        newest = await data.saved_payment_method.find_first(db, where=where, order_by=[{"id": "desc"}])
        return ProviderCustomer(user_id, newest.provider_customer_id if newest else None)

    async def keep(self, tx: Tx, user_id: UUID, provider: str, method: KeptMethod) -> SavedMethod | None:
        """Save a method that a provider keeps for a customer; the first one becomes the default. Idempotent.

        None for a method that is being removed, and for one above the limit, which is then deleted at the provider.
        Nothing is refused, because the provider has kept it already. One statement for a method that is saved, three
        for another one. Emits payment.method_saved for a new one.
        """
        encryption = self._providers.encryption
        columns, known = stored(user_id, provider, method, encryption), digests(provider, method, encryption)
        row = _find(await sql.lock_methods(tx, user_id), provider, known)
        if row is None or not is_unchanged(row, columns):
            methods = await data.saved_payment_method.find_many(tx, where={"user_id": user_id})
            row = _find(methods, provider, known)
            if row is None:
                row = await self._add(tx, columns, methods)
            elif row.forget_at is None:
                row = await data.saved_payment_method.update(tx, id=row.id, data=changes_of(columns))
        return self._shown(row) if row.forget_at is None else None

    async def update(self, tx: Tx, actor: Actor, method_id: UUID, changes: SavedMethodChanges) -> SavedMethod:
        """Name a method of the actor's own, or make it the default. At most four statements.

        Raises SavedMethodNotFound, TooLong above 100 characters, CardNumberRefused, and InvalidInput.
        """
        user_id = require_user_id(actor)
        values: data.SavedPaymentMethodUpdate = {}
        if "alias" in changes:
            values["alias"] = _require_alias(changes["alias"])
        await sql.lock_methods(tx, user_id)
        row = await self._own(tx, actor, method_id)
        if changes.get("is_default") and not row.is_default:
            where: data.SavedPaymentMethodWhere = {"user_id": user_id, "is_default": True}
            await data.saved_payment_method.update_many(tx, where=where, data={"is_default": False})
            values["is_default"] = True
        return self._shown(await data.saved_payment_method.update(tx, id=row.id, data=values))

    async def remove(self, tx: Tx, actor: Actor, method_id: UUID) -> SavedMethod:
        """Remove a method of the actor's own: nothing more is paid with it. The newest other one becomes the default.

        It is then deleted at the provider by a job, so that this does not fail while the provider is down. Raises
        SavedMethodNotFound. At most five statements. Emits payment.method_removed.
        """
        user_id = require_user_id(actor)
        await sql.lock_methods(tx, user_id)
        row = await self._own(tx, actor, method_id)
        removed: data.SavedPaymentMethodUpdate = {"forget_at": self._clock.now(), "is_default": False}
        await data.saved_payment_method.update(tx, id=row.id, data=removed)
        if row.is_default and (others := await sql.own_methods(tx, [user_id])):
            await data.saved_payment_method.update(tx, id=others[0].id, data={"is_default": True})
        tx.emit(PaymentMethodRemoved.of(row))
        log.record(tx, PaymentAuditEvent.METHOD_FORGOTTEN, _subject(row))
        return self._shown(row)

    async def _own(
        self, db: Reader, actor: Actor, method_id: UUID, field: Sequence[str] = ("id",)
    ) -> SavedPaymentMethodRow:
        row = await data.saved_payment_method.find_unique(db, id=method_id)
        if row is None or row.forget_at is not None or not actor.owns(row.user_id):
            raise SavedMethodNotFound(method_id, field=field)
        return row

    async def _add(
        self, tx: Tx, columns: data.SavedPaymentMethodCreate, methods: Sequence[SavedPaymentMethodRow]
    ) -> SavedPaymentMethodRow:
        own = [row for row in methods if row.forget_at is None]
        is_full = len(own) >= MAX_METHODS
        row = await data.saved_payment_method.create(
            tx,
            {
                **columns,
                "id": new_id(),
                "is_default": not is_full and not any(each.is_default for each in own),
                "forget_at": self._clock.now() if is_full else None,
            },
        )
        if row.forget_at is None:
            tx.emit(PaymentMethodSaved.of(row))
            log.record(tx, PaymentAuditEvent.METHOD_SAVED, _subject(row))
        return row

    def _shown(self, row: SavedPaymentMethodRow) -> SavedMethod:
        return saved_method(row, self._clock.now())


def _require_alias(text: str | None) -> str | None:
    alias = optional_text(text, field=("alias",), max_length=MAX_ALIAS)
    if alias is not None and contains_card_number(alias):
        raise CardNumberRefused(field=("alias",))
    return alias


def _subject(row: SavedPaymentMethodRow) -> log.Subject:
    """A method in the audit log: its id, and nothing by which its customer would be known."""
    return log.Subject(provider=row.provider, details=f"payment method {row.id}")


def _find(
    methods: Sequence[SavedPaymentMethodRow], provider: str, known: Collection[str]
) -> SavedPaymentMethodRow | None:
    """The method with one of these digests."""
    return next((row for row in methods if row.provider == provider and row.token_digest in known), None)
