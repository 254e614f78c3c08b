"""The meanings of keys: the docstring below each key in the source text of its class, read when somebody asks for it.

To read them takes longer than to check a scenario, and only the JSON Schema and the reference show them.
"""

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise


def meanings_of(part: type, root: type) -> dict[str, str]:
    """The meaning of each key of a class and of its bases from `root` on, by name; empty where a key has none."""
    found: dict[str, str] = {}
    for base in reversed(part.__mro__):
        source = _classes_of(base.__module__).get(base.__name__) if issubclass(base, root) else None
        found |= {} if source is None else _docstrings_below_keys(source)
    return found


@cache
def _classes_of(module: str) -> dict[str, ast.ClassDef]:
    """The classes in the source text of a module, by name."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (KeyError, OSError, TypeError):  # it was typed, or comes without its source
        return {}
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _docstrings_below_keys(found: ast.ClassDef) -> dict[str, str]:
    """The text that follows each annotated name in the body of a class; empty where none does."""
    texts = {}
    for key, below in pairwise([*found.body, ast.Pass()]):
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name):
            text = below.value if isinstance(below, ast.Expr) else None
            texts[key.target.id] = inspect.cleandoc(str(text.value)) if isinstance(text, ast.Constant) else ""
    return texts
