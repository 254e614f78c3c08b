"""The house itself: layers, cycles, what an import costs, names, documentation, commits that name nothing of ours."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The stages by which a scenario becomes an answer. A folder may import from itself and from those before it.
STAGES = ("core", "model", "scenario", "deployment", "study", "check")
APART = {"check": "study"}  # two stages that do not know each other
SOURCES = [path for folder in ("sim", "plots") for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def nodes_in(text: str) -> tuple[ast.AST, ...]:
    """All nodes of a text of Python, the first of which is the whole; several rules look at each file."""
    return tuple(ast.walk(ast.parse(text)))


def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a file."""
    return nodes_in(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports, at any depth in it."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in ("sim", "plots", "scenarios", "tests", "benchmarks")}


def module_of(path: Path) -> str:
    """The name by which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_from_itself_and_from_those_before_it(stage):
    allowed = set(STAGES[: STAGES.index(stage) + 1]) - {APART.get(stage)}
    files = sorted((ROOT / "sim" / stage).rglob("*.py"))
    assert len(files) > 5
    for path in files:
        imported = {name for name in imports_of(path) if name.split(".")[0] in ("sim", "plots")}
        assert {name.split(".")[1] if "." in name else name for name in imported} <= allowed, path.name


@pytest.mark.parametrize("stage", STAGES)
def test_no_file_of_a_stage_imports_in_a_circle(stage):
    left = {module_of(path): imports_of(path) for path in (ROOT / "sim" / stage).rglob("*.py")}
    assert len(left) > 5
    while left:
        free = [name for name, found in left.items() if not any(other in found for other in left)]
        assert free, f"these import one another in a circle: {', '.join(left)}"
        for name in free:
            del left[name]


def test_a_compiled_file_imports_nothing_of_ours_that_the_digest_of_the_cache_does_not_cover():
    files = list((ROOT / "sim" / "core" / "kernels").glob("*.py"))
    assert len(files) > 5
    for path in files:
        for name in imports_of(path):
            assert name.startswith(("sim.core.kernels.", "sim.core.codes", "sim.core.records")), (path.name, name)


@pytest.mark.parametrize(
    "folder",
    [
        str(path.parent.relative_to(ROOT))
        for pattern in ("sim/*/**", "plots", "plots/*")
        for path in ROOT.glob(f"{pattern}/__init__.py")
    ],
)
def test_the_map_of_a_folder_names_its_files(folder):
    docstring = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    named = re.findall(r"^\* `(\w+)`: ", docstring, re.MULTILINE)
    files = [path.stem for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"]
    assert sorted(named) == sorted(files + [path.parent.name for path in (ROOT / folder).glob("*/__init__.py")])


def test_tests_that_need_a_browser_are_marked_so_that_others_can_run_without_one():
    files = sorted((ROOT / "tests/browser").glob("test_*.py"))
    assert len(files) > 1
    assert [
        path.name for path in files if "pytestmark = pytest.mark.browser" not in path.read_text(encoding="utf-8")
    ] == []


def test_plots_read_results_and_never_simulate():
    files = sorted((ROOT / "plots").rglob("*.py"))
    assert len(files) > 5
    for path in files:
        imported = imports_of(path)
        assert not {name for name in imported if name.startswith("sim.deployment")}, path.name
        assert not imported & {"sim.core.kernels", "sim.study.executors"}, path.name
        assert "simpy" not in path.read_text(encoding="utf-8"), path.name
        assert "kernels" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import sim", "matplotlib numba scipy pydantic pyarrow shapely numpy"),
        ("import sim.cli.main", "matplotlib numba scipy pydantic pyarrow shapely numpy rich"),
        (
            "import sim.scenario.load; sim.scenario.load.load_scenario('textbook')",
            "matplotlib numba scipy.stats pyarrow simpy",
        ),
        (
            "import sim.cli.main; sim.cli.main.main(['plot', 'coverage', '--help'])",
            "matplotlib numba scipy pydantic pyarrow shapely numpy rich",
        ),
        *(
            (f"import sim.cli.main; sim.cli.main.main({command.split()})", absent)
            for command, absent in {
                "show neon-spring": "numpy pydantic shapely rich",
                "check neon-spring": "matplotlib numba scipy pyarrow simpy",
                "check neon-patterns": "matplotlib numba pyarrow simpy",
                "check nowhere": "numpy pydantic shapely rich",
                "check textbook --sensors --strict": "numpy pydantic shapely rich",
                "run nowhere": "numpy pydantic shapely rich",
                "sweep nowhere": "numpy pydantic shapely rich",
                "compare textbook": "numpy pydantic shapely rich",
                "exploit nowhere": "numpy pydantic shapely rich",
                "infer nowhere --documented 3": "numpy pydantic shapely rich pyarrow matplotlib",
                "exploit textbook -o x.kml": "numpy pydantic shapely rich matplotlib",
                "plot route textbook -o x.kml": "numpy pydantic shapely rich matplotlib",
                "export nowhere --to x.shp": "numpy pydantic shapely rich pyarrow pyogrio",
                "export nowhere --to x.csv --layer all": "numpy pydantic shapely rich pyarrow pyogrio",
                "report nowhere": "numpy pydantic shapely rich pyarrow matplotlib",
                "report a b c": "numpy pydantic shapely rich pyarrow matplotlib",
                "report nowhere -o x.pdf": "numpy pydantic shapely rich pyarrow matplotlib",
                "plot gain nowhere -o x.kml": "numpy pydantic shapely rich matplotlib",
                "scenarios": "numpy pydantic shapely",
            }.items()
        ),
        ("import sim; sim.run('textbook', 2, sets={'duration_days': 2.0})", "matplotlib pandas"),
        ("import sim.study.runs", "matplotlib numba scipy.stats"),
        ("import sim.study.maps.coverage, sim.study.tables, sim.scenario.flight_plan", "matplotlib numba"),
    ],
)
def test_imports_load_only_what_they_need(code, absent):
    listing = f"{code}\nimport sys; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    assert not set(absent.split()) & set(loaded)


def test_public_names_are_the_documented_ones():
    import sim

    for name in sim.__all__:
        assert callable(getattr(sim, name))
        assert f"`{name}`" in (sim.__doc__ or "")
    with pytest.raises(AttributeError):
        sim.nothing_of_the_kind  # noqa: B018  asking for it is the test


_TEXT_CALLS = {
    "open", "fdopen", "read_text", "write_text", "TextIOWrapper", "run", "Popen", "check_output",
}  # fmt: skip
_OPEN_NO_TEXT = ("os.open", "Image.open", "webbrowser.open", "tarfile.open", "archive.open")


def texts_without_encoding(text):
    """The calls in a file that read or write text in whatever encoding the system has, where none is named."""
    found = []
    for call in (node for node in nodes_in(text) if isinstance(node, ast.Call)):
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if last not in _TEXT_CALLS:
            continue
        name, words = ast.unparse(call.func), {word.arg: word.value for word in call.keywords}
        modes = [one.value for one in (*call.args, words.get("mode")) if isinstance(one, ast.Constant)]
        is_binary = any(re.fullmatch(r"(?=.*b)(?=.*[rwxa])[rwxab+]+", str(mode)) for mode in modes)
        opens = re.search(r"(^|\.)(open|fdopen)$", name) and name not in _OPEN_NO_TEXT
        texts = re.search(r"\.(read_text|write_text|TextIOWrapper)$", name) or (
            "text" in words and re.search(r"(^|\.)(run|Popen|check_output)$", name)
        )
        if (texts or (opens and not is_binary)) and not {"encoding", None} & set(words):
            found.append(f"{call.lineno}: {name}")
    return found


def test_every_text_file_is_read_and_written_as_utf_8_by_name():
    """Else a title in Japanese would be lost where the system has another encoding."""
    code = [
        path for folder in ("sim", "plots", "benchmarks", "tools", "tests") for path in (ROOT / folder).rglob("*.py")
    ]
    assert len(code) > 250
    found = {str(path.relative_to(ROOT)): texts_without_encoding(path.read_text(encoding="utf-8")) for path in code}
    assert not {path: calls for path, calls in found.items() if calls}


def test_the_rule_for_encodings_finds_what_it_should():
    named = "path.read_text(encoding='utf-8'); path.open(encoding='utf-8'); open('x', 'rb'); path.open('r+b')"
    assert texts_without_encoding(f"{named}; os.open('x', 0); subprocess.run(['x']); os.fdopen(3, 'wb')") == []
    for call in (
        "path.read_text()",
        "path.write_text('b')",
        "path.open()",
        "path.open('x', newline='')",
        "open('b')",
        "os.fdopen(3)",
        "subprocess.run(['x'], text=True)",
        "io.TextIOWrapper(raw)",
    ):
        assert texts_without_encoding(call) == [f"1: {call.partition('(')[0]}"], call


def test_only_the_command_line_prints():
    for path in SOURCES:
        calls = [n for n in nodes_of(path) if isinstance(n, ast.Call)]
        printing = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "print"]
        assert not printing, path.name


HOMES = {  # what may be called in one file only, so that it holds everywhere
    "click.echo": "sim/cli/printing.py",
    "rich.console.Console": "sim/cli/plain_console.py",
    "csv.writer": "sim/core/text.py",
    "textwrap.fill": "plots/style.py",
    "figure.legend": "plots/style.py",
    "figure.savefig": "plots/style.py",
}


def test_what_shows_text_to_users_is_called_in_one_place_each():
    """What the one place does, such as escaping what a terminal would obey, then holds for all text."""
    found = {name: set() for name in HOMES}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        for name in HOMES:
            module, _, called = name.rpartition(".")
            imported = re.search(rf"^ *from {re.escape(module)} import .*\b{called}\b", text, re.MULTILINE)
            if imported or re.search(rf"\b{re.escape(name)}\(", text):
                found[name].add(str(path.relative_to(ROOT)))
    assert found == {name: {home} for name, home in HOMES.items()}


def test_functions_are_short_and_files_are_small():
    long_functions, big_files = [], []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 500:
            big_files.append(path.name)
        for node in nodes_in(text):
            if isinstance(node, ast.FunctionDef):
                documented = len((ast.get_docstring(node) or "").splitlines())
                compiled = path.parent.name == "kernels"  # a signature of fifteen arrays is half of some
                if node.end_lineno - node.lineno + 1 - documented > (110 if compiled else 50):
                    long_functions.append(f"{path.name}:{node.name}")
    assert not long_functions
    assert not big_files


def test_no_file_names_a_package_host_or_a_path_of_a_machine():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    pattern = re.compile(r"files\.pythonhosted|pypi\.org/simple|/(?:root|home/\w+|work/\w+)/")
    assert len(tracked) > 100
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".py", ".toml", ".md", ".txt", "") and path.is_file() and path.name != "test_house.py":
            assert not pattern.search(path.read_text(encoding="utf-8")), name


def test_every_toml_block_of_the_documents_loads():
    from sim import load_scenario
    from sim.study.design import load_study

    blocks = 0
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            blocks += 1
            path = page.parent / ".block.toml"
            path.write_text(block, encoding="utf-8")
            try:
                load_study(path) if "[[vary]]" in block else load_scenario(path)
            finally:
                path.unlink()
    assert blocks >= 2


# ------------------------------------------------------------------------------------------------ the tests themselves
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
FRUITFUL = {
    "range",
    "permutations",
    "concatenate",
    "enumerate",
    "zip",
    "product",
    "pairwise",
    "combinations",
    "sorted",
    "reversed",
    "list",
    "set",
}


def is_never_empty(node, names=frozenset()):
    """Whether an iterable certainly has items, as far as its text shows: literals and constants."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts)
    if isinstance(node, ast.Dict):
        return bool(node.keys)
    if isinstance(node, ast.Name):
        return node.id.isupper() or node.id in names
    if isinstance(node, ast.Attribute):
        return is_never_empty(node.value, names)
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.BinOp):
        return is_never_empty(node.left, names) or is_never_empty(node.right, names)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return all(is_never_empty(one.iter, names) and not one.ifs for one in node.generators)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("items", "keys", "values", "split", "linspace", "arange"):
            return is_never_empty(node.func.value, names) or name in ("linspace", "arange")
        strict = any(word.arg == "strict" and getattr(word.value, "value", False) for word in node.keywords)
        those = [is_never_empty(one, names) for one in node.args]
        return name in FRUITFUL and bool(those) and (any(those) if strict else all(those))
    return False


def may_assert_nothing(function):
    """Whether all assertions of a test stand in loops or branches that may never be entered; None: there are none."""
    found = []
    given = [one for one in ast.walk(function) if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)]
    names = {one.targets[0].id for one in given if is_never_empty(one.value)}
    names -= {one.targets[0].id for one in given if not is_never_empty(one.value)}

    def visit(node, sure):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.Lambda):
                continue
            called = ast.unparse(child.func) if isinstance(child, ast.Call) else ""
            fails = re.search(r"(^|\.)(assert_|raises|warns|fail$|corners$|refused|only_problem|says)", called)
            if isinstance(child, ast.Assert) or fails:
                found.append(sure)
            entered = not isinstance(child, ast.If | ast.While)
            if isinstance(child, ast.For):
                entered = is_never_empty(child.iter, names)
            visit(child, sure and entered)

    visit(function, True)
    return not any(found) if found else None


def functions_of(path):
    """The test functions of a file."""
    return [node for node in nodes_of(path) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def test_every_test_asserts_something_for_certain():
    """An assertion in a loop or branch may never run: assert outside it how often it did."""
    nothing, uncounted = [], []
    for path in TESTS:
        for function in functions_of(path):
            empty = may_assert_nothing(function)
            if empty is None:
                nothing.append(f"{path.name}:{function.name}")
            elif empty:
                uncounted.append(f"{path.name}:{function.name}")
    assert not nothing, f"these assert nothing: {nothing}"
    assert not uncounted, f"assert how often loops ran, as in `assert len(sorties) == 5`: {uncounted}"


def test_the_rule_for_assertions_finds_what_it_should():
    texts = {
        "for a in found:\n  assert a": True,
        "for a in found:\n  assert a\nassert len(found) == 3": False,
        "for a in (1, 2):\n  assert a": False,
        "for a in ():\n  assert a": True,
        "these = (1, 2)\nfor a in these:\n  assert a": False,
        "these = found()\nfor a in these:\n  assert a": True,
        "for a in zip(found, (1, 2), strict=True):\n  assert a": False,
        "if found:\n  assert found": True,
        "with pytest.raises(ValueError):\n  found()": False,
        "found()": None,
    }
    for text, expected in texts.items():
        body = "\n".join(f"  {line}" for line in text.split("\n"))
        assert may_assert_nothing(ast.parse(f"def test():\n{body}").body[0]) is expected, text
    assert len(texts) == 10


def names_defined_in(path):
    """The names of functions, classes, variables and attributes that a file defines."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def private_names_in(text, private):
    """The private names, out of those given, that the text of a test imports, calls or patches."""
    found = set()
    for node in nodes_in(text):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("sim", "plots"):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") != "self":
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(r"^(?:(?:sim|plots)[\w.]*\.)?(_\w+)$", node.value))
    return found & private


def test_tests_use_public_names_only():
    """A test of behaviour stands while the code behind it is written anew; a test that patches a private name falls."""
    # A name that ends with an underscore, too, is one that another program calls, such as a notebook.
    defined = set().union(*(names_defined_in(path) for path in SOURCES))
    private = {name for name in defined if name.startswith("_") and not name.endswith("_")}
    assert len(private) > 200
    reaching = {path.name: private_names_in(path.read_text(encoding="utf-8"), private) for path in TESTS}
    found = {name: names for name, names in reaching.items() if names}
    assert not found, f"these are private; test what a user can see: {found}"


def test_the_rule_for_private_names_finds_what_it_should():
    texts = {
        "from sim.core import _hidden": {"_hidden"},
        "from tests.helpers import _hidden": set(),
        "sim.core._hidden()": {"_hidden"},
        "self._hidden = 1": set(),
        "row._replace(a=1)": set(),
        "patch.setattr('sim.core._hidden', 1)": {"_hidden"},
        "patch.setattr(sim.core, '_hidden', 1)": {"_hidden"},
        "'a sentence about _hidden'": set(),
    }
    for text, expected in texts.items():
        assert private_names_in(text, {"_hidden"}) == expected, text
    assert len(texts) == 8


def test_no_test_sleeps_for_a_fixed_time_or_judges_a_picture_by_its_size():
    """A sleep is only for polling: in a loop that ends when its condition is met or a deadline has passed."""
    found, sleeps = [], 0
    for path in sorted((ROOT / "tests").rglob("*.py")):
        polled = {call for loop in nodes_of(path) if isinstance(loop, ast.While) for call in ast.walk(loop)}
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep"):
                sleeps += 1
                found += [] if node in polled else [f"{path.name}:{node.lineno}: {ast.unparse(node)}"]
            if isinstance(node, ast.Attribute) and node.attr == "st_size":
                found.append(f"{path.name}:{node.lineno}: st_size; see `tests.helpers.shows_something`")
    assert not found
    assert sleeps < 5
