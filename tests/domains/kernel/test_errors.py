"""Codes of errors: each class has the code of its own name, unless it shares or states another."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import domains
from domains.kernel.errors import (
    Busy,
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    PermissionDenied,
    error_codes,
    subclasses,
)
from domains.kernel.validation import ValidationErrors
from domains.order.errors import OrderNotCancellable, OrderNotFound, PriceChanged, PromoCodeRefused
from gateway.services import domains_of


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (OrderNotCancellable, "ORDER_NOT_CANCELLABLE"),
        (PriceChanged, "PRICE_CHANGED"),
        (Busy, "BUSY"),
        (PromoCodeRefused, "PROMO_CODE_REFUSED"),
        (NotFound, "NOT_FOUND"),
        (OrderNotFound, "NOT_FOUND"),
        (PermissionDenied, "FORBIDDEN"),
        (InvalidInput, "INVALID"),
    ],
)
def test_a_code_is_the_name_of_its_class(kind: type[DomainError], code: str) -> None:
    assert kind.code == code


def test_every_code_is_specific() -> None:
    assert domains_of()
    assert {"NOT_ALLOWED", "CONFLICT", "IN_USE", "LIMIT_EXCEEDED", "ALREADY_EXISTS"} & error_codes().keys() == set()


def test_abstract_errors_are_never_raised_themselves() -> None:
    raised = [
        f"{path}:{node.lineno}"
        for path in Path(domains.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id in {DomainError.__name__, Conflict.__name__, NotAllowed.__name__}
    ]
    assert raised == []


def test_no_two_error_classes_share_a_code() -> None:
    assert domains_of()
    kinds = [kind for kind in subclasses(DomainError) if kind.__module__.startswith("domains.")]
    own = Counter(kind.code for kind in set(kinds) if "code" in vars(kind) and kind is not ValidationErrors)
    assert {code: count for code, count in own.items() if count > 1} == {}
