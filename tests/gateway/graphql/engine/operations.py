"""Random operations on a schema, the same ones for the same seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

CONDITIONS = ("@include(if: $yes)", "@skip(if: $no)", "@skip(if: $yes)", "@include(if: $no)")
DEPTH = 4


@dataclass(slots=True)
class RandomOperations:
    """Makes queries of these root fields, each with texts of its arguments; variables are $yes and $no."""

    schema: GraphQLSchema
    roots: Mapping[str, Sequence[str]]
    random: Random
    _fragments: list[str] = field(default_factory=list)
    _keys: int = 0

    def operation(self) -> str:
        """The text of one valid operation: each key in it is that of one field with one value of its arguments."""
        self._fragments, self._keys = [], 0
        query = self.schema.query_type
        assert query is not None
        selections = []
        for name in self.random.choices(list(self.roots), k=self.random.choice((1, 1, 1, 2))):
            arguments = self.random.choice(self.roots[name])
            selections.append(f"{self._key()}: {name}{arguments} {self._below(query.fields[name], DEPTH)}")
        used = "used: __typename @skip(if: $yes) @include(if: $no)"
        head = "query ($yes: Boolean = true, $no: Boolean = false)"
        return " ".join([head, "{", *selections, used, "}", *self._fragments])

    def _key(self) -> str:
        self._keys += 1
        return f"k{self._keys}"

    def _below(self, declared: GraphQLField, depth: int) -> str:
        named = get_named_type(declared.type)
        return "" if is_leaf_type(named) else f"{{ {self._selection(named, depth)} }}"

    def _selection(self, named: object, depth: int, *, has_keys: bool = False) -> str:
        """Some fields of a type; with keys of their own, since fields of several types may not conflict."""
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            types = self.schema.get_possible_types(named)
            chosen = self.random.sample(types, k=min(2, len(types)))
            shown = [*(each for each in types if each.name in {"Product", "Category"}), *chosen]
            parts = [
                f"... on {each.name} {{ {self._selection(each, depth - 1, has_keys=True)} }}"
                for each in dict.fromkeys(shown)
            ]
            return " ".join(["__typename", *parts])
        assert isinstance(named, GraphQLObjectType)
        parts = [self._field(name, each, depth, has_key=has_keys) for name, each in self._chosen(named, depth)]
        text = " ".join([*(part for part in parts if part), "__typename"])
        way = self.random.random()
        if way < 0.1:
            self._fragments.append(f"fragment F{len(self._fragments)} on {named.name} {{ {text} }}")
            return f"...F{len(self._fragments) - 1}"
        if way < 0.2:
            return f"__typename ... {self.random.choice(CONDITIONS)} {{ {text} }}"
        return text

    def _chosen(self, named: GraphQLObjectType, depth: int) -> list[tuple[str, GraphQLField]]:
        """Some of the fields that need no arguments; only leaves at the greatest depth."""
        fields = [
            (name, each)
            for name, each in named.fields.items()
            if not any(isinstance(argument.type, GraphQLNonNull) for argument in each.args.values())
            and (depth > 0 or is_leaf_type(get_named_type(each.type)))
        ]
        return self.random.choices(fields, k=self.random.randint(1, 9)) if fields else []

    def _field(self, name: str, declared: GraphQLField, depth: int, *, has_key: bool) -> str:
        arguments = f"(first: {self.random.randint(1, 3)})" if "first" in declared.args else ""
        has_key = has_key or bool(arguments) or self.random.random() < 0.1
        condition = self.random.choice(CONDITIONS) if self.random.random() < 0.1 else ""
        key = f"{self._key()}: " if has_key else ""
        return f"{key}{name}{arguments} {condition} {self._below(declared, depth - 1)}"
