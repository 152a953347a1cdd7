"""The rules that a check's source gives: read with `ast` from the class and all functions it can reach."""

from __future__ import annotations

import ast
import functools
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

Code = tuple[str, ast.stmt]
"""A statement at the top of a module, with the module's name."""


@functools.cache
def tree_of(module: str) -> ast.Module:
    file = importlib.import_module(module).__file__
    assert file is not None
    return ast.parse(Path(file).read_text("utf-8"))


@functools.cache
def names_of(module: str) -> tuple[dict[str, ast.stmt], dict[str, tuple[str, str]]]:
    """What a module defines at its top, by name, and what it imports from modules of this project."""
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in tree_of(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (name for each in targets for name in ast.walk(each)):
                if isinstance(target, ast.Name):
                    defined[target.id] = node
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("filters."):
            for alias in node.names:
                imported[alias.asname or alias.name] = (str(node.module), alias.name)
    return defined, imported


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes inside but those of docstrings and of the declaration itself."""
    yield node
    for child in ast.iter_child_nodes(node):
        declares = isinstance(child, ast.AnnAssign) and getattr(child.target, "id", "") == "rules"
        documents = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not declares and not documents:
            yield from walk(child)


def reachable(module: str, name: str) -> list[Code]:
    """The top-level statements that a name leads to, by the names in them."""
    found: dict[tuple[str, str], Code] = {}
    waiting = [(module, name)]
    while waiting:
        place = waiting.pop()
        defined, imported = names_of(place[0])
        if place in found:
            continue
        if place[1] in imported:
            waiting.append(imported[place[1]])
        elif place[1] in defined:
            found[place] = place[0], defined[place[1]]
            waiting += [(place[0], n.id) for n in walk(defined[place[1]]) if isinstance(n, ast.Name)]
    return list(dict.fromkeys(found.values()))


def literals(node: ast.AST) -> set[str]:
    """What the texts in some code begin with, up to a colon, and words in capitals as rules are written."""
    found: set[str] = set()
    for inner in walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.add(inner.value.partition(":")[0])
            capitals = "".join(c if c.isupper() else " " for c in inner.value)
            found |= {word.lower() for word in capitals.split()}
    return found


def reason_rules(module: str, node: ast.stmt) -> set[str]:
    """What the reasons of verdicts, and the rules of faults, begin with, where the source says it in words."""
    found: set[str] = set()
    functions = [n for n in walk(node) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)] or [node]
    for function in functions:
        for call in walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                at = {"Verdict": 1, "Fault": 0, "_Fault": 1, "ProgramVerdict": 1}.get(call.func.id)
                named = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
                given_ = named if at is None else [*call.args[at : at + 1], *named]
                found |= {rule for reason in given_ for rule in begins_of(reason, function, module)}
    return found - {""}


def begins_of(value: ast.expr, function: ast.AST, module: str) -> set[str]:
    """What a text expression can begin with, up to its colon; nothing where the source does not say."""
    again: Callable[[ast.expr], set[str]] = functools.partial(begins_of, function=function, module=module)
    match value:
        case ast.Constant(value=str(text)):
            return {text.partition(":")[0]}
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return {text.partition(":")[0]}
        case ast.JoinedStr(values=[ast.FormattedValue(value=first), *_]):
            return again(first)
        case ast.Subscript(value=inner, slice=ast.Slice()):
            return again(inner)
        case ast.IfExp(body=one, orelse=two):
            return again(one) | again(two)
        case ast.Name(id=name):
            return assigned(name, function, module)
    return set()


def assigned(name: str, function: ast.AST, module: str) -> set[str]:
    """What a variable can begin with: by its assignments, or as a parameter by the calls in its module."""
    found: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            found |= begins_of(node.value, function, module)
    if not isinstance(function, ast.FunctionDef) or name not in (
        names := [a.arg for a in function.args.args]
    ):
        return found
    for caller in ast.walk(tree_of(module)):
        if isinstance(caller, ast.FunctionDef):
            for call in walk(caller):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == function.name:
                    at = names.index(name)
                    found |= {
                        rule for each in call.args[at : at + 1] for rule in begins_of(each, caller, module)
                    }
    return found
