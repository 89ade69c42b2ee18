"""No method exists only to forward a call to another one with the arguments that it was given.

Allowed are the diagram's methods, on the classes that the Services table of docs/seeds.md names; methods that a
subclass overrides, whose base implementation may forward; and methods over a domain's own SQL modules, which no other
domain may import.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.documents import class_members
from tests.architecture.test_budgets import ROOT, parsed, sources

SERVICES_TABLE = re.compile(r"^\| `(\w+)` [a-z]\w+, .*? \| `[\w/.]+`: (.*?) \|$", re.MULTILINE)
Method = ast.FunctionDef | ast.AsyncFunctionDef


def diagram_methods() -> set[tuple[str, str]]:
    """(class, method) for each row of the Services table."""
    table = (ROOT / "docs" / "seeds.md").read_text().split("### Services")[1]
    return {(name, method) for name, code in SERVICES_TABLE.findall(table) for method in re.findall(r"`(\w+)`", code)}


def domain_classes() -> list[tuple[Path, ast.Module, ast.ClassDef]]:
    """Each class of the domains with its module."""
    return [
        (path, tree, node)
        for path, text in sources()
        if path.parts[0] == "domains"
        for tree in [parsed(text)]
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]


def methods(node: ast.ClassDef) -> Iterator[Method]:
    """The methods of a class."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            yield item


def only_call(method: Method) -> ast.Call | None:
    """The call that is the whole body of a method, awaited or returned."""
    body = [item for item in method.body if not _is_docstring(item)]
    match body:
        case [ast.Return(value=ast.Await(value=ast.Call() as call)) | ast.Return(value=ast.Call() as call)]:
            return call
        case [ast.Expr(value=ast.Await(value=ast.Call() as call)) | ast.Expr(value=ast.Call() as call)]:
            return call
    return None


def passes_its_arguments(method: Method, call: ast.Call) -> bool:
    """Whether the call gets exactly the method's arguments, each under its own name or at its own place."""
    given = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs)]
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    renamed = any(isinstance(key.value, ast.Name) and key.arg != key.value.id for key in call.keywords)
    names = [value.id for value in values if isinstance(value, ast.Name)]
    return not renamed and len(names) == len(values) and names == given[1:]


def callee(call: ast.Call) -> list[str]:
    """The dotted name that is called: ["self", "members", "find"]."""
    names, node = [], call.func
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def forwarded_to(tree: ast.Module, method: Method, known: set[str]) -> str | None:
    """What a method forwards to: a method of the project on one of its attributes, or a function of a module.

    None for a method that does anything else.
    """
    call = only_call(method)
    names = callee(call) if call else []
    if call is None or len(names) < 2 or not passes_its_arguments(method, call):
        return None
    is_part = names[0] == "self" and len(names) > 2 and names[-1] in known
    is_module = names[0] in _imported(tree) and not names[0].endswith("sql")
    return ".".join(names) if is_part or is_module else None


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("domains.")
        for alias in node.names
        if alias.name.islower()
    }


def _is_docstring(item: ast.stmt) -> bool:
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)


def _overridden(classes: list[tuple[Path, ast.Module, ast.ClassDef]]) -> set[tuple[str, str]]:
    return {
        (base.id, method.name)
        for _, _, node in classes
        for base in node.bases
        if isinstance(base, ast.Name)
        for method in methods(node)
    }


def test_no_method_only_forwards_its_arguments() -> None:
    classes = domain_classes()
    known = {name for names in class_members().values() for name in names}
    allowed = diagram_methods() | _overridden(classes)
    delegates = [
        f"{path}:{node.name}.{method.name} -> {target}"
        for path, tree, node in classes
        for method in methods(node)
        if (node.name, method.name) not in allowed and (target := forwarded_to(tree, method, known))
    ]
    assert delegates == []


def test_the_diagrams_methods_are_read_from_the_services_table() -> None:
    allowed = diagram_methods()
    assert {("OrderService", "create_order"), ("CartService", "apply_promotion")} <= allowed
    assert len(allowed) == 63


def test_a_method_that_only_forwards_is_found() -> None:
    tree = ast.parse(
        "from domains.auth.members import role_pages, sql\n"
        "class Toy:\n"
        "    async def found(self, tx, *, code):\n"
        '        """Its docstring."""\n'
        "        return await self.part.find(tx, code=code)\n"
        "    def also_found(self, db): return role_pages.find(db)\n"
        "    def adds(self, tx): return self.part.find(tx, 1)\n"
        "    def reads(self, db): return sql.find(db)\n"
        "    def appends(self, event): self.events.append(event)\n"
    )
    toy = tree.body[1]
    assert isinstance(toy, ast.ClassDef)
    found = {method.name: forwarded_to(tree, method, {"find"}) for method in methods(toy)}
    assert found == {
        "found": "self.part.find",
        "also_found": "role_pages.find",
        "adds": None,
        "reads": None,
        "appends": None,
    }
