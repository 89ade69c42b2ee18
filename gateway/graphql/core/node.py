"""The interface of objects with an id."""

from typing import Any, ClassVar
from uuid import UUID

import strawberry

from gateway.answers.dependencies import Dependency


@strawberry.interface(
    description=(
        "An object with an id that is unique among all objects, so that `node` finds it without knowing its type "
        "(Relay's Global Object Identification)."
    )
)
class Node:
    """Implementing types declare the domain model that they show: `class Order(Node, model=OrderModel)`.

    Types of cached answers declare on what a value depends as well; parts of others, such as a product's attributes,
    depend on what these do.
    """

    shown_model: ClassVar[type | None] = None
    depends_on: ClassVar[Dependency | None] = None

    id: UUID = strawberry.field(
        description="The object's id, which never changes. Use it as the cache key, and with `node` to refetch."
    )

    def __init_subclass__(cls, *, model: type | None = None, depends_on: Dependency | None = None) -> None:
        super().__init_subclass__()
        if model is not None:
            cls.shown_model = model
        if depends_on is not None:
            cls.depends_on = depends_on

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        """Whether a value is shown as this type: an instance of the model or of the type itself."""
        return isinstance(value, cls if cls.shown_model is None else (cls, cls.shown_model))
