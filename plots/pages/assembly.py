"""A page of its parts: one file in HTML that needs nothing from elsewhere, and in which no data can become code.

Data stand in blocks of JSON, in which no character can end the block. Scripts read them and show them as text. The
policy of the page (Content Security Policy Level 3, W3C) names the hash of each script and style, so a browser runs
these and nothing else, and loads nothing.
"""

import base64
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from sim.core.text import visible

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def asset(name: str) -> str:
    """The text of a file in the folder of pages, by its path there."""
    return files("plots.pages").joinpath(*name.split("/")).read_text(encoding="utf-8")


def json_text(data: Any) -> str:
    """Data as JSON that may stand in a page; a number is as short as it can be, and NaN raises ValueError.

    The characters with which a tag or an entity begins or ends stand as escapes, also in names, and so does all that is
    not ASCII.
    """
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False).translate(_ESCAPES)


def source_of(text: str) -> str:
    """The source expression with which a policy allows one script or style: the hash of its text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The policy of a page with these scripts and styles: they are allowed, and pictures within the page."""
    allowed = {
        "default-src": ["'none'"],
        "script-src": [source_of(text) for text in scripts],
        "style-src": [source_of(text) for text in styles],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items())


def assemble(
    title: str,
    body: str,
    *,
    styles: Sequence[str],
    scripts: Sequence[str],
    data: Mapping[str, Any],
    language: str = "en",
    framed: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> str:
    """A whole page: its title, its markup, and the texts of its styles and scripts.

    `data`: blocks of data, each by the `id` under which a script finds it. The title is a text, not markup. The body is
    markup: a file of ours, or made by `sim.study.markup.element`, which escapes texts. `framed`: scripts and
    styles of a page that stands in a frame of this one, which its policy therefore allows too.
    """
    blocks = [
        f'<script type="application/json" id="{html.escape(name)}">{json_text(block)}</script>'
        for name, block in data.items()
    ]
    allowed = policy([*scripts, *framed[0]], [*styles, *framed[1]])
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{html.escape(language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(allowed, quote=True)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        '<link rel="icon" href="data:,">',
        f"<title>{html.escape(visible(title))}</title>",
        *(f"<style>{text}</style>" for text in styles),
        "</head>",
        "<body>",
        body.strip(),
        *blocks,
        *(f"<script>{text}</script>" for text in scripts),
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"
