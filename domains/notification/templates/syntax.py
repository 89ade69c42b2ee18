"""The syntax of templates: an allow-list of Jinja's nodes, checked against the variables of a kind. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import nodes

from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.filters import FILTERS

MAX_DEPTH: Final = 30
MAX_NODES: Final = 5_000
MAX_LOOPS: Final = 2
TEXT: Final = ""
"""The shape of a text or a number; those of others are mappings and lists of shapes, as in a sample."""
LOOP: Final[Mapping[str, Any]] = dict.fromkeys(("first", "last", "index", "index0", "length"), TEXT)
TESTS: Final = frozenset({"none", "zero"})
COMPARISONS: Final = frozenset({"eq", "ne", "lt", "lteq", "gt", "gteq"})
REFUSED: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Call: "Functions cannot be called",
    nodes.Mul: "`*` cannot be used",
    nodes.Pow: "`**` cannot be used",
    nodes.Add: "`+` cannot be used; write values one after the other",
    nodes.Concat: "`~` cannot be used; write values one after the other",
    nodes.Mod: "`%` cannot be used",
    nodes.Assign: "`set` cannot be used",
    nodes.AssignBlock: "`set` cannot be used",
    nodes.Macro: "`macro` cannot be used",
    nodes.Include: "`include` cannot be used",
    nodes.Import: "`import` cannot be used",
    nodes.FromImport: "`import` cannot be used",
    nodes.Extends: "`extends` cannot be used",
    nodes.Block: "`block` cannot be used",
}


@dataclass(slots=True)
class _Budget:
    nodes: int = MAX_NODES


@dataclass(frozen=True, slots=True)
class _Scope:
    """The variables at a place of the template, and the targets of the loops around it."""

    names: Mapping[str, Any]
    budget: _Budget
    loops: tuple[str, ...] = ()
    depth: int = 0

    def at(self, node: nodes.Node) -> "_Scope":
        """One level deeper. Raises TemplateInvalid beyond the bounds."""
        self.budget.nodes -= 1
        if self.depth >= MAX_DEPTH:
            raise TemplateInvalid("The template is nested too deeply.", line=node.lineno)
        if self.budget.nodes < 0:
            raise TemplateInvalid("The template is too long: use fewer variables and conditions.", line=node.lineno)
        return _Scope(self.names, self.budget, self.loops, self.depth + 1)

    def inside(self, target: str, element: Any) -> "_Scope":
        """The scope of a loop's body."""
        names = {**self.names, target: element, "loop": LOOP}
        return _Scope(names, self.budget, (*self.loops, target), self.depth)


def require_allowed(template: nodes.Template, variables: Mapping[str, Any]) -> None:
    """Check each node of a parsed template. `variables` has the shapes by name. Raises TemplateInvalid."""
    _statements(template.body, _Scope(variables, _Budget()))


def path_of(expression: nodes.Node) -> str | None:
    """`order.url` for an expression that is only a variable, otherwise None."""
    match expression:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(node=owner, attr=attribute):
            before = path_of(owner)
            return None if before is None else f"{before}.{attribute}"
    return None


def _statements(body: Sequence[nodes.Node], scope: _Scope) -> None:
    for node in body:
        within = scope.at(node)
        match node:
            case nodes.Output(nodes=parts):
                for part in parts:
                    if not isinstance(part, nodes.TemplateData):
                        _require_text(_shape(part, within), part)
            case nodes.If(test=test, body=inner, elif_=others, else_=otherwise):
                _shape(test, within)
                _statements(inner, within)
                _statements(others, within)
                _statements(otherwise, within)
            case nodes.For():
                _loop(node, within)
            case _:
                raise _refusal(node)


def _loop(node: nodes.For, scope: _Scope) -> None:
    if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
        raise TemplateInvalid("Write a loop as `{% for item in items %}`.", line=node.lineno)
    path = path_of(node.iter)
    shape = _shape(node.iter, scope)
    if path is None or not isinstance(shape, list):
        raise TemplateInvalid("A loop goes over a variable that is a list.", line=node.lineno)
    if len(scope.loops) >= MAX_LOOPS or (scope.loops and path.partition(".")[0] != scope.loops[-1]):
        raise TemplateInvalid("A loop in a loop goes over a list of the outer one's element.", line=node.lineno)
    _statements(node.body, scope.inside(node.target.name, shape[0]))
    _statements(node.else_, scope)


def _shape(node: nodes.Node, scope: _Scope) -> Any:
    """The shape of an expression's value."""
    within = scope.at(node)
    match node:
        case nodes.Const():
            return TEXT
        case nodes.Name(name=name):
            return _member(within.names, name, node, "")
        case nodes.Getattr(node=owner, attr=name):
            return _member(_shape(owner, within), name, node, path_of(owner) or "")
        case nodes.Getitem(node=owner, arg=nodes.Const(value=str(name))):
            return _member(_shape(owner, within), name, node, path_of(owner) or "")
        case nodes.Filter():
            return _filtered(node, within)
        case nodes.Compare(expr=first, ops=operations):
            _compared(node, [first, *(each.expr for each in operations)], within)
        case nodes.CondExpr(test=test, expr1=first, expr2=second):
            _shape(test, within)
            for value in filter(None, (first, second)):
                _require_text(_shape(value, within), value)
        case _:
            for each in _conditions(node):
                _shape(each, within)
    return TEXT


def _conditions(node: nodes.Node) -> Sequence[nodes.Node]:
    """What a condition consists of. Raises TemplateInvalid for what is none."""
    match node:
        case nodes.Test(name=name, args=[], kwargs=[], dyn_args=None, dyn_kwargs=None) if name in TESTS:
            return [_present(node.node)]
        case nodes.Not(node=inner):
            return [inner]
        case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
            return [left, right]
    raise _refusal(node)


def _compared(node: nodes.Compare, values: Sequence[nodes.Node], scope: _Scope) -> None:
    for operation in node.ops:
        if operation.op not in COMPARISONS:
            raise TemplateInvalid("`in` cannot be used; compare with `==`.", line=node.lineno)
    for value in values:
        _require_text(_shape(value, scope), value)


def _filtered(node: nodes.Filter, scope: _Scope) -> Any:
    allowed = FILTERS.get(node.name)
    if allowed is None:
        raise TemplateInvalid(f"There is no filter `{node.name}`; there are: {_list(FILTERS)}.", line=node.lineno)
    least, most = allowed.arguments
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not least <= len(node.args) <= most:
        raise TemplateInvalid(f"`{node.name}` takes {least} arguments, without names.", line=node.lineno)
    shape = _shape(_present(node.node), scope)
    if isinstance(shape, Mapping) or (isinstance(shape, list) and not allowed.takes_list):
        raise TemplateInvalid(f"`{node.name}` takes a text or a number, not a list.", line=node.lineno)
    for argument in node.args:
        _require_text(_shape(argument, scope), argument)
    if node.name == "join":
        _require_joined(node, shape)
    return TEXT


def _require_joined(node: nodes.Filter, shape: Any) -> None:
    is_list_of_texts = isinstance(shape, list) and not isinstance(shape[0], Mapping | list)
    if not is_list_of_texts or not isinstance(node.args[0], nodes.Const):
        raise TemplateInvalid("`join` puts a text between those of a list: `lines|join(', ')`.", line=node.lineno)


def _present(node: nodes.Node | None) -> nodes.Node:
    if node is None:
        raise TemplateInvalid("Blocks of filters cannot be used.")
    return node


def _member(shape: Any, name: str, node: nodes.Node, owner: str) -> Any:
    if isinstance(shape, Mapping) and name in shape:
        return shape[name]
    path = f"{owner}.{name}" if owner else name
    if not isinstance(shape, Mapping):
        raise TemplateInvalid(f"There is no variable `{path}`: `{owner}` has no parts.", line=node.lineno)
    known = _list(f"{owner}.{each}" if owner else each for each in shape)
    raise TemplateInvalid(f"There is no variable `{path}`; there are: {known}.", line=node.lineno)


def _require_text(shape: Any, node: nodes.Node) -> None:
    if isinstance(shape, Mapping):
        raise TemplateInvalid(f"Name a part of the variable: {_list(shape)}.", line=node.lineno)
    if isinstance(shape, list):
        raise TemplateInvalid("The variable is a list: use `{% for %}` or `join`.", line=node.lineno)


def _refusal(node: nodes.Node) -> TemplateInvalid:
    what = REFUSED.get(type(node), f"`{type(node).__name__.lower()}` cannot be used")
    return TemplateInvalid(f"{what} in a template.", line=node.lineno)


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
