"""A reviewer takes predicted boxes in a real browser: accepts one, drags the other, submits."""

import cv2
import numpy as np
import pytest

from backend.labels.core.box import box_rows
from backend.phantoms.core.pelvis import pelvis_phantom
from backend.review.adapters.screens.single_item import SingleFilm, read_boxes, single_item
from backend.review.adapters.screens.single_screen import box_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from tasks import detector_task

TASK = detector_task("hip_box")
WIDE = {"width": 1280, "height": 720}
FILM = ".film img[alt=image]"
DRAGGED_PX = (30, 24)


@pytest.fixture
def pelvis(studio):
    """A pelvis phantom where Label Studio shows it, and the box of each hip, shape (2, 4)."""
    folder = studio.document_root / "browser-pelves"
    folder.mkdir(exist_ok=True)
    film, boxes = pelvis_phantom(np.random.default_rng(4), 512)
    cv2.imwrite(str(folder / "pelvis.png"), (film * 255).astype(np.uint8))
    return folder, box_rows(boxes, TASK.labels)


@pytest.fixture
def opened(studio, pelvis, page):
    """The project, once the film and its two predicted boxes are on the screen."""
    folder, boxes = pelvis
    project = studio.client.ensure_project(studio.new_title(), box_config_xml(TASK))
    studio.client.ensure_local_storage(project, folder)
    (tab,) = studio.client.ensure_tabs(project, [ReviewTab("Review")])
    sure = dict.fromkeys(TASK.labels, 0.6)
    address = "/data/local-files/?d=browser-pelves/pelvis.png"
    film = SingleFilm("film", address, sure, "m1", 0.6, "likely: 0.60", boxes=boxes)
    studio.client.import_items(project, [single_item(TASK, film)])
    page.set_viewport_size(WIDE)
    page.goto(f"{studio.url}/projects/{project}/data?tab={tab}&labeling=1")
    page.locator(FILM).wait_for()
    page.wait_for_timeout(1500)
    return project


def test_one_box_is_accepted_and_the_other_dragged(
    studio, pelvis, opened, page, take_picture, submit
):
    boxes = pelvis[1]
    shown = page.locator(FILM).bounding_box()
    take_picture(page, "boxes-1280")
    offered = page.locator(".ask .lsf-labels").inner_text()
    assert all(TASK.words(label) in offered and label not in offered for label in TASK.labels)
    drag(page, centre(boxes[0], shown))
    take_picture(page, "boxes-dragged-1280")
    submit()
    (answer,) = studio.client.answers(opened)
    found = box_rows(read_boxes(answer.result, TASK), TASK.labels)
    moved = (found - boxes)[:, :2] * [shown["width"], shown["height"]]
    np.testing.assert_allclose(moved[0], DRAGGED_PX, atol=3)
    np.testing.assert_allclose(moved[1], 0, atol=1e-6)
    np.testing.assert_allclose(found[:, 2:], boxes[:, 2:], atol=1e-6)


def centre(box, shown):
    """Return where the middle of a box is on the screen."""
    middle = box[:2] + box[2:] / 2
    return shown["x"] + middle[0] * shown["width"], shown["y"] + middle[1] * shown["height"]


def drag(page, start):
    page.mouse.click(*start)
    page.wait_for_timeout(300)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + DRAGGED_PX[0] / 2, start[1] + DRAGGED_PX[1] / 2, steps=5)
    page.mouse.move(start[0] + DRAGGED_PX[0], start[1] + DRAGGED_PX[1], steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
