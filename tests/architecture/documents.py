"""A parser of the project's Markdown files: fenced blocks, code spans, links, headings."""

import ast
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.test_budgets import ROOT, parsed, sources

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document."""

    document: str
    language: str
    text: str


def documents() -> dict[str, str]:
    """The text of each Markdown file of the project by its path."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return {name: (ROOT / name).read_text() for name in sorted(listed) if (ROOT / name).is_file()}


def blocks(language: str) -> list[Block]:
    """The fenced blocks of one language in all documents."""
    return [
        Block(name, found[1], found[2])
        for name, text in documents().items()
        for found in FENCE.finditer(text)
        if found[1] == language
    ]


def prose(text: str) -> str:
    """A document without its fenced blocks."""
    return FENCE.sub("", text)


def spans(text: str) -> set[str]:
    """The code spans of a document's prose."""
    return set(re.findall(r"`([^`\n]+)`", prose(text)))


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def schema_members() -> dict[str, set[str]]:
    """The fields of each model, and the members of each enum, of schema.prisma."""
    members: dict[str, set[str]] = {}
    for name, body in re.findall(r"^(?:model|enum) (\w+) \{\n(.*?)^\}", _schema(), re.MULTILINE | re.DOTALL):
        members[name] = set(re.findall(r"^  (\w+)\b", body, re.MULTILINE))
    return members


def models() -> set[str]:
    """The names of the models of schema.prisma."""
    return set(re.findall(r"^model (\w+) \{", _schema(), re.MULTILINE))


def _schema() -> str:
    return (ROOT / "schema.prisma").read_text()


def class_members() -> dict[str, set[str]]:
    """The methods and attributes of each class of domains and gateway; classes of one name are taken together."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for path, text in sources():
        if path.parts[0] in ("domains", "gateway"):
            for node in ast.walk(parsed(text)):
                if isinstance(node, ast.ClassDef):
                    members[node.name] |= {name for item in node.body for name in _names(item)}
    return members


def _names(item: ast.stmt) -> list[str]:
    match item:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [item.name]
        case ast.AnnAssign(target=ast.Name() as target):
            return [target.id]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []
