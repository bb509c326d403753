import cv2
import numpy as np
import pytest

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.errors import InputFileError
from backend.labels.adapters.box_table import read_box_table
from tasks.hip_box import TASK

LEFT, RIGHT = TASK.labels
HEAD = "file,label,left,top,width,height\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for name in ("1.png", "2.png"):
        pixels = np.random.default_rng(len(name)).integers(0, 256, (50, 100), dtype=np.uint8)
        cv2.imwrite(str(folder / name), pixels + np.uint8(name == "1.png"))
    workspace = Workspace.open_or_make(tmp_path_factory.mktemp("workspace"))
    index(workspace, [folder], None)
    return workspace.database


@pytest.fixture
def read(engine, tmp_path):
    def read(rows):
        path = tmp_path / "boxes.csv"
        path.write_text(HEAD + rows)
        return read_box_table(path, TASK, engine)

    return read


def test_the_rows_of_a_film_become_one_answer_in_shares_of_its_sides(read):
    one, other = read(
        f"1.png,{RIGHT},50,10,20,20\n2.png,{LEFT},0,0,10,10\n1.png,{LEFT},10,5,20,20\n"
    )
    assert [each.label for each in one.boxes] == [RIGHT, LEFT]
    assert np.allclose(one.boxes[1].box.as_array(), [0.1, 0.1, 0.2, 0.4])
    assert len(other.boxes) == 1
    assert one.label == TASK.expected_label


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("1.png,nose,1,1,9,9\n", "line 2: expected one box each of .* got label 'nose'"),
        (f"1.png,{LEFT},1,1,9,9\n" * 2, "line 3: expected one box each .* a second box of"),
        (f"1.png,{LEFT},1,1,wide,9\n", "line 2: expected numbers in left, top, width, height"),
        (f"1.png,{LEFT},1,1,,9\n", "line 2: expected numbers"),
        (f"1.png,{LEFT},200,1,9,9\n", "line 2: expected a box on the film"),
        (f"3.png,{LEFT},1,1,9,9\n", "line 2: no film of this name"),
    ],
)
def test_a_wrong_row_is_named_with_what_was_expected(read, rows, complaint):
    with pytest.raises(InputFileError, match=complaint):
        read(rows)
