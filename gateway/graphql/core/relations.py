"""Fields below the root, declared as data: relations that load in batches, values on request, guarded attributes."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from types import MappingProxyType
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField

from domains.kernel.pagination.pages import PageArgs
from gateway.answers.dependencies import Dependency
from gateway.graphql.core.context import Context, Info, Load
from gateway.graphql.core.guards import Guard
from gateway.graphql.engine.loading import LevelLoader

DEFAULT_LIST_SIZE: Final = 10


@dataclass(frozen=True, slots=True)
class Derived:
    """How the value of a relation is derived from a loaded one, so that several relations share their loads.

    `by` is the key to load of the relation's key, and `value` the relation's value from the loaded one and that key.
    """

    by: Callable[[Any], Any]
    value: Callable[[Any, Any], Any]

    def value_or_error(self, loaded: Any, key: Any) -> Any:
        """The value of a key, null for none; the error of its load or of its derivation is returned."""
        if key is None or isinstance(loaded, Exception):
            return loaded
        try:
            return self.value(loaded, key)
        except Exception as error:  # noqa: BLE001 - the field reports it
            return error


@dataclass(frozen=True, slots=True)
class Relation:
    """How a relation is loaded: the parent's attribute with the key, and the function that loads a batch.

    `size` is the expected number of objects in a list. `known` is the parent's attribute that has the value already,
    or null when it must be loaded. A `stable` value is the same for equal revisions of the parent; a `volatile` one
    is read for each answer.
    """

    key: str
    load: Load
    many: bool
    size: int = DEFAULT_LIST_SIZE
    known: str | None = None
    stable: bool = False
    volatile: bool = False
    derived: Derived | None = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """A value computed on request, by the source's method of this name, which has no parameters."""

    method: str


def relation(
    key: str,
    load: Callable[..., Any],
    *,
    many: bool = False,
    size: int = DEFAULT_LIST_SIZE,
    page: bool = False,
    known: str | None = None,
    stable: bool = False,
    volatile: bool = False,
    derived: Derived | None = None,
    guard: Guard | None = None,
    depends_on: Dependency | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
) -> Any:
    """A field whose values `load(context, keys)` loads for many parents at once, by their attribute `key`.

    A null key is null (an empty list when `many`). With `page` the field has Relay's arguments, a key is
    `(key, PageArgs)`, and the value is a Connection. A guard that refuses fails the field, so it must be nullable.
    `size` is the expected number of objects in the list, by which a query's cost multiplies the selection.
    `depends_on` is what a cached answer with the field depends on, beside the objects that it shows.

    `known` is the parent's attribute that has the value already; only where it is None is the value loaded.
    Below a type with a `revision` (see `Node`), the revision determines what is `stable`; a `volatile` leaf is loaded
    for each answer, and equal loaded values are shown the same. A `derived` value is computed from a loaded one.
    """
    if page and (known or stable or volatile or derived):
        raise ValueError("A page depends on its arguments: it is neither known nor stable nor volatile nor derived.")
    loading = Relation(key, load, many, size, known, stable, volatile, derived)
    resolver = _page_resolver(loading, guard) if page else _resolver(loading, guard)
    data: dict[str, Any] = {"page" if page else "relation": loading, "depends_on": depends_on}
    return _field(resolver, data, description, deprecation_reason, guard)


def deferred(method: str, *, description: str | None = None) -> Any:
    """A field whose value the source's async method of this name computes, only when the field is selected."""

    async def resolve(root: Any) -> Any:
        return await getattr(root, method)()

    return _field(resolve, {"deferred": Deferred(method)}, description, None, None)


def computed(resolver: Callable[[Any], Any], *, deprecation_reason: str | None = None) -> Any:
    """A field computed from its source alone, without I/O: `def price(self) -> Money`; its docstring describes it."""
    return _field(resolver, {"computed": resolver}, getdoc(resolver), deprecation_reason, None)


def guarded(guard: Guard, attribute: str, *, description: str | None = None) -> Any:
    """An attribute that needs a guard; without the permission the (nullable) field fails with FORBIDDEN."""

    def resolve(root: Any, info: Info) -> Any:
        guard.check(info.context.actor)
        return getattr(root, attribute)

    return _field(resolve, {"guarded": attribute}, description, None, guard)


def _resolver(relation: Relation, guard: Guard | None) -> Callable[..., Any]:
    def resolve(root: Any, info: Info) -> Any:
        context: Context = info.context
        if guard is not None:
            guard.check(context.actor)
        if relation.known is not None and (known := getattr(root, relation.known)) is not None:
            return known
        key = getattr(root, relation.key)
        if key is None:
            return [] if relation.many else None
        loader = context.loaders.of(relation.load)
        return loader.load(key) if relation.derived is None else _derived(loader, relation.derived, key)

    return resolve


async def _derived(loader: LevelLoader[Any, Any], derived: Derived, key: Any) -> Any:
    return derived.value(await loader.load(derived.by(key)), key)


First = Annotated[
    int | None,
    strawberry.argument(
        description=(
            "The number of items from the start of the list, or after the cursor `after`: 0 to 100, 20 by "
            "default. Not together with `last`."
        )
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of the item that precedes the page. Not together with `last` or `before`."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=(
            "The number of items from the end of the list, or before the cursor `before`: 0 to 100. Not "
            "together with `first`."
        )
    ),
]
Before = Annotated[
    str | None, strawberry.argument(description="The cursor of the item that follows the page. Requires `last`.")
]


def _page_resolver(relation: Relation, guard: Guard | None) -> Callable[..., Any]:
    def resolve(
        root: Any, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Any:
        context: Context = info.context
        if guard is not None:
            guard.check(context.actor)
        args = PageArgs(first, after, last, before)
        args.size  # noqa: B018 - raises when the arguments ask for too many
        return context.loaders.of(relation.load).load((getattr(root, relation.key), args))

    return resolve


def _field(
    resolver: Callable[..., Any],
    data: dict[str, Any],
    description: str | None,
    deprecation_reason: str | None,
    guard: Guard | None,
) -> StrawberryField:
    declared: StrawberryField = strawberry.field(
        resolver=resolver,
        description=description,
        deprecation_reason=deprecation_reason,
        directives=guard.directives() if guard else (),
    )
    declared.metadata = MappingProxyType(data if guard is None else data | {"guard": guard})
    return declared
