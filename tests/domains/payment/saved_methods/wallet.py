"""The saved payment methods of one customer, each step in a transaction that commits."""

from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Database, Reader
from domains.kernel.values.secret import Secret
from domains.payment.models import SavedMethodType
from domains.payment.providers.results import KeptMethod
from domains.payment.saved_methods.models import ChosenMethod, SavedMethod, SavedMethodChanges
from domains.payment.service import PaymentService
from tests.domains.actors import CUSTOMER_ID, make_membership, make_user


def kept(token: str, *, year: int | None = 2099, month: int | None = 12, brand: str = "visa") -> KeptMethod:
    """A card that the provider keeps."""
    return KeptMethod(Secret(token), SavedMethodType.CARD, "cus_1", brand, "4242", month, year)


class Wallet:
    """A customer with saved methods of MOCK."""

    def __init__(self, database: Database, actor: Actor, payments: PaymentService) -> None:
        self.database, self.actor, self.payments = database, actor, payments

    @classmethod
    async def made(cls, owner: Any, database: Database, company: UUID, payments: PaymentService) -> "Wallet":
        user_id = await make_user(owner)
        await make_membership(owner, company, user_id, CUSTOMER_ID)
        return cls(database, Actor(ActorKind.USER, company, user_id=user_id), payments)

    @property
    def user_id(self) -> UUID:
        assert self.actor.user_id is not None
        return self.actor.user_id

    @property
    def reader(self) -> Reader:
        return self.database.reader(self.actor.company_id)

    async def keep(self, method: KeptMethod, provider: str = "MOCK") -> SavedMethod | None:
        saved = self.payments.saved_methods
        return await self.database.run(lambda tx: saved.keep(tx, self.user_id, provider, method), self.actor)

    async def save(self, token: str = "mock_pm_approves", **given: Any) -> SavedMethod:
        saved = await self.keep(kept(token, **given))
        assert saved is not None
        return saved

    async def methods(self) -> list[SavedMethod]:
        return await self.payments.saved_methods.of_users(self.reader, [self.user_id])

    async def choose(self, method_id: UUID) -> ChosenMethod:
        return await self.payments.saved_methods.choose(self.reader, self.actor, method_id)

    async def change(self, method_id: UUID, changes: SavedMethodChanges) -> SavedMethod:
        saved = self.payments.saved_methods
        return await self.database.run(lambda tx: saved.update(tx, self.actor, method_id, changes), self.actor)

    async def remove(self, method_id: UUID) -> SavedMethod:
        saved = self.payments.saved_methods
        return await self.database.run(lambda tx: saved.remove(tx, self.actor, method_id), self.actor)

    async def forget(self) -> int:
        system = Actor.system(self.actor.company_id)
        return await self.payments.forgotten_methods.forget_due(self.database, system)

    async def rows(self, owner: Any) -> list[Any]:
        """The stored rows, also those that are being removed, oldest first."""
        rows: list[Any] = await owner.fetch(
            "select * from payment_methods where user_id = $1 order by id", self.user_id
        )
        return rows
