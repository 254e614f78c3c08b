"""Print figures of the code's shape for a tree: `python -m tools.house_figures [FOLDER]`.

Code lines leave out blank lines, comments and docstrings. A function's length is its lines without its docstring.
"""

import ast
import io
import sys
import tokenize
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]


def code_lines(text: str, tree: ast.Module) -> int:
    """The number of lines that hold code: no blank lines, comments or docstrings."""
    documented = set[int]()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for statement in body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    documented |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    used = set[int]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped:
            used |= set(range(token.start[0], token.end[0] + 1))
    return len(used - documented)


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The lines of a function or class without its docstring."""
    return (node.end_lineno or 0) - node.lineno + 1 - len((ast.get_docstring(node) or "").splitlines())


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The number of parameters of a function."""
    given = node.args
    return len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)


def public_share(trees: list[ast.Module]) -> float:
    """The fraction of public functions and classes that have a docstring."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [n for tree in trees for n in ast.walk(tree) if isinstance(n, kinds) and not n.name.startswith("_")]
    return sum(ast.get_docstring(node) is not None for node in found) / len(found)


def main() -> int:
    """Print the figures of a tree."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    sources = [path for folder in ("sim", "plots") for path in sorted((root / folder).rglob("*.py"))]
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    functions = [(path, n) for path, n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    plain = [(path, n) for path, n in functions if "kernels" not in str(path.relative_to(root))]
    classes = [(path, n) for path, n in nodes if isinstance(n, ast.ClassDef)]
    tests = [path.read_text(encoding="utf-8") for path in (root / "tests").rglob("*.py")]
    code = sum(code_lines(texts[path], trees[path]) for path in sources)
    tested = sum(code_lines(text, ast.parse(text)) for text in tests)
    lengths = sorted(length_of(node) for _, node in functions)
    docs = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (root / "docs").rglob("*.md"))
    longest, path = max((length_of(node), f"{path.relative_to(root)}:{node.name}") for path, node in functions)
    big, where = max((length_of(node), f"{path.relative_to(root)}:{node.name}") for path, node in classes)
    most, whose = max((parameters_of(node), f"{path.relative_to(root)}:{node.name}") for path, node in functions)
    fewer, outside = max((parameters_of(node), f"{path.relative_to(root)}:{node.name}") for path, node in plain)
    rows = {
        "files": f"{len(sources)}",
        "largest file, lines": "{} ({})".format(
            *max((text.count("\n"), p.relative_to(root)) for p, text in texts.items())
        ),
        "code lines": f"{code}",
        "function length: median, 90th percentile": f"{lengths[len(lengths) // 2]}, {quantiles(lengths, n=10)[-1]:.0f}",
        "longest function": f"{longest} ({path})",
        "longest class": f"{big} ({where})",
        "most parameters": f"{most} ({whose})",
        "most parameters outside the kernels": f"{fewer} ({outside})",
        "public names with a docstring": f"{100.0 * public_share(list(trees.values())):.0f} %",
        "test lines for a line of code": f"{tested / code:.2f}",
        "lines of documentation for a line of code": f"{docs / code:.2f}",
    }
    sys.stdout.writelines(f"{name:<42} {value}\n" for name, value in rows.items())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
