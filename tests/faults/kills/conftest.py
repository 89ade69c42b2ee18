"""Fixtures of tests that kill processes which send mail."""

from collections.abc import Iterator

import pytest

from tests.faults.kills.mail_server import MailServer, receiving_mail


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server."""
    with receiving_mail() as made:
        yield made
