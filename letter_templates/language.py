"""The language of the templates: which tags a letter may contain, and what is wrong with the tags of one text.

Jinja in a sandbox, and of Jinja only fields, `if`, `for` and a few filters: no calls, no arithmetic, no assignments. Whatever such a text does
is over after as many steps as its lists are long, twice nested at most, and these steps are counted.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letter_templates.contract import Part, part_of
from letter_templates.formats import clean

FILTERS = frozenset(["upper", "lower", "title", "capitalize", "trim", "length", "count", "first", "last", "join", "default", "d"])
PLAIN = (
    nodes.TemplateData, nodes.Getitem, nodes.Const, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test,
    nodes.Concat, nodes.Filter, nodes.Slice, nodes.Tuple, nodes.List,
)  # fmt: skip
LOOP = frozenset(["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "previtem", "nextitem"])
DEPTH = 2
CONDITIONS, SIGNATURE = "conditions", "signature_image"  # fields of every template that insert a file, see inserted.py
STEPS = " steps"  # no name a template could write
TAG = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
TYPED = re.compile(r"(?<![{_]){\s*(?P<braced>[\w.]+)\s*}(?![}_])|\[\[\s*(?P<squared>[\w.]+)\s*\]\]|(?:«|<<)\s*(?P<quoted>[\w.]+)\s*(?:»|>>)")
OPERATORS = {"mul": "*", "add": "+", "sub": "-", "div": "/", "floordiv": "//", "mod": "%", "pow": "**", "assign": "set", "assignblock": "set"}


class TooLong(Exception):  # noqa: N818 - render says which template and letter
    """The loops of a letter took more steps than any letter needs."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox whose loops are counted: a letter says under `STEPS` how many steps it has left."""

    def _generate(self, source: nodes.Template, *more: Any, **named: Any) -> str:
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return super()._generate(source, *more, **named)


class _Straight(_Sandbox):
    """The same for texts that are not parsed again: fields are looked up as such, breaks of lines between paragraphs are left out."""

    def _generate(self, source: nodes.Template, *more: Any, **named: Any) -> str:
        for text in source.find_all(nodes.TemplateData):
            text.data = text.data.replace("\n", "")
        return super()._generate(_looked_up(source), *more, **named)


def _looked_up(node: Any) -> Any:
    """`line.open` as `line["open"]`: all values are dictionaries, but for `loop`."""
    for name, value in list(node.iter_fields()):
        if isinstance(value, nodes.Node):
            setattr(node, name, _looked_up(value))
        elif isinstance(value, list):
            setattr(node, name, [_looked_up(one) if isinstance(one, nodes.Node) else one for one in value])
    if isinstance(node, nodes.Getattr) and not (isinstance(node.node, nodes.Name) and node.node.name == "loop"):
        return nodes.Getitem(node.node, nodes.Const(node.attr, lineno=node.lineno), node.ctx, lineno=node.lineno)
    return node


@pass_context
def _counted(context: Context, values: Any) -> Any:
    """The list of a loop, after its length is taken off the steps the letter has left."""
    left = context.parent.get(STEPS)
    if left:
        left[0] -= len(values)
        if left[0] < 0:
            raise TooLong
    return values


@cache
def environment() -> Environment:
    """The one environment of all templates: sandboxed, nothing mutable, everything escaped, nothing undefined, loops counted."""
    return _ready(_Sandbox(autoescape=True, undefined=StrictUndefined))


@cache
def straight_environment() -> Environment:
    """The same for texts that are not parsed again: everything is escaped as XML writes it, in the one place where it is printed."""
    return _ready(_Straight(autoescape=False, finalize=as_xml, undefined=StrictUndefined))


def _ready(made: Environment) -> Environment:
    made.filters["counted"] = _counted
    return made


def as_xml(value: Any) -> str:
    """A value as text between two tags: printable, and escaped as a parser would write it again."""
    text = value if type(value) is str else str(value)
    if not text.isprintable() and not text.replace("\xa0", " ").replace("\u202f", " ").isprintable():
        text = clean(text)
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one tag: the code of a finding, the words it is about, and the line of the source it stands on."""

    code: str
    what: str
    line: int
    near: str = ""


def _misspelt(trouble: TemplateSyntaxError) -> Trouble:
    """What Jinja could not read, in words for a person who writes a letter."""
    message = trouble.message or ""
    if unknown := re.match(r"Encountered unknown tag '(\w+)'", message):
        word = unknown[1]
        closes = word in ("endif", "endfor", "else", "elif")
        return Trouble("template_unopened" if closes else "template_unsafe_tag", f"{{% {word} %}}" if closes else word, trouble.lineno)
    if opened := re.search(r"needs to be closed is '(\w+)'", message):
        return Trouble("template_unclosed", f"{{% {opened[1]} … %}}", trouble.lineno, f"{{% end{opened[1]} %}}")
    return Trouble("template_syntax", "", trouble.lineno)


@dataclass(frozen=True)
class _Value:
    """What an expression stands for: a group of fields, a text or yes/no (`part` None), one of these or a list of them."""

    part: type[Part] | None = None
    many: bool = False


TEXT = _Value()


class Reading:
    """One reading of a template's source against a contract.

    `troubles`; `used`: the fields it uses, as `Group.field`; `inserted`: those that insert a file.
    """

    def __init__(self, source: str, contract: type[Part]) -> None:
        self.contract = contract
        self.troubles: list[Trouble] = []
        self.used: set[str] = set()
        self.inserted: set[str] = set()
        try:
            tree = environment().parse(source)
        except TemplateSyntaxError as trouble:
            self.troubles.append(_misspelt(trouble))
            return
        self._statements(tree.body, {}, 0)

    def _statements(self, body: list[nodes.Node], scope: dict[str, _Value | None], depth: int) -> None:
        for node in body:
            if isinstance(node, nodes.For):
                self._loop(node, scope, depth)
            elif isinstance(node, nodes.If):
                self._expression(node.test, scope)
                self._statements([*node.body, *node.elif_, *node.else_], scope, depth)
            elif isinstance(node, nodes.Output):
                for shown in node.nodes:
                    value = self._expression(shown, scope)
                    if value is not None and (value.many or value.part):
                        self._note("template_not_text", _written(shown), shown.lineno)
            else:
                self._unsafe(node)

    def _loop(self, node: nodes.For, scope: dict[str, _Value | None], depth: int) -> None:
        over = self._expression(node.iter, scope)
        if depth == DEPTH or node.recursive or not isinstance(node.target, nodes.Name):
            self._note("template_unsafe_tag", "for", node.lineno)
            return
        if over is not None and not over.many:
            self._note("template_no_list", _written(node.iter), node.lineno)
        inner = {**scope, node.target.name: _Value(over.part) if over else None, "loop": None}
        if node.test:
            self._expression(node.test, inner)
        self._statements(node.body, inner, depth + 1)
        self._statements(node.else_, scope, depth)

    def _expression(self, node: nodes.Node, scope: dict[str, _Value | None]) -> _Value | None:
        """What `node` stands for; None where that is not known, because something is wrong with it or because it is of the loop."""
        if isinstance(node, nodes.Name):
            if node.name in scope:
                return scope[node.name]
            if node.name in (CONDITIONS, SIGNATURE):
                self.inserted.add(node.name)
                return TEXT
            return self._field(self.contract, node.name, node.name, sorted([*self.contract.model_fields, *scope]), node.lineno)
        if isinstance(node, nodes.Getattr) or (isinstance(node, nodes.Getitem) and isinstance(getattr(node.arg, "value", None), str)):
            return self._member(node, scope)
        tests = environment().tests
        if not isinstance(node, PLAIN) or getattr(node, "name", "is") not in {"is", *(FILTERS if isinstance(node, nodes.Filter) else tests)}:
            self._unsafe(node)
            return None
        values = [self._expression(child, scope) for child in node.iter_child_nodes()]
        if isinstance(node, nodes.Getitem) and values and values[0] is not None and values[0].many:
            return values[0] if isinstance(node.arg, nodes.Slice) else _Value(values[0].part)
        if isinstance(node, nodes.Filter) and node.name in ("first", "last") and values and values[0] is not None:
            return _Value(values[0].part)
        return TEXT

    def _member(self, node: Any, scope: dict[str, _Value | None]) -> _Value | None:
        name = node.attr if isinstance(node, nodes.Getattr) else node.arg.value
        if isinstance(node.node, nodes.Name) and node.node.name == "loop" and "loop" in scope:
            if name not in LOOP:
                self._note("template_unknown_field", f"loop.{name}", node.lineno, _near(name, sorted(LOOP)))
            return None
        owner = self._expression(node.node, scope)
        if name.startswith("_"):
            self._note("template_unsafe_tag", _written(node), node.lineno)
        elif owner is not None and owner.part and not owner.many:
            return self._field(owner.part, name, _written(node), list(owner.part.model_fields), node.lineno)
        elif owner is not None:
            self._note("template_unknown_field", _written(node), node.lineno, _near(name, sorted(self.contract.model_fields)))
        return None

    def _field(self, part: type[Part], name: str, written: str, known: list[str], line: int) -> _Value | None:
        if name not in part.model_fields:
            self._note("template_unknown_field", written, line, _near(name, known))
            return None
        self.used.add(f"{part.__name__}.{name}")
        return _Value(*part_of(part.model_fields[name].annotation))

    def _unsafe(self, node: nodes.Node) -> None:
        self._note("template_unsafe_tag", _written(node), node.lineno)

    def _note(self, code: str, what: str, line: int, near: str = "") -> None:
        self.troubles.append(Trouble(code, what, line, near))


def _near(name: str, known: list[str]) -> str:
    return ", ".join(difflib.get_close_matches(name, known, 3, 0.3) or known[:3])


def near(name: str, contract: type[Part]) -> str:
    """The fields of a contract and its groups whose names come closest to `name`."""
    return _near(name, sorted({key for part in _groups(contract) for key in part.model_fields}))


def plain_fields(text: str, contract: type[Part]) -> Iterator[tuple[str, str]]:
    """What stands in a text like a field but is printed as it stands: `{ date }`, `[[date]]`, `«amount_due»`; and how to write it."""
    known = {key for part in _groups(contract) for key in part.model_fields}
    for found in TYPED.finditer(TAG.sub("", text)):
        braced, quoted = found["braced"] or found["squared"], found["quoted"]
        name = braced or quoted
        if name.split(".")[-1] in known and (braced or "_" in name or "." in name):  # « date » is a word in French
            yield found[0], f"{{{{ {name} }}}}"


def _groups(contract: type[Part]) -> Iterator[type[Part]]:
    yield contract
    for field in contract.model_fields.values():
        inner, _ = part_of(field.annotation)
        if inner:
            yield from _groups(inner)


def missing(contract: type[Part], used: set[str]) -> Iterator[tuple[str, str]]:
    """The fields no letter should lack and this one does: how they are written in Word, and "error" or "warning"."""
    yield from _missing(contract, used, "")


def _missing(part: type[Part], used: set[str], prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in part.model_fields.items():
        inner, many = part_of(field.annotation)
        if inner:
            yield from _missing(inner, used, f"{name.removesuffix('s')}." if many else f"{prefix}{name}.")
            continue
        extra = dict(cast("dict[str, str]", field.json_schema_extra))
        instead = extra["instead"] if "." in extra["instead"] else f"{part.__name__}.{extra['instead']}"
        if extra["wanted"] and not {f"{part.__name__}.{name}", instead} & used:
            yield f"{prefix}{name}", extra["wanted"]


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_written(node.node)}.{node.arg.value}"
    if isinstance(node, nodes.Filter):
        return f"|{node.name}"
    if isinstance(node, nodes.Call):
        return f"{_written(node.node)}(…)"
    if isinstance(node, nodes.Test):
        return f"is {node.name}"
    if isinstance(node, nodes.Const):
        return repr(node.value)
    name = type(node).__name__.lower()
    return OPERATORS.get(name, name)
