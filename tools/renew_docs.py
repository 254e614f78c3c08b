"""Write anew what the commands in README and docs print, and the pictures they make: `make docs`.

`python -m tools.renew_docs README.md` does so for some pages; without any, it does so for all, in some minutes. Each
console block is run in one scratch folder a file; a test compares them with what is written, a soak test those that
take long, ```console long. Text is not touched.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from PIL import Image

from sim.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PICTURES = {
    "map.png": "coverage.jpg",
    "hour.png": "hour.jpg",
    "light.png": "light.jpg",
    "season.png": "season.jpg",
    "identification.png": "identification.jpg",
    "more.png": "more.jpg",
    "weather.png": "weather.jpg",
    "sharing.png": "sharing.jpg",
    "funnel.png": "funnel.jpg",
    "eyes.png": "eyes.jpg",
    "timeline.png": "timeline.jpg",
    "sortie.png": "sortie.jpg",
    "revisit.png": "revisit.jpg",
    "weeks.png": "weeks.jpg",
    "lot.png": "lot.jpg",
    "gap.png": "gap.jpg",
    "places.png": "places.jpg",
    "lots.png": "lots.jpg",
    "reports.png": "reports.jpg",
    "choice.png": "choice.jpg",
    "belief.png": "belief.jpg",
    "traffic.png": "traffic.jpg",
}
_WIDTH, _QUALITY = 1000, 88


def renewed(block: str) -> str:
    """A console block with what its commands print now."""
    head, text = block.partition("\n")[0], ""
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = main(shlex.split(command)[1:])
        if code:
            raise SystemExit(f"{command}: exit code {code}")
        lines = [line.rstrip() for line in out.getvalue().splitlines()]
        text += "\n".join([f"$ {command}", *lines]) + "\n"
    return f"{head}\n{text}```"


def save_pictures() -> None:
    """The pictures that lie in this folder, as smaller ones in docs."""
    for name, saved in PICTURES.items():
        if Path(name).is_file():
            with Image.open(name) as picture:
                size = (_WIDTH, round(picture.height * _WIDTH / picture.width))
                picture.convert("RGB").resize(size).save(ROOT / "docs/pictures" / saved, quality=_QUALITY)


def renew(path: Path) -> None:
    """One file."""
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        text = re.sub(
            r"```console(?: long)?\n.*?```",
            lambda m: renewed(m.group(0)),
            path.read_text(encoding="utf-8"),
            flags=re.DOTALL,
        )
        path.write_text(text, encoding="utf-8")
        save_pictures()
        os.chdir(ROOT)


if __name__ == "__main__":
    pages = [Path(given).resolve() for given in sys.argv[1:]]
    for one in pages or (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        renew(one)
