"""GeoJSON (RFC 7946): all layers in one collection, for map tools in a browser; `layer` says to which a row belongs."""

from pathlib import Path

from sim.study.export.formats import Format, MapContent


def _write(path: Path, content: MapContent) -> None:
    import json

    import shapely

    from sim.study.export.records import records_of, rounded

    features = []
    for layer in content.layers:
        for record, shape in zip(records_of(layer), shapely.to_geojson(rounded(layer.shapes)), strict=True):
            properties = json.dumps({"layer": layer.name, **record}, ensure_ascii=False, allow_nan=False)
            features.append(f'{{"type":"Feature","properties":{properties},"geometry":{shape}}}')
    text = ",\n".join(features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{text}\n]}}\n', encoding="utf-8", newline="")


FORMAT = Format(".geojson", "GeoJSON, for map tools in a browser", _write)
