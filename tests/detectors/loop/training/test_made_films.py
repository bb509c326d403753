import numpy as np
import pytest

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import NotEnoughFilmsError
from backend.base.core.pixel_change import PixelChange
from backend.detectors.loop.training.made_films import made_films, split_archive
from backend.labels.core.labels import GIVEN_BY_RULES, Label, LabelSource, verdicts
from backend.phantoms.adapters.phantom_archive import write_phantom_archive


@pytest.fixture
def family(tasks):
    return [tasks["rotation"], tasks["inversion"]]


def split(workspace, family, *labels):
    known = {
        task.name: verdicts([one for one in labels if one.detector_task == task.name], task)
        for task in family
    }
    most = workspace.settings.train_films
    return split_archive(workspace.database, workspace.seal_terms, family, known, most_films=most)


def answer(film, task, label, *, denied=False, source=LabelSource.REVIEWER):
    by = "" if source in GIVEN_BY_RULES else "ann"
    return Label(film, task, label, source, "2026-01-01T00:00:00+00:00", by, denied)


def with_settings(indexed, text):
    (indexed.root / "radsieve.toml").write_text(text)
    return Workspace.open_or_make(indexed.root)


@pytest.fixture(autouse=True)
def no_settings_left(indexed):
    yield
    (indexed.root / "radsieve.toml").unlink(missing_ok=True)


def test_no_patient_is_both_trained_on_and_judged_on(indexed, family):
    found = split(indexed, family)
    trained_on = {base.film.patient_key for base in found.training}
    judged_on = {base.film.patient_key for base in found.sealed}
    assert trained_on
    assert judged_on
    assert not trained_on & judged_on
    assert len(found.training) + len(found.sealed) == len(films(indexed.database))


def test_a_film_with_two_confirmed_problems_is_put_right(indexed, family):
    base = split(indexed, family).training[0]
    film = base.film.radiograph_id
    found = split(
        indexed,
        family,
        answer(film, "rotation", "turned_90"),
        answer(film, "inversion", "inverted"),
    )
    (again,) = [one for one in found.training if one.film.radiograph_id == film]
    store = ThumbnailStore(indexed.thumbnails)
    as_it_is = store.read([again.film.thumbnail_row])[0]
    put_right = made_films(store, [again])
    assert again.confirmed
    assert put_right.confirmed.all()
    expected = PixelChange(turns_ccw=3, invert=True).apply(as_it_is, white=255)
    np.testing.assert_array_equal(put_right.thumbnails[0], expected)


def test_a_film_known_bad_without_its_exact_class_is_left_out(indexed, family):
    film = split(indexed, family).training[0].film.radiograph_id
    found = split(indexed, family, answer(film, "rotation", "upright", denied=True))
    ids = [base.film.radiograph_id for base in (*found.training, *found.sealed)]
    assert film not in ids


def test_a_film_of_which_only_a_wrong_label_is_denied_stays_as_it_is(indexed, family):
    film = split(indexed, family).training[0].film.radiograph_id
    found = split(indexed, family, answer(film, "rotation", "turned_90", denied=True))
    (base,) = [one for one in found.training if one.film.radiograph_id == film]
    assert base.correction == PixelChange()
    assert not base.confirmed


def test_a_rule_is_not_a_reviewer(indexed, family):
    film = split(indexed, family).training[0].film.radiograph_id
    rule = answer(film, "inversion", "inverted", source=LabelSource.RULE)
    (base,) = [
        one for one in split(indexed, family, rule).training if one.film.radiograph_id == film
    ]
    assert base.correction == PixelChange(invert=True)
    assert not base.confirmed


def test_confirmed_films_are_trained_on_before_others(indexed, family):
    everything = split(indexed, family).training
    few = with_settings(indexed, "train_films = 20\n")
    left_out = {base.film.radiograph_id for base in everything} - {
        base.film.radiograph_id for base in split(few, family).training
    }
    film = min(left_out)
    found = split(few, family, answer(film, "rotation", "upright"))
    assert len(found.training) == 20
    assert film in {base.film.radiograph_id for base in found.training}


def test_an_empty_sealed_set_says_what_to_do(indexed, family):
    hopeless = with_settings(indexed, "sealed_share = 0.000000001\n")
    with pytest.raises(NotEnoughFilmsError, match="raise `sealed_share`"):
        split(hopeless, family)


def test_a_few_films_are_too_few(tmp_path, family):
    folder = tmp_path / "films"
    write_phantom_archive(folder, films=12, seed=0, size_px=64)
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [folder], folder / "metadata.csv")
    with pytest.raises(NotEnoughFilmsError, match="got 12 films"):
        split(workspace, family)


def test_films_of_one_patient_are_too_few_patients(tmp_path, family):
    folder = tmp_path / "films"
    written = write_phantom_archive(folder, films=24, seed=0, size_px=64)
    table = folder / "one.csv"
    rows = [f"{film.path.name},SAME" for film in written]
    table.write_text("\n".join(["file,patient_id", *rows]))
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    index(workspace, [folder], table)
    with pytest.raises(NotEnoughFilmsError, match="24 films of 1;"):
        split(workspace, family)
