"""Moving pictures as files, frame by frame: GIF (GIF89a, CompuServe, 1990) by Pillow, MP4 by the program ffmpeg.

Frames are arrays (height, width, 4) of bytes: red, green, blue, and a last one that is not used. Equal frames give
equal bytes.
"""

import io
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sim.scenario.problems import refused

Frame = npt.NDArray[np.uint8]
_COLOURS = 255  # of a GIF; the last of 256 numbers is that of pixels that stay as they are
_STAYS = 255
_EXACT = 3  # of the colours that are named, the first are kept exactly
_LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"  # begin again after the last frame
_LEAVE, _HAS_TRANSPARENT = 1 << 2, 1  # what is drawn stays for the next frame; one of the colours is transparent
_DESCRIPTOR = 10  # bytes before the data of an image: where it is, and how large
_FFMPEG = "ffmpeg"
_QUALITY = "20"  # of x264, where 0 loses nothing and 51 is the worst


# ------------------------------------------------------------------------------------------------------------ GIF
def write_gif(
    path: Path, frames: Iterable[Frame], samples: Sequence[Frame], colours: Sequence[str], frames_per_s: int
) -> None:
    """Write frames as a GIF file that repeats; its colours are some that are named, then those of sample frames."""
    palette = _palette(samples, colours)
    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            if number == 0:
                height, width = frame.shape[:2]
                size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
                file.write(b"GIF89a" + size + b"\xf7\x00\x00" + bytes(palette.getpalette() or ()).ljust(768, b"\0"))
                file.write(_LOOP)
                before = np.zeros_like(frame[..., 0], np.uint32)
            now = frame.view(np.uint32)[..., 0]
            file.write(_gif_frame(frame, now != before, palette, number, frames_per_s))
            before = now.copy()
        file.write(b";")


def _palette(samples: Sequence[Frame], colours: Sequence[str]) -> Image.Image:
    """The colours of a GIF as Pillow wants them: those that are named, then the most fitting for sample frames."""
    named = [bytes.fromhex(colour.lstrip("#")) for colour in dict.fromkeys(colours)]
    pixels = Image.fromarray(np.vstack(samples)[..., :3].copy())
    found = pixels.quantize(_COLOURS - len(named), method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    table = b"".join(named) + bytes(found)
    palette.putpalette(table[: 3 * _COLOURS].ljust(3 * _COLOURS, table[:1]))
    return palette


def _gif_frame(frame: Frame, changed: Any, palette: Image.Image, number: int, frames_per_s: int) -> bytes:
    """The bytes of one frame: the rectangle in which something changed; what did not change there is transparent."""
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    top, bottom = (rows[0], rows[-1] + 1) if rows.size else (0, 1)
    left, right = (columns[0], columns[-1] + 1) if columns.size else (0, 1)
    part = Image.fromarray(frame[top:bottom, left:right, :3].copy())
    indices = np.asarray(part.quantize(palette=palette, dither=Image.Dither.NONE)).copy()
    _keep_named(indices, frame.view(np.uint32)[top:bottom, left:right, 0], palette)
    indices[~changed[top:bottom, left:right]] = _STAYS
    begin, end = (round(100 * count / frames_per_s) for count in (number, number + 1))  # no error adds up
    control = struct.pack("<2sBBHBB", b"!\xf9", 4, _LEAVE | _HAS_TRANSPARENT, end - begin, _STAYS, 0)
    descriptor = struct.pack("<cHHHHB", b",", left, top, right - left, bottom - top, 0)
    return control + descriptor + _compressed(indices)


def _compressed(indices: Frame) -> bytes:
    """Numbers of colours (height, width) as the image data of a GIF: what follows the descriptor in a file of Pillow.

    Pillow writes whole files only, of which the head with its colours is not needed here.
    """
    file = io.BytesIO()
    Image.fromarray(indices).save(file, "GIF", interlace=False, optimize=False)
    content = file.getvalue()
    colours = 3 << ((content[10] & 7) + 1)  # bytes of the table behind the 13 bytes of the head
    return content[13 + colours + _DESCRIPTOR : -1]  # without the byte that ends the file


def _keep_named(indices: Frame, pixels: Any, palette: Image.Image) -> None:
    """Give large even surfaces exactly the colours that are named: Pillow takes one that is near.

    `pixels`: the four bytes of each as one number.
    """
    table = np.full((_EXACT, 4), 255, np.uint8)
    table[:, :3] = np.reshape((palette.getpalette() or [])[: 3 * _EXACT], (-1, 3))
    for number, colour in enumerate(table.view(np.uint32).ravel()):
        indices[pixels == colour] = number


# ------------------------------------------------------------------------------------------------------------ MP4
def find_ffmpeg(path: Path) -> str:
    """The path of the program ffmpeg; InputError, which names the film to write, where it is not installed."""
    found = shutil.which(_FFMPEG)
    if found is None:
        hint = "install ffmpeg, which makes .mp4 files, or write a file that ends in .gif"
        raise refused(str(path), "a film in MP4 only where the program ffmpeg is installed", key="-o", hint=hint)
    return found


def write_mp4(path: Path, frames: Iterable[Frame], size: tuple[int, int], program: str, frames_per_s: int) -> None:
    """Write frames of a width and a height, which are even, as an MP4 file by a program; it writes no date or name.

    Raises InputError with what the program says where it cannot write the file.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  a fixed list, no shell; the program is ffmpeg
            _arguments(path, size, program, frames_per_s),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends the program
        )
        try:
            if process.stdin is not None:
                _feed(process.stdin, frames)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if code != 0:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
            hint = f"it says: {lines[-1] if lines else f'exit code {code}'}; a file that ends in .gif does not need it"
            raise refused(str(path), "a film in MP4 that ffmpeg can write", key="-o", hint=hint)


def _feed(stdin: IO[bytes], frames: Iterable[Frame]) -> None:
    """Give frames to a program, which may end before it has read them all."""
    with suppress(BrokenPipeError), stdin:
        for frame in frames:
            stdin.write(frame.tobytes())


def _arguments(path: Path, size: tuple[int, int], program: str, frames_per_s: int) -> list[str]:
    """The command that reads frames and writes an MP4 file that all players and slides show."""
    reads = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb0",
        "-s",
        f"{size[0]}x{size[1]}",
        "-r",
        str(frames_per_s),
        "-i",
        "pipe:0",
    ]
    codec = ["-an", "-c:v", "libx264", "-preset", "medium", "-crf", _QUALITY, "-pix_fmt", "yuv420p", "-threads", "2"]
    plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-bitexact"]
    return [
        program, "-loglevel", "error", "-y", *reads, *codec, *plain, "-movflags", "+faststart", "-f", "mp4",
        f"file:{path}",
    ]  # fmt: skip
