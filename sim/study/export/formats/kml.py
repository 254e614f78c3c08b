"""KML (OGC 12-007) with times: Google Earth shows the layers, and its time slider plays them."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    from sim.study.export.globe import kml_of

    path.write_text(kml_of(content, flies=False), encoding="utf-8", newline="")


FORMAT = Format(".kml", "KML, for Google Earth, with times", _write, plays=True)
