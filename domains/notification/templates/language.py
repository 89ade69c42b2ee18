"""The language of templates: Jinja, reduced to variables, filters, conditions and loops, with bounded output."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.filters import FILTERS
from domains.notification.templates.syntax import LOOP, MAX_NODES, require_allowed

MAX_SOURCE: Final = 128 * 1024
MAX_OUTPUT: Final = 512 * 1024
MAX_ELEMENTS: Final = 1_000
"""How many elements of a list a message shows at most."""
MAX_STEPS: Final = 100_000
"""The work of one text: a step for each part of a variable, FILTER_STEPS for each filter, also without output."""
FILTER_STEPS: Final = 20


class TooManySteps(TemplateError):
    """A text took more than MAX_STEPS."""


@dataclass(slots=True)
class _Steps:
    left: int = MAX_STEPS


_STEPS: Final[ContextVar[_Steps | None]] = ContextVar("steps", default=None)


class OutputTooLong(Exception):
    """A message became longer than MAX_OUTPUT characters."""


class _Environment(ImmutableSandboxedEnvironment):
    """Reads the parts of mappings and nothing else of an object. A part that is missing or null is nothing."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A part of a mapping, or what a loop knows about itself."""
        _spend(1)
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return obj.get(attribute) if isinstance(obj, Mapping) else None

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same as `getattr`."""
        return self.getattr(obj, argument)

    def call(self, *_given: Any, **_named: Any) -> Any:
        """Refused; the check of the syntax refuses it before."""
        raise SecurityError("Functions cannot be called.")


def _environment(*, is_html: bool) -> _Environment:
    environment = _Environment(
        undefined=StrictUndefined, autoescape=is_html, finalize=lambda value: "" if value is None else value
    )
    own = {name: _counted(allowed.function or environment.filters[name]) for name, allowed in FILTERS.items()}
    environment.tests["zero"] = _is_zero
    environment.filters.clear()
    environment.filters.update(own)
    environment.globals.clear()
    return environment


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that spends steps. Jinja's marks on the function are kept."""

    @wraps(function)
    def counted(*given: Any) -> Any:
        _spend(FILTER_STEPS)
        return function(*given)

    return counted


def _is_zero(amount: Any) -> bool:
    _spend(1)
    return amount is None or Decimal(amount) == 0


def _spend(number: int) -> None:
    steps = _STEPS.get()
    if steps is None:  # while a template is compiled
        return
    steps.left -= number
    if steps.left < 0:
        raise TooManySteps("The text is too much work: use fewer filters and variables in loops.")


PLAIN: Final = _environment(is_html=False)
HTML: Final = _environment(is_html=True)


def parse(source: str) -> nodes.Template:
    """The parsed template. Raises TemplateInvalid for one that is too long, too deep or not well formed."""
    if len(source) > MAX_SOURCE:
        raise TemplateInvalid(f"A template has at most {MAX_SOURCE} characters.")
    if source.count("{{") + source.count("{%") > MAX_NODES:
        raise TemplateInvalid("The template is too long: use fewer variables and conditions.")
    try:
        return PLAIN.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateInvalid(f"{error.message}", line=error.lineno) from error
    except (RecursionError, MemoryError, OverflowError, ValueError) as error:
        raise TemplateInvalid("The template is nested too deeply.") from error


def require_valid(source: str, variables: Mapping[str, Any]) -> None:
    """Check a template against the shapes of its variables. Raises TemplateInvalid."""
    require_allowed(parse(source), variables)


def render(source: str, variables: Mapping[str, Any], *, is_html: bool = False) -> str:
    """The text of a template that is valid; variables are escaped in HTML.

    Raises OutputTooLong, TooManySteps and TemplateError.
    """
    template, pieces, size = compiled(source, is_html=is_html), [], 0
    token = _STEPS.set(_Steps())
    try:
        for piece in template.generate(variables):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise OutputTooLong(f"The message has more than {MAX_OUTPUT} characters.")
            pieces.append(piece)
    finally:
        _STEPS.reset(token)
    return "".join(pieces)


@lru_cache(maxsize=512)
def compiled(source: str, *, is_html: bool) -> Template:
    """The template, ready to be rendered."""
    return (HTML if is_html else PLAIN).from_string(source)


__all__ = ["OutputTooLong", "TemplateError", "TooManySteps", "parse", "render", "require_valid"]
