"""Customers with saved payment methods."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.database import Database
from domains.payment.service import PaymentService
from tests.domains.payment.saved_methods.wallet import Wallet


@pytest.fixture
async def ada(owner: Any, database: Database, company: UUID, payments: PaymentService) -> Wallet:
    """A customer."""
    return await Wallet.made(owner, database, company, payments)


@pytest.fixture
async def bob(owner: Any, database: Database, company: UUID, payments: PaymentService) -> Wallet:
    """Another customer of the same company."""
    return await Wallet.made(owner, database, company, payments)
