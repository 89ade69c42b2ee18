"""Random interleavings of buyers, staff, providers, webhooks, jobs and crashes: money is right in all books.

`RANDOM_PAYMENTS` is their number for each provider, in tests of a few each; another `SEED` makes others. `make fuzz`
tries 1,000.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any, Final

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.order.payments.interleavings.bank import Bank
from tests.domains.order.payments.interleavings.mock_bank import MockBank
from tests.domains.order.payments.interleavings.paypal_bank import PayPalBank
from tests.domains.order.payments.interleavings.run import Interleaving
from tests.domains.order.payments.interleavings.script import Round, random_script, shrunk
from tests.domains.order.payments.interleavings.stripe_bank import StripeBank

FUZZ: Final = int(os.environ.get("RANDOM_PAYMENTS") or "0")
SEED: Final = os.environ.get("SEED") or "1"
PART: Final = 20
SHRINKS: Final = bool(os.environ.get("SHRINK"))
# What a part of many interleavings comes to, whatever the seed.
REACHED: Final = {"SUCCEEDED", "CANCELLED", "FAILED", "order PAID", "order REFUNDED"}


def parts(few: int) -> pytest.MarkDecorator:
    """Tests of some interleavings each, whose names tell their numbers and the seed."""
    number = FUZZ or few
    given = [(first, min(first + PART, number)) for first in range(0, number, PART)]
    names = [f"{first}-{last} of seed {SEED}" for first, last in given]
    return pytest.mark.parametrize(("first", "last"), given, ids=names)


@pytest.fixture(scope="session")
async def stripe() -> AsyncIterator[StripeBank]:
    async with StripeBank.started() as bank:
        yield bank


@pytest.fixture(scope="session")
async def paypal() -> AsyncIterator[PayPalBank]:
    async with PayPalBank.started() as bank:
        yield bank


@parts(40)
async def test_money_at_mock(database: Database, owner: Any, clock: FixedClock, first: int, last: int) -> None:
    seen = await run(MockBank(clock), database, owner, first, last)
    assert last - first < PART or seen.keys() >= REACHED


@parts(5)
async def test_money_at_stripe(database: Database, owner: Any, stripe: StripeBank, first: int, last: int) -> None:
    seen = await run(stripe, database, owner, first, last)
    assert last - first < PART or seen.keys() >= REACHED


@parts(5)
async def test_money_at_paypal(database: Database, owner: Any, paypal: PayPalBank, first: int, last: int) -> None:
    seen = await run(paypal, database, owner, first, last)
    assert last - first < PART or seen.keys() >= REACHED


async def run(bank: Bank, database: Database, owner: Any, first: int, last: int) -> Counter[str]:
    """Carry interleavings out; what they came to. One that breaks a rule is shown, and with SHRINK made short."""
    seen: Counter[str] = Counter()
    for number in range(first, last):
        script = random_script(Random(f"{SEED} {bank.name} {number}"))  # noqa: S311
        try:
            await (await Interleaving.opened(bank, database, owner, seen)).run(script)
        except Exception as error:
            if SHRINKS:
                script = await shrunk(script, lambda smaller: fails(bank, database, owner, smaller))
            error.add_note(f"{bank.name} {number}, SEED={SEED}:\n" + "\n".join(map(str, script)))
            raise
    return seen


async def fails(bank: Bank, database: Database, owner: Any, script: list[Round]) -> bool:
    try:
        await (await Interleaving.opened(bank, database, owner, Counter())).run(script)
    except Exception:  # noqa: BLE001 - any failure is one
        return True
    return False
