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
    depend on what these do. `revision` is the attribute of the model that identifies the contents of an object: two
    objects of equal revision are equal in every field but relations that are volatile or not stable. A null revision
    is equal to none.
    """

    shown_model: ClassVar[type | None] = None
    depends_on: ClassVar[Dependency | None] = None
    revision_attribute: ClassVar[str | None] = None

    id: UUID = strawberry.field(
        description="The object's id, which never changes. Use it as the cache key, and with `node` to refetch."
    )

    def __init_subclass__(
        cls, *, model: type | None = None, depends_on: Dependency | None = None, revision: str | None = None
    ) -> None:
        super().__init_subclass__()
        if model is not None:
            cls.shown_model = model
        if depends_on is not None:
            cls.depends_on = depends_on
        if revision is not None:
            cls.revision_attribute = revision

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        """Whether a value is shown as this type: an instance of the model or of the type itself."""
        return isinstance(value, cls if cls.shown_model is None else (cls, cls.shown_model))
