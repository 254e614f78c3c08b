"""KMZ: KML in a ZIP archive. Here the aircraft fly, as tracks of the name space `gx`, instead of legs with times."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import zipfile

    from sim.study.export.globe import kml_of

    document = zipfile.ZipInfo("doc.kml", (1980, 1, 1, 0, 0, 0))  # always the same, so that the bytes are too
    document.compress_type, document.create_system = zipfile.ZIP_DEFLATED, 3
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(document, kml_of(content, flies=True).encode())


FORMAT = Format(".kmz", "a replay for Google Earth: the aircraft fly", _write, plays=True)
