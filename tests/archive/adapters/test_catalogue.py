"""What the catalogue knows of films, whichever radsieve indexed them."""

import numpy as np
import pytest
from sqlalchemy import text

from backend.archive.adapters.archive_files import FoundFile
from backend.archive.adapters.catalogue import films, polarity_tags
from backend.archive.adapters.catalogue_writer import FilmPlace, add_film
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.patients import PatientSource
from backend.base.adapters.database import open_database


@pytest.fixture
def engine(tmp_path):
    """A catalogue of a coloured picture and of a TIFF whose white is zero."""
    engine = open_database(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    greys = np.zeros((16, 16), np.uint8)
    shown = {"pixels": greys, "width_px": 16, "height_px": 16}
    coloured = DecodedFilm(
        **shown,
        file_format="PNG",
        normalisation=("RGB: luminance taken", "1.30% of the pixels are coloured"),
        coloured_share=0.013,
    )
    inverted = DecodedFilm(
        **shown, file_format="TIFF", normalisation=("WhiteIsZero: inverted",), white_is_zero=True
    )
    for row, film in enumerate((coloured, inverted)):
        place = FilmPlace(f"film{row}", row, "patient", PatientSource.FILM, "")
        add_film(engine, film, place, FoundFile(f"/{row}", 1, 1))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "indexed_by", ["this radsieve", "an earlier radsieve"], ids=["now", "earlier"]
)
def test_what_was_measured_when_a_film_was_read_is_known_whoever_indexed_it(engine, indexed_by):
    """Workspaces of earlier versions have these values in sentences alone."""
    if indexed_by == "an earlier radsieve":
        with engine.begin() as connection:
            connection.execute(
                text("update radiographs set coloured_share = null, white_is_zero = null")
            )
    assert [film.coloured_share for film in films(engine)] == [0.013, 0.0]
    assert polarity_tags(engine) == {"film1": "WhiteIsZero"}


def test_a_stored_value_needs_no_sentence(engine):
    with engine.begin() as connection:
        connection.execute(text("update radiographs set normalisation = '[]'"))
    assert [film.coloured_share for film in films(engine)] == [0.013, 0.0]
    assert polarity_tags(engine) == {"film1": "WhiteIsZero"}
