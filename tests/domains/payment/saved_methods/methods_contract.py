"""What every adapter must do for saved methods: save without paying, pay, and forget, over the real service."""

from typing import Any, Protocol
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.payment.providers.provider import PaymentProvider
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import AuthorizationRequest
from domains.payment.providers.results import MethodSetup, ProviderStatus
from domains.payment.saved_methods.models import FinishedSetup
from gateway.infra.encryption import Cipher
from tests.domains.payment.provider_contract import PRICE
from tests.domains.payment.saved_methods.wallet import Wallet
from tests.domains.payment.services import payment_service


class SavingTerminal(Protocol):
    """An adapter under test, and the customer of its provider's test mode."""

    @property
    def provider(self) -> PaymentProvider: ...

    async def complete_setup(self, setup: MethodSetup) -> None: ...


async def wallet_at(
    terminal: SavingTerminal, owner: Any, database: Database, company: UUID, clock: FixedClock
) -> Wallet:
    """A customer of a company whose provider is that of the terminal."""
    providers = Providers(terminal.provider, encryption=Cipher([b"1" * 32], b"payment accounts"))
    payments = payment_service(providers, clock)
    return await Wallet.made(owner, database, company, payments)


async def saved_by(terminal: SavingTerminal, wallet: Wallet) -> FinishedSetup:
    """A setup that its customer completes; it is finished twice, as by a client that repeats itself."""
    setups = wallet.payments.method_setups
    begun = await setups.begin(wallet.database, wallet.actor, return_url="https://shop.example/cards")
    assert (await setups.finish(wallet.database, wallet.actor, begun.id)).method is None
    provider_id = setups._require_own(wallet.actor, begun.id).provider_id
    await terminal.complete_setup(MethodSetup(ProviderStatus.REQUIRES_ACTION, provider_id))
    finished = await setups.finish(wallet.database, wallet.actor, begun.id)
    assert await setups.finish(wallet.database, wallet.actor, begun.id) == finished
    return finished


async def pays(terminal: SavingTerminal, wallet: Wallet, method_id: UUID) -> ProviderStatus:
    """The status of a payment with a saved method."""
    chosen = await wallet.choose(method_id)
    request = AuthorizationRequest(new_id(), PRICE, chosen.instrument)
    return (await terminal.provider.authorize(request)).status


async def check_saved_methods(terminal: SavingTerminal, wallet: Wallet, owner: Any) -> UUID:
    """Save two methods, pay with each, and forget one, which then pays nothing; the id of the other."""
    first, second = [(await saved_by(terminal, wallet)).method for _ in range(2)]
    assert first is not None
    assert second is not None
    assert (first.provider, first.last_4 is None) == (terminal.provider.name, first.label is not None)
    rows = await wallet.rows(owner)
    assert len({row["provider_customer_id"] for row in rows}) == 1
    assert {await pays(terminal, wallet, each.id) for each in (first, second)} == {ProviderStatus.SUCCEEDED}
    begun_before = (await wallet.choose(first.id)).instrument
    await wallet.remove(first.id)
    assert await wallet.forget() == 1
    refused = await terminal.provider.authorize(AuthorizationRequest(new_id(), PRICE, begun_before))
    assert refused.status is ProviderStatus.FAILED
    assert await pays(terminal, wallet, second.id) is ProviderStatus.SUCCEEDED
    return second.id
