"""GeoJSON (RFC 7946): all layers in one collection, for map tools in a browser; `layer` says to which a row belongs."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import json

    import shapely

    from sim.study.export.records import records_of, rounded, slices_of

    between = ""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write('{"type":"FeatureCollection","features":[\n')
        for layer in (part for whole in content.layers for part in slices_of(whole)):
            for record, shape in zip(records_of(layer), shapely.to_geojson(rounded(layer.shapes)), strict=True):
                properties = json.dumps({"layer": layer.name, **record}, ensure_ascii=False, allow_nan=False)
                file.write(f'{between}{{"type":"Feature","properties":{properties},"geometry":{shape}}}')
                between = ",\n"
        file.write("\n]}\n")


FORMAT = Format(".geojson", "GeoJSON, for map tools in a browser", _write)
