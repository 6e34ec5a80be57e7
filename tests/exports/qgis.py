"""Opens maps in QGIS and compares what it gives back; by hand, not by pytest.

    apt-get install --no-install-recommends qgis python3-qgis
    python -m tests.exports.qgis

Layers, features, geometries and attributes, by QGIS's own Python without a screen. Without it says so, and
ends well.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.exports.opening import EMPTY, NOT_ASKED, Expected, compared, made

#: Debian's own Python, which has the module `qgis`
PYTHON = "/usr/bin/python3"
_SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsProviderRegistry, QgsVectorLayer, Qgis, NULL
application = QgsApplication([], False)
application.initQgis()
told = []
for found in QgsProviderRegistry.instance().querySublayers(sys.argv[1], Qgis.SublayerQueryFlag.ResolveGeometryType):
    layer = QgsVectorLayer(found.uri(), found.name(), "ogr")
    features = [
        {"valid": feature.geometry().isGeosValid(),
         "corners": [(point.x(), point.y()) for point in feature.geometry().vertices()],
         "cells": {name: None if (cell := feature[name]) == NULL else cell.toString(1) if hasattr(cell, "toString") else cell
                   for name in layer.fields().names()}}
        for feature in layer.getFeatures()]
    told.append({"crs": layer.crs().authid(), "features": features, "kind": int(layer.geometryType())})
print(json.dumps(told))
"""


def main() -> None:
    """Export, open, compare, and say how much was alike."""
    has_qgis = [PYTHON, "-c", "import qgis.core"]
    if (
        not Path(PYTHON).exists()
        or subprocess.run(has_qgis, capture_output=True, check=False).returncode
    ):
        print("skipped: QGIS is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for questionnaire, wanted in made(folder, "geojson").items():
            if wanted.places:
                file = folder / questionnaire / "geojson" / "submissions.geojson"
                print(f"{questionnaire}:", _opened(file, wanted))


def _opened(file: Path, wanted: Expected) -> str:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [PYTHON, "-c", _SCRIPT, str(file)]
    run = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=300, check=True
    )
    layers = json.loads(run.stdout)
    features = [feature for layer in layers for feature in layer["features"]]
    found = {feature["cells"]["id"]: feature for feature in features}
    alike = sum(_is_place(found.get(place[0]), *place) for place in wanted.places)
    valid = sum(feature["valid"] for feature in features)
    systems = {layer["crs"] for layer in layers}
    cells = {
        table: [found[row["id"]]["cells"] for row in rows if row["id"] in found]
        for table, rows in wanted.tables.items()
    }
    rows = {table: [r for r in rows if r["id"] in found] for table, rows in wanted.tables.items()}
    kinds = Expected(rows, wanted.kinds)
    placed = {table: some for table, some in cells.items() if some}
    return (
        f"{len(layers)} layers in {systems}, {len(features)} features, {valid} valid, {alike} of "
        f"{len(wanted.places)} places alike; {compared(placed, kinds, _told)}"
    )


def _is_place(
    found: Mapping[str, Any] | None,
    _id: str,
    table: str,
    question: str,
    corners: Sequence[tuple[float, float]],
) -> bool:
    """Whether it has these corners, of a ring in whatever turn."""
    return found is not None and (
        {tuple(corner) for corner in found["corners"]} == set(corners)
        and (found["cells"]["place_in"], found["cells"]["place_of"]) == (table, question)
    )


def _told(value: Any, kind: str, _column: str) -> Any:
    if value in (None, NOT_ASKED, EMPTY):
        return None
    if kind == "list":
        return " ".join(value)
    return value if not hasattr(value, "isoformat") else value.isoformat()


if __name__ == "__main__":
    main()
