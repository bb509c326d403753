import numpy as np
import pandas as pd
import pytest

from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.predictions import PredictionFile, load_predictions

LABELS = ("normal", "inverted")


def probabilities(count, seed=0):
    bad = np.random.default_rng(seed).random(count, dtype=np.float32)
    return np.column_stack([1 - bad, bad])


def ids(start, stop):
    return [f"film{number}" for number in range(start, stop)]


@pytest.fixture
def file(tmp_path):
    return PredictionFile(tmp_path, "inversion", "v1")


def test_parts_are_readable_before_they_are_joined(file):
    file.write_part(ids(0, 3), LABELS, probabilities(3))
    assert file.known_ids() == {"film0", "film1", "film2"}
    assert len(file.load().frame) == 3


def test_joining_changes_nothing_but_the_number_of_files(file, tmp_path):
    for start in (0, 3, 6):
        file.write_part(ids(start, start + 3), LABELS, probabilities(3, start))
    before = file.load().frame
    file.join()
    pd.testing.assert_frame_equal(file.load().frame, before)
    assert [path.name for path in (tmp_path / "inversion").iterdir()] == ["v1.parquet"]


def test_a_later_sweep_adds_to_the_joined_file(file):
    file.write_part(ids(0, 2), LABELS, probabilities(2))
    file.join()
    file.write_part(ids(2, 5), LABELS, probabilities(3))
    file.join()
    assert file.load().frame["radiograph_id"].tolist() == ids(0, 5)


def test_a_part_left_half_written_is_not_seen(file, tmp_path):
    file.write_part(ids(0, 2), LABELS, probabilities(2))
    (tmp_path / "inversion" / "v1.parts" / "000001.tmp").write_bytes(b"PAR1 half")
    assert file.known_ids() == {"film0", "film1"}


def test_joined_and_left_parts_of_a_killed_join_do_not_double_films(file, tmp_path):
    file.write_part(ids(0, 2), LABELS, probabilities(2))
    part = tmp_path / "inversion" / "v1.parts" / "000000.parquet"
    (tmp_path / "inversion" / "v1.parquet").write_bytes(part.read_bytes())
    assert len(file.load().frame) == 2
    file.join()
    assert len(pd.read_parquet(file.path)) == 2


def test_probabilities_come_in_the_order_asked_and_unknown_films_are_nan(file, tmp_path):
    given = probabilities(2)
    file.write_part(ids(0, 2), LABELS, given)
    table = load_predictions(tmp_path, "inversion", "v1")
    found = table.probabilities(["film1", "stranger", "film0"])
    np.testing.assert_array_equal(found[[0, 2]], given[[1, 0]])
    assert np.isnan(found[1]).all()


def test_the_predicted_label_is_the_most_probable_one(file):
    file.write_part(["film"], LABELS, np.array([[0.3, 0.7]], dtype=np.float32))
    row = file.load().frame.iloc[0]
    assert row["predicted"] == "inverted"
    assert row["uncertainty"] == pytest.approx(0.6)


def test_loading_before_any_sweep_says_which_command_is_missing(tmp_path):
    with pytest.raises(RadsieveError, match="radsieve sweep inversion"):
        load_predictions(tmp_path, "inversion", "v1")


def test_boxes_come_back_as_they_were_said(file):
    said = np.random.default_rng(0).random((3, 2, 5), dtype=np.float32)
    file.write_part(ids(0, 3), LABELS, said)
    table = file.load()
    assert table.labels == LABELS
    np.testing.assert_array_equal(table.answers(ids(0, 3)), said)
    np.testing.assert_array_equal(table.probabilities(ids(0, 3)), said[:, :, 0])
    np.testing.assert_allclose(table.frame["uncertainty"], 1 - said[:, :, 0].min(axis=1))
    assert np.isnan(table.answers(["stranger"])).all()
