"""Prisma's description of the schema (DMMF) as validated models and enums."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

DOMAIN = re.compile(r"^\s*@domain\s+(\w+)\s*$", re.MULTILINE)
PYTHON = re.compile(r"^\s*@python\s+([\w.]+)\s*$", re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class SchemaError(Exception):
    """schema.prisma contains something that the generator does not support."""


@dataclass(frozen=True, slots=True)
class EnumModel:
    """An enum: `members` are names and database values; `python` names a hand-written class."""

    name: str
    domain: str
    text: str
    type: str
    members: tuple[tuple[str, str, str], ...]
    python: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """A column: `type` is Prisma's scalar or the enum's name, `native` the attribute of `@db` with its arguments."""

    name: str
    text: str
    type: str
    native: tuple[str, tuple[str, ...]] | None
    is_enum: bool
    is_list: bool
    nullable: bool
    has_default: bool
    default: Any
    is_updated_at: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A table: `keys` are its unique keys by column names, the primary key first."""

    name: str
    domain: str
    text: str
    table: str
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...]

    @property
    def tenancy(self) -> str:
        """The name of the model's member of Tenancy."""
        company = [field for field in self.fields if field.name == "company_id"]
        if not company:
            return "NONE"
        return "SHARED" if company[0].nullable else "OWNED"


@dataclass(frozen=True, slots=True)
class Schema:
    """The whole data model."""

    enums: tuple[EnumModel, ...]
    models: tuple[Model, ...]

    @property
    def domains(self) -> list[str]:
        """The domains that own a model or an enum."""
        owners = {model.domain for model in self.models}
        return sorted(owners | {enum.domain for enum in self.enums if enum.python is None})


def read_schema(datamodel: Mapping[str, Any]) -> Schema:
    """The data model of a DMMF document. Raises SchemaError with the correction for schema.prisma."""
    enums = tuple(_enum(node) for node in datamodel["enums"])
    return Schema(enums, tuple(_model(node) for node in datamodel["models"]))


def _text(node: Mapping[str, Any]) -> str:
    documentation = str(node.get("documentation") or "")
    return " ".join(PYTHON.sub("", DOMAIN.sub("", documentation)).split())


def _domain(node: Mapping[str, Any]) -> str:
    found = DOMAIN.search(node.get("documentation") or "")
    if found is None:
        raise SchemaError(f"{node['name']}: its doc comment lacks the line '/// @domain <name>'")
    return found[1]


def _enum(node: Mapping[str, Any]) -> EnumModel:
    python = PYTHON.search(node.get("documentation") or "")
    members = tuple((value["name"], value.get("dbName") or value["name"], _text(value)) for value in node["values"])
    return EnumModel(
        name=node["name"],
        domain=_domain(node),
        text=_text(node),
        type=node.get("dbName") or node["name"],
        members=members,
        python=python[1] if python else None,
    )


def _model(node: Mapping[str, Any]) -> Model:
    names = {field["name"]: _column_name(node["name"], field) for field in _columns(node)}
    return Model(
        name=node["name"],
        domain=_domain(node),
        text=_text(node),
        table=node.get("dbName") or node["name"],
        fields=tuple(_field(field, names[field["name"]]) for field in _columns(node)),
        keys=_keys(node, names),
    )


def _columns(node: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (field for field in node["fields"] if field["kind"] != "object")


def _column_name(model: str, node: Mapping[str, Any]) -> str:
    name = str(node.get("dbName") or node["name"])
    if not NAME.fullmatch(name) or iskeyword(name):
        raise SchemaError(
            f"{model}.{node['name']}: needs @map to a snake_case name that Python can use, not {name!r}"
        )
    return name


def _field(node: Mapping[str, Any], name: str) -> Field:
    native = node.get("nativeType")
    return Field(
        name=name,
        text=_text(node),
        type=node["type"],
        native=(native[0], tuple(native[1])) if native else None,
        is_enum=node["kind"] == "enum",
        is_list=node["isList"],
        nullable=not node["isRequired"],
        has_default=node["hasDefaultValue"],
        default=node.get("default"),
        is_updated_at=node["isUpdatedAt"],
    )


def _keys(node: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The unique keys; of two that are the same but for the company, which is the handle's, the first stays."""
    primary = (node.get("primaryKey") or {}).get("fields")
    single = [[field["name"]] for field in node["fields"] if field["isId"]]
    single += [[field["name"]] for field in node["fields"] if field["isUnique"] and not field["isId"]]
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for fields in ([primary] if primary else []) + single + node["uniqueFields"]:
        key = tuple(names[field] for field in fields)
        found.setdefault(frozenset(key) - {"company_id"}, key)
    return tuple(found.values())
