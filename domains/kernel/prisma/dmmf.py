"""Prisma's description of the schema (DMMF) as the models and enums that are to be written, checked on the way."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

DOMAIN = re.compile(r"^\s*@domain\s+(\w+)\s*$", re.MULTILINE)
PYTHON = re.compile(r"^\s*@python\s+([\w.]+)\s*$", re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class SchemaError(Exception):
    """schema.prisma says something that the generator does not know how to write."""


@dataclass(frozen=True, slots=True)
class EnumModel:
    """An enum: `members` are names and database values; `python` names a class that is written by hand."""

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
    touched: bool


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
        """Whose the rows are: the name of a member of Tenancy."""
        company = [field for field in self.fields if field.name == "company_id"]
        if not company:
            return "NONE"
        return "SHARED" if company[0].nullable else "OWNED"


@dataclass(frozen=True, slots=True)
class Schema:
    """All of the data model."""

    enums: tuple[EnumModel, ...]
    models: tuple[Model, ...]

    @property
    def domains(self) -> list[str]:
        """The domains that own something."""
        owners = {model.domain for model in self.models}
        return sorted(owners | {enum.domain for enum in self.enums if enum.python is None})


def read_schema(datamodel: Mapping[str, Any]) -> Schema:
    """The data model of a DMMF document. Raises SchemaError with what to mend in schema.prisma."""
    enums = tuple(_enum(given) for given in datamodel["enums"])
    return Schema(enums, tuple(_model(given) for given in datamodel["models"]))


def _text(given: Mapping[str, Any]) -> str:
    documentation = str(given.get("documentation") or "")
    return " ".join(PYTHON.sub("", DOMAIN.sub("", documentation)).split())


def _domain(given: Mapping[str, Any]) -> str:
    found = DOMAIN.search(given.get("documentation") or "")
    if found is None:
        raise SchemaError(f"{given['name']}: its doc comment lacks the line '/// @domain <name>'")
    return found[1]


def _enum(given: Mapping[str, Any]) -> EnumModel:
    python = PYTHON.search(given.get("documentation") or "")
    members = tuple((value["name"], value.get("dbName") or value["name"], _text(value)) for value in given["values"])
    return EnumModel(
        name=given["name"],
        domain=_domain(given),
        text=_text(given),
        type=given.get("dbName") or given["name"],
        members=members,
        python=python[1] if python else None,
    )


def _model(given: Mapping[str, Any]) -> Model:
    names = {field["name"]: _column_name(given["name"], field) for field in _columns(given)}
    return Model(
        name=given["name"],
        domain=_domain(given),
        text=_text(given),
        table=given.get("dbName") or given["name"],
        fields=tuple(_field(field, names[field["name"]]) for field in _columns(given)),
        keys=_keys(given, names),
    )


def _columns(given: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (field for field in given["fields"] if field["kind"] != "object")


def _column_name(model: str, given: Mapping[str, Any]) -> str:
    name = str(given.get("dbName") or given["name"])
    if not NAME.fullmatch(name) or iskeyword(name):
        raise SchemaError(
            f"{model}.{given['name']}: needs @map to a snake_case name that Python can use, not {name!r}"
        )
    return name


def _field(given: Mapping[str, Any], name: str) -> Field:
    native = given.get("nativeType")
    return Field(
        name=name,
        text=_text(given),
        type=given["type"],
        native=(native[0], tuple(native[1])) if native else None,
        is_enum=given["kind"] == "enum",
        is_list=given["isList"],
        nullable=not given["isRequired"],
        has_default=given["hasDefaultValue"],
        default=given.get("default"),
        touched=given["isUpdatedAt"],
    )


def _keys(given: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The unique keys; of two that are the same but for the company, which is the handle's, the first stays."""
    primary = (given.get("primaryKey") or {}).get("fields")
    single = [[field["name"]] for field in given["fields"] if field["isId"]]
    single += [[field["name"]] for field in given["fields"] if field["isUnique"] and not field["isId"]]
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for fields in ([primary] if primary else []) + single + given["uniqueFields"]:
        key = tuple(names[field] for field in fields)
        found.setdefault(frozenset(key) - {"company_id"}, key)
    return tuple(found.values())
