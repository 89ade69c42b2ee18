"""Random valid and nearly valid documents of a schema, with aliases, fragments and overlapping fields."""

from typing import Any, Final

from graphql import GraphQLNonNull, GraphQLSchema, get_named_type, is_composite_type, is_object_type
from graphql.type import GraphQLNamedType
from hypothesis import strategies as st

ALIASES: Final = ("", "", "", "x: ", "y: ")
CONDITIONS: Final = ("", "(includeDeprecated: true)", "(includeDeprecated: false)", "(includeDeprecated: $all)")


def document(draw: st.DrawFn, schema: GraphQLSchema, root: GraphQLNamedType, *, depth: int) -> tuple[str, str]:
    """A selection on a type, and the fragments that it spreads."""
    names = [name for name, kind in schema.type_map.items() if is_object_type(kind) and kind is not root]
    types: dict[str, str] = {}
    fragments: dict[str, str] = {}
    for number in range(draw(st.integers(0, 3))):
        name, on = f"F{number}", schema.type_map[draw(st.sampled_from(names))]
        types[name] = on.name
        fragments[name] = f"fragment {name} on {on.name} {{ {_selection(draw, schema, on, depth - 2, {})} }}"
    text = _selection(draw, schema, root, depth, types)
    return text, " ".join(fragment for name, fragment in fragments.items() if f"...{name}" in text)


def _selection(draw: st.DrawFn, schema: GraphQLSchema, on: Any, depth: int, spreads: dict[str, str]) -> str:
    """Fields of a type; `spreads` are the names of the fragments that it may spread, each with its type."""
    fields = [
        (name, field)
        for name, field in on.fields.items()
        if (depth > 0 or not is_composite_type(get_named_type(field.type)))
        and not any(isinstance(arg.type, GraphQLNonNull) for arg in field.args.values())
    ]
    parts = ["__typename"]
    for name, field in draw(st.lists(st.sampled_from(fields), max_size=4)) if fields else []:
        condition = draw(st.sampled_from(CONDITIONS)) if "includeDeprecated" in field.args else ""
        below = get_named_type(field.type)
        inner = f" {{ {_selection(draw, schema, below, depth - 1, spreads)} }}" if is_composite_type(below) else ""
        part = f"{draw(st.sampled_from(ALIASES))}{name}{condition}{inner}"
        parts.append(draw(st.sampled_from((part, part, f"... on {on.name} {{ {part} }}", f"... {{ {part} }}"))))
    parts += [f"...{name}" for name, target in spreads.items() if target == on.name and draw(st.booleans())]
    return " ".join(parts)
