"""Pictures of the review screens for the documents, with phantoms on them.

    python -m benchmarks.review.reviewing_pictures [--out docs]

Writes `contact-sheet.png`, `single-item.png`, and `reviewing.webp`, in which a sheet is looked at,
a film is clicked and the next sheet comes. All films are drawn from random numbers; the report
sentence is invented.
"""

import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Locator, Page

from backend.archive.adapters.catalogue import films
from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.phantoms.adapters.phantom_archive import write_phantom_archive
from backend.review.adapters.label_studio.shapes import NewItem
from backend.review.adapters.screens.contact_sheet import ContactSheet, SheetFilm, sheet_item
from backend.review.adapters.screens.sheet_screen import sheet_config_xml
from backend.review.adapters.screens.single_item import SingleFilm, single_item
from backend.review.adapters.screens.single_screen import StudyFilm, single_config_xml
from backend.review.adapters.screens.tabs import ReviewTab
from backend.review.loop.studio.connect import SHEETS_TITLE, SINGLES_TITLE
from backend.review.loop.studio.pictures import large_url, make_review_pictures, thumb_url
from benchmarks.review.page_state import wait_until
from benchmarks.review.review_browser import Desk, Screen, open_desk
from benchmarks.review.review_studio import OwnStudio, own_label_studio
from tasks import detector_task

TASK = detector_task("rotation")
SCREEN = Screen(1280, 800, "Light")
SHEETS, FILMS_A_SHEET = 3, 50
VERSION = "phantoms"
_CELLS = ".films .lsf-choice"
_IS_LARGE = """() => [...document.querySelectorAll('a.z img.l')]
    .some(film => film.offsetHeight && film.complete && film.naturalWidth)"""
_SHARE_TURNED = 0.06
_ANIMATION_WIDTH_PX = 960
_POINTER = ((0, 0), (0, 22), (5, 17), (9, 26), (13, 24), (9, 16), (16, 16))
_SAID_AT = (262, 764)
_ASIDE = (800, 778)
"""Where the pointer touches nothing."""


@dataclass(frozen=True, slots=True)
class Phantom:
    """A phantom film in the workspace."""

    radiograph_id: str
    label: str
    patient_id: str


@click.command()
@click.option("--out", default="docs", type=click.Path(file_okay=False, path_type=Path))
def main(out: Path) -> None:
    """Draw phantoms, show them in a Label Studio of its own, and take the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open_or_make(Path(folder) / "workspace")
        phantoms = _phantoms(workspace)
        with (
            own_label_studio(workspace, Path(folder) / "label-studio") as own,
            open_desk(own.plan) as desk,
        ):
            _picture_sheets(own, workspace, desk, phantoms, out)
            _picture_single(own, workspace, desk, phantoms, out)


def _phantoms(workspace: Workspace) -> list[Phantom]:
    folder = workspace.root / "archive"
    folder.mkdir(parents=True)
    count = SHEETS * FILMS_A_SHEET
    drawn = write_phantom_archive(
        folder, films=count, seed=15, turned_share=_SHARE_TURNED, inverted_share=0.0
    )
    index(workspace, [folder])
    ids = {Path(film.path).name: film.radiograph_id for film in films(workspace.database)}
    make_review_pictures(workspace.database, workspace.review, ids.values())
    return [
        Phantom(ids[film.path.name], TASK.labels[film.truth.turns_ccw], film.patient_id)
        for film in drawn
    ]


def _picture_sheets(
    own: OwnStudio, workspace: Workspace, desk: Desk, phantoms: Sequence[Phantom], out: Path
) -> None:
    by_sheet = [
        phantoms[start : start + FILMS_A_SHEET] for start in range(0, len(phantoms), FILMS_A_SHEET)
    ]
    sheets = [_sheet(shown, number) for number, shown in enumerate(by_sheet)]
    items = [sheet_item(*pair) for pair in zip(sheets, [*sheets[1:], None], strict=True)]
    page = _open(own, workspace, desk, SHEETS_TITLE, sheet_config_xml(), items)
    page.locator(_CELLS).last.wait_for()
    frames = list(_frames(page, by_sheet[:2], out / "contact-sheet.png"))
    pictures, durations_ms = zip(*frames, strict=True)
    pictures[0].save(
        out / "reviewing.webp",
        save_all=True,
        append_images=pictures[1:],
        duration=list(durations_ms),
        loop=0,
        quality=72,
        method=6,
    )


def _sheet(shown: Sequence[Phantom], number: int) -> ContactSheet:
    turned = [phantom for phantom in shown if phantom.label != TASK.expected_label]
    cells = tuple(
        SheetFilm(
            phantom.radiograph_id,
            thumb_url(phantom.radiograph_id),
            large_url(phantom.radiograph_id),
            # All but one: the one is clicked.
            ticked=phantom in turned[1:],
        )
        for phantom in shown
    )
    return ContactSheet(TASK, TASK.expected_label, cells, VERSION, (number + 1) / 10)


def _frames(
    page: Page, by_sheet: Sequence[Sequence[Phantom]], still: Path
) -> Iterator[tuple[Image.Image, int]]:
    """Yield pictures of the animation and how long each stays, in milliseconds."""
    for number, shown in enumerate(by_sheet):
        page.mouse.move(*_ASIDE)
        page.wait_for_timeout(1500)
        yield _frame(page, "Look: every film should be upright"), 2200
        missed = next(place for place, film in enumerate(shown) if film.label != TASK.labels[0])
        cell = page.locator(_CELLS).nth(missed)
        cell.hover()
        yield _frame(page, "Click the film that is not", cell), 1200
        cell.click()
        page.wait_for_timeout(300)
        yield _frame(page, "Click the film that is not", cell), 1200
        if number == 0:
            cell.locator("a.z").hover()
            wait_until(page, _IS_LARGE)
            page.wait_for_timeout(300)
            yield _frame(page, "Its corner shows it large", cell.locator("a.z")), 1600
            page.mouse.move(*_ASIDE)
            page.wait_for_timeout(300)
            page.screenshot(path=still)
        yield _frame(page, "Ctrl+Enter: done, the next sheet comes"), 1200
        page.keyboard.press("Control+Enter")
    page.wait_for_timeout(2500)
    yield _frame(page, "Look: every film should be upright"), 2200


def _frame(page: Page, said: str, pointed_at: Locator | None = None) -> Image.Image:
    """Return what the window shows, with the pointer drawn in and a line that tells the step."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(20)
    left, top, right, bottom = draw.textbbox(_SAID_AT, said, font=font)
    draw.rounded_rectangle((left - 10, top - 6, right + 10, bottom + 6), 6, fill="#0072b2")
    draw.text(_SAID_AT, said, font=font, fill="white")
    box = pointed_at.bounding_box() if pointed_at else None
    if box:
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        outline = [(x + right, y + down) for right, down in _POINTER]
        draw.polygon(outline, fill="white", outline="black", width=2)
    height = round(picture.height * _ANIMATION_WIDTH_PX / picture.width)
    return picture.resize((_ANIMATION_WIDTH_PX, height), Image.Resampling.LANCZOS)


def _picture_single(
    own: OwnStudio, workspace: Workspace, desk: Desk, phantoms: Sequence[Phantom], out: Path
) -> None:
    asked = next(phantom for phantom in phantoms if _has_study(phantom, phantoms))
    study = [
        StudyFilm(thumb_url(film.radiograph_id), large_url(film.radiograph_id))
        for film in phantoms
        if film.patient_id == asked.patient_id and film != asked
    ]
    sure = dict.fromkeys(TASK.labels, 0.02) | {asked.label: 0.61, TASK.expected_label: 0.35}
    film = SingleFilm(
        asked.radiograph_id,
        large_url(asked.radiograph_id),
        sure,
        VERSION,
        0.61,
        "undecided: uncertainty 0.740",
        report_sentence="The film is turned; please repeat. (Invented for this picture.)",
        study_films=tuple(study),
    )
    items = [single_item(TASK, film)]
    page = _open(own, workspace, desk, SINGLES_TITLE, single_config_xml(), items)
    page.locator(".film img[alt=image]").wait_for()
    page.wait_for_timeout(2000)
    page.screenshot(path=out / "single-item.png")


def _has_study(phantom: Phantom, phantoms: Sequence[Phantom]) -> bool:
    same = [film for film in phantoms if film.patient_id == phantom.patient_id]
    return phantom.label != TASK.expected_label and len(same) > 1


def _open(  # noqa: PLR0913, PLR0917 - what makes up a project
    own: OwnStudio,
    workspace: Workspace,
    desk: Desk,
    title: str,
    config: str,
    items: Sequence[NewItem],
) -> Page:
    project = own.client.ensure_project(title, config)
    own.client.ensure_local_storage(project, workspace.review)
    (tab,) = own.client.ensure_tabs(project, [ReviewTab("Review")])
    own.client.import_items(project, items)
    page = desk.window(SCREEN)
    page.goto(f"{own.client.url}/projects/{project}/data?tab={tab}&labeling=1")
    return page


if __name__ == "__main__":
    main()
