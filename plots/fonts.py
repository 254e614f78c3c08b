"""Fonts for the characters that the font of all pictures lacks, such as Chinese, Japanese and Korean ones."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, findSystemFonts, fontManager, get_font
from matplotlib.text import Text

from sim.core.text import visible_lines

_MOST_NAMED = 12  # characters in a warning
_WIDE_SCRIPTS = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")  # how the Unicode names of their characters begin


class MissingGlyphWarning(UserWarning):
    """No installed font has a glyph for some characters of a picture."""


def show_hidden_characters(figure: Figure) -> None:
    """Put an escape for each hidden character in the texts of a figure, which may hold names of files."""
    for text in figure.findobj(Text):
        text.set_text(visible_lines(text.get_text()))


def characters_without_glyph(figure: Figure) -> set[str]:
    """The characters of a drawn figure for which the fonts of their texts have no glyph."""
    lacking: set[str] = set()
    for text in figure.findobj(Text):
        characters = set(text.get_text()) - {"\n", "\t"}
        if not "".join(characters).isascii():
            glyphs = get_font(findfont(text.get_fontproperties())).get_charmap()
            lacking |= {character for character in characters if ord(character) not in glyphs}
    return lacking


def use_fonts_with(figure: Figure, lacking: Iterable[str]) -> set[str]:
    """Let a figure draw characters with installed fonts that have them; return those that no font has."""
    left, families = set(lacking), list[str]()
    for path in sorted(findSystemFonts(), key=_preference):
        if not left:
            break
        try:
            face = get_font(path)
        except (OSError, RuntimeError):  # a file that is no font, or a kind of font that Matplotlib cannot read
            continue
        found = {character for character in left if ord(character) in face.get_charmap()}
        if found and face.scalable:  # fonts of coloured pictures are not
            for file in (Path(path), *_bold_files(path)):
                fontManager.addfont(file)  # it may be newer than Matplotlib's own list
            families.append(face.family_name)
            left -= found
    for text in figure.findobj(Text):
        text.set_fontfamily([*text.get_fontfamily(), *families])
    return left


def _bold_files(path: str) -> list[Path]:
    """The files beside a regular font that by their names hold the bold one of the same family, for titles."""
    file = Path(path)
    stems = (file.stem.replace("Regular", "Bold"), f"{file.stem}-Bold", f"{file.stem}Bold")
    beside = [file.with_name(f"{stem}{file.suffix}") for stem in stems]
    return [one for one in beside if one != file and one.is_file()]


def _preference(path: str) -> tuple[bool, bool, str]:
    """The order in which fonts are tried: fonts without serifs first, regular ones first, then by name."""
    name = Path(path).stem.lower()
    plain = any(word in name for word in ("sans", "gothic", "dotum", "hei"))
    return not plain, any(word in name for word in ("bold", "black", "light", "thin", "italic")), path


def missing_glyph_text(lacking: Iterable[str]) -> str:
    """The warning that no font has a glyph for some characters, with a font to install."""
    ordered = sorted(lacking)
    more = f" and {len(ordered) - _MOST_NAMED} more" if len(ordered) > _MOST_NAMED else ""
    wide = any(unicodedata.name(character, "").startswith(_WIDE_SCRIPTS) for character in ordered)
    font, package = ("Noto Sans CJK", "fonts-noto-cjk") if wide else ("a Noto font", "fonts-noto-core")
    return (
        f"no font that is installed has {' '.join(ordered[:_MOST_NAMED])}{more}, so the picture shows boxes instead; "
        f"install a font that has them, such as {font} (package {package} of Debian and Ubuntu)"
    )
