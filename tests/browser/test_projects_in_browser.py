"""What a new user sees first: the list of projects, and what each says to do."""

from backend.base.adapters.workspace import Workspace
from backend.review.loop.studio.connect import ensure_shared_projects

WINDOWS = [{"width": 1280, "height": 720}, {"width": 1600, "height": 1000}]


def test_two_projects_stand_first_and_say_what_to_do(studio, page, tmp_path, take_picture):
    workspace = Workspace.open_or_make(tmp_path / "workspace")
    made = ensure_shared_projects(
        workspace.database, studio.client, pictures=workspace.review, reviewers=1
    )
    for project in made.both:
        studio.client.delete_items(project, sorted(studio.client.item_ids(project)))
    for size in WINDOWS:
        page.set_viewport_size(size)
        page.goto(f"{studio.url}/projects/")
        first = page.get_by_text("radsieve: 1 Sheets", exact=True)
        second = page.get_by_text("radsieve: 2 Single films", exact=True)
        first.wait_for()
        page.wait_for_timeout(1000)
        take_picture(page, f"projects-{size['width']}")
        left, right = first.bounding_box(), second.bounding_box()
        assert left["y"] == right["y"]
        assert left["x"] < right["x"]
        assert page.get_by_text("Begin here: press Label All Tasks.").is_visible()
