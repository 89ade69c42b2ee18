"""Amounts of orders in the API."""

from collections.abc import Callable
from typing import Any

from domains.kernel.values.money import Money as KernelMoney
from gateway.graphql.core.fields import computed, present
from gateway.graphql.core.scalars import Money


def money_of(attribute: str, description: str) -> Any:
    """An amount of the source, in the source's currency."""

    def resolve(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    resolver: Callable[[Any], Money] = resolve
    resolver.__doc__ = description
    return computed(resolver)
