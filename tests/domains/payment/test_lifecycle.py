"""The lifecycle of a payment as a pure table: every status, every answer."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.payment.lifecycle import OPEN, UNCONFIRMED, status_after
from domains.payment.models import PaymentStatus
from domains.payment.providers.results import ProviderStatus
from domains.payment.sql import FINAL_STATUSES

P, S = PaymentStatus, ProviderStatus
# What each status may become, in all.
TRANSITIONS = {
    P.PENDING: {P.PROCESSING, P.REQUIRES_ACTION, P.AUTHORIZED, P.SUCCEEDED, P.FAILED, P.CANCELLED},
    P.PROCESSING: {P.REQUIRES_ACTION, P.AUTHORIZED, P.SUCCEEDED, P.FAILED, P.CANCELLED},
    P.REQUIRES_ACTION: {P.PROCESSING, P.AUTHORIZED, P.SUCCEEDED, P.FAILED, P.CANCELLED},
    P.AUTHORIZED: {P.SUCCEEDED, P.FAILED, P.CANCELLED},
    P.SUCCEEDED: {P.CANCELLED},
    P.FAILED: set(),
    P.CANCELLED: set(),
}


def test_every_status_has_exactly_these_transitions() -> None:
    found: dict[PaymentStatus, set[PaymentStatus]] = {status: set() for status in P}
    for current, answer in product(P, S):
        found[current] |= {status_after(current, answer)} - {current}
    assert found == TRANSITIONS


def test_every_payment_status_is_open_or_final() -> None:
    assert set(OPEN) | set(FINAL_STATUSES) == set(P)
    assert set(OPEN) & set(FINAL_STATUSES) == set()
    assert set(UNCONFIRMED) == set(OPEN) - {P.AUTHORIZED}


@pytest.mark.parametrize("current", [P.REQUIRES_ACTION, P.AUTHORIZED, *FINAL_STATUSES])
def test_a_missing_answer_does_not_change_the_status(current: PaymentStatus) -> None:
    assert status_after(current, S.NO_ANSWER) is current


@given(answers=st.lists(st.sampled_from(S)))
def test_answers_in_any_order_never_reverse_an_outcome(answers: list[ProviderStatus]) -> None:
    status, seen = P.PENDING, [P.PENDING]
    for answer in answers:
        status = status_after(status, answer)
        assert status_after(status, answer) is status  # the same answer again changes nothing
        seen.append(status)
    final = next((at for at, each in enumerate(seen) if each in FINAL_STATUSES), len(seen))
    allowed = {P.SUCCEEDED: {P.SUCCEEDED, P.CANCELLED}}
    for after in seen[final:]:
        assert after in allowed.get(seen[final], {seen[final]})
