"""Two real DICOM films with the same pixels, one with the wrong tag."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backend.adapters.catalogue import films
from backend.adapters.film_reader import read_film, thumbnail_of
from backend.adapters.label_store import add_labels
from backend.adapters.pixel_baseline import PixelBaseline
from backend.adapters.predictions import PredictionFile
from backend.adapters.registry import record_publication
from backend.adapters.thumbnail_store import ThumbnailStore
from backend.adapters.workspace import Workspace
from backend.core.labels import Label, LabelSource
from backend.loop.export import export
from backend.loop.index import index
from backend.loop.rank import rank
from backend.loop.why import why
from tasks import detector_task

DATA = Path(__file__).parents[3] / "shared" / "data"
FAKE, TWIN = "Fake_MONOHR1.dcm", "1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm"
FINDING = "the tag says MONOCHROME1, the pixels say otherwise"
INVERSION = detector_task("inversion")

pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="the shared real films are not beside this repository"
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Both films, swept by the 16 x 16 pixel baseline that learnt inversion from NIH films."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    index(workspace, [DATA / "dicom" / FAKE, DATA / "dicom" / TWIN])
    paths = sorted((DATA / "radiographs" / "nih_chest").glob("*.png"))[::8]
    upright = np.stack([thumbnail_of(read_film(path.read_bytes(), path.name)) for path in paths])
    truth = np.repeat([0, 1], len(upright))
    baseline = PixelBaseline.fit(np.concatenate([upright, 255 - upright]), truth, 2)
    archive = films(workspace.database)
    thumbnails = ThumbnailStore(workspace.thumbnails).read([film.thumbnail_row for film in archive])
    file = PredictionFile(workspace.predictions, "inversion", "pixels")
    said = baseline.probabilities(thumbnails).astype(np.float32)
    file.write_part([film.radiograph_id for film in archive], INVERSION.labels, said)
    record_publication(workspace.database, "inversion", "pixels", reason="test")
    return workspace


def test_the_wrong_tag_is_the_reason_for_the_fake_and_not_for_its_twin(workspace):
    picks = rank(workspace, INVERSION, count=2, seed=0)
    names = {film.radiograph_id: Path(film.path).name for film in films(workspace.database)}
    reasons = {names[pick.radiograph_id]: pick.reason for pick in picks}
    assert FINDING in reasons[FAKE]
    assert "tag" not in reasons[TWIN]


def test_the_history_of_the_film_says_it(workspace):
    said = {name: why(workspace, {"inversion": INVERSION}, name) for name in (FAKE, TWIN)}
    assert said[FAKE]["tasks"]["inversion"]["tag"] == FINDING
    assert said[TWIN]["tasks"]["inversion"]["tag"] is None


def test_the_lists_give_the_reason_and_the_tag_to_mend(workspace, tmp_path):
    (fake,) = [film for film in films(workspace.database) if film.path.endswith(FAKE)]
    add_labels(
        workspace.database,
        [Label(fake.radiograph_id, "inversion", "inverted", LabelSource.REVIEWER, "2026", "r")],
    )
    export(workspace, {"inversion": INVERSION}, tmp_path)
    (row,) = pd.read_csv(tmp_path / "exclusions.csv").to_dict("records")
    assert row["reason"] == f"inversion: {FINDING}"
    listed = [tmp_path / "corrections.csv", tmp_path / "unproven.csv"]
    assert sum(len(pd.read_csv(path)) for path in listed) == 1
