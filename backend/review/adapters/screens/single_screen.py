"""The labelling screen of a single item: its Label Studio config, style, and what it tells.

The film fills the window; question, answers and what is known stand beside it, so that none is ever
below it. The style works on the markup of Label Studio 1.23.2, which escapes `>` and `&` in it.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.review.adapters.screens.answer_choices import (
    ANSWER_CONTROL,
    CHOICES_FIELD,
    percent_html,
)
from backend.review.adapters.screens.item_fields import QUESTION_FIELD, check_picture_url
from backend.review.core.asked import Asked

IMAGE_TAG = "radiograph"
ABOUT_TAG = "about"

# Not h, v, b: these choose Label Studio's tools for pictures.
_HOTKEYS = "123456789qwertyuiopasdfgjklzxcnm0"
MOST_STUDY_FILMS = 8
"""For so many there is room; of the others it is said how many there are."""
_IMAGE = {
    "name": IMAGE_TAG,
    "value": f"${IMAGE_TAG}",
    "zoom": "true",
    "brightnessControl": "true",
    "contrastControl": "true",
    # All of the window but Label Studio's own two bars; the style knows of a third.
    "maxHeight": "calc(100vh - 125px)",
}

_STYLE = """
.lsf-sidepanels__wrapper {display:none !important}
.lsf-sidepanels {padding:0 !important}
.lsf-main-view__annotation {padding:8px !important}
.single {display:flex; gap:16px; min-height:var(--high); --at:#56b4e9; --high:calc(100vh - 125px)}
body:has(.lsf-annotations-carousel) .single {--high:calc(100vh - 169px)}
.single .film {flex:1 1 auto; min-width:0}
.single .film div[style*="max-height"] {max-height:var(--high) !important}
.single:has(.study a) .film {margin-right:var(--study)}
.single .ask {position:relative; flex:0 0 var(--ask); max-height:var(--high)}
.single .ask .lsf-object, .single .ask .lsf-richtext__container {margin:0; padding:0; border:0; background:none}
.single .ask :is(.lsf-object, .lsf-object div):not(.study) {position:static; overflow:visible}
.single .ask .lsf-choices, .single .ask .lsf-labels {margin:0 0 12px}
.single .ask .lsf-choice {margin:0; padding:0; line-height:24px}
.single .ask .lsf-choice .p {margin-left:10px; font-weight:700}
.single .ask .lsf-choice:has(.more) {margin-top:8px}
.single .ask .lsf-choice:has(.rest) {display:inline-block; width:49%; line-height:22px; vertical-align:top}
.single .ask .lsf-choice:has(.more):not(:has(input:checked)) ~ .lsf-choice:not(:has(input:checked)) {display:none}
.single .ask .lsf-choice:has(.more) .more::after {content:" \u25be"}
.single .facts {font:14px/19px sans-serif}
.single .facts p {margin:0 0 8px}
.single .facts table {width:100%; margin:0 0 8px; border-collapse:collapse; table-layout:fixed}
.single .facts caption {caption-side:top; padding:0 0 2px; text-align:left; font-weight:700; color:inherit}
.single .facts td {padding:1px 6px 1px 0; white-space:nowrap}
.single .facts td.l {width:130px; white-space:normal; overflow-wrap:anywhere}
.single:has(.lsf-choice:nth-child(13)) .facts td.l {width:180px}
.single .facts td.n {width:44px; padding:1px 0; text-align:right}
.single .facts .bar {display:block; height:10px; border:1px solid #888; background:linear-gradient(#0072b2, #0072b2) left / var(--p) 100% no-repeat}
.single .facts p.why {max-height:57px; overflow:auto}
.single .facts .scroll {max-height:92px; overflow:auto; margin:0 0 8px; padding:4px 8px; border-left:4px solid var(--at)}
.single .study {position:absolute; top:0; right:calc(100% + 16px); display:grid; grid:repeat(4, minmax(0, 1fr)) / auto-flow 140px; gap:6px; height:var(--high)}
.single {--study:156px; --ask:300px}
.single:has(.lsf-choice:nth-child(13)) {--ask:420px}
.single:has(.study a:nth-of-type(5)) {--study:312px}
.single .study a {display:block; min-height:0; background:#777; border-radius:3px; overflow:hidden; position:relative}
.single .study img.t {width:100%; height:100%; object-fit:contain}
.single .study span {position:absolute; left:0; bottom:0; max-width:100%; max-height:34px; padding:1px 5px; box-sizing:border-box; overflow:hidden; overflow-wrap:anywhere; font:12px/16px sans-serif; color:#fff; background:rgba(0,0,0,.75)}
.single .study span:empty {display:none}
.single .study a:is(:hover, :focus-visible) {outline:3px solid var(--at)}
.single .study img.l {display:none}
.single .study a:is(:hover, :focus-visible) img.l {display:block; position:fixed; z-index:50; left:8px; top:56px; height:var(--high); max-width:calc(100vw - 48px - var(--ask) - var(--study)); object-fit:contain; background:#000; outline:3px solid var(--at); pointer-events:none}
.single .study p {position:absolute; right:0; bottom:17px; margin:0; padding:1px 5px; font:12px/16px sans-serif; color:#fff; background:rgba(0,0,0,.75); pointer-events:none}
"""  # noqa: E501 - one rule a line


@dataclass(frozen=True, slots=True)
class StudyFilm:
    """Another film of the same study, shown beside the one that is asked about."""

    thumb_url: str
    large_url: str
    """Shown over the film while this one is pointed at."""
    caption: str = ""
    """Plain text."""

    def __post_init__(self) -> None:
        for name in ("thumb_url", "large_url"):
            check_picture_url(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class ToldOfFilm:
    """What stands beside a film, besides its probabilities; plain text."""

    asked: Asked | None = None
    """What fine means here; None where nothing is said of it."""
    reason: str = ""
    """Why the film is shown."""
    report_sentence: str = ""
    """What its report says."""
    study_films: Sequence[StudyFilm] = ()
    """The other films of its study."""


def single_config_xml() -> str:
    """Return the XML of the screen for all tasks that are answered by choices; it knows no task.

    What it asks and what can be chosen stand in each item's data.
    """
    view, ask = _view()
    ET.SubElement(ask, "Header", value=f"${QUESTION_FIELD}", size="5")
    answers = {"choice": "multiple", "required": "true", "value": f"${CHOICES_FIELD}"}
    ET.SubElement(ask, "Choices", answers, name=ANSWER_CONTROL, toName=IMAGE_TAG)
    return _with_facts(view, ask)


def box_config_xml(task: DetectorTask) -> str:
    """Return the XML of the screen on which a task's boxes are drawn.

    The control is named after the task, so a prediction request tells us which task it is for.
    """
    view, ask = _view()
    ET.SubElement(ask, "Header", value=task.question, size="5")
    boxes = ET.SubElement(ask, "RectangleLabels", name=task.name, toName=IMAGE_TAG)
    boxes.set("canRotate", "false")
    for label, hotkey in zip(task.labels, _HOTKEYS, strict=False):
        # The alias is what results hold; the value is what people read.
        ET.SubElement(boxes, "Label", value=task.words(label), alias=label, hotkey=hotkey)
    return _with_facts(view, ask)


def _view() -> tuple[ET.Element, ET.Element]:
    """Return the screen, and the part of it that stands beside the film."""
    view = ET.Element("View", className="single")
    ET.SubElement(view, "Style").text = _STYLE
    film = ET.SubElement(view, "View", className="film")
    ET.SubElement(film, "Image", _IMAGE)
    return view, ET.SubElement(view, "View", className="ask")


def _with_facts(view: ET.Element, ask: ET.Element) -> str:
    ET.SubElement(ask, "HyperText", name=ABOUT_TAG, value=f"${ABOUT_TAG}", inline="true")
    return ET.tostring(view, encoding="unicode")


def about_html(
    task: DetectorTask,
    probabilities: Mapping[str, float],
    told: ToldOfFilm,
) -> str:
    """Return what is known about a film beside its picture; every text in it is escaped.

    Args:
        task: the detector task.
        probabilities: of its labels.
        told: what else is known of the film.
    """
    parts = []
    if not any(probabilities.values()):
        parts.append("<p>There is no prediction for this film yet.</p>")
    elif task.answer is AnswerKind.BOX:
        parts.append(_box_table(task, probabilities))
    if told.asked and told.asked.short:
        details = html.escape(" ".join(told.asked.details))
        parts.append(f'<p title="{details}">{html.escape(told.asked.short)}</p>')
    if told.reason:
        parts.append(f'<p class="why"><b>Why you see it:</b> {html.escape(told.reason)}</p>')
    if told.report_sentence:
        quote = html.escape(told.report_sentence)
        parts.append(f'<b>Its report says:</b><blockquote class="scroll">{quote}</blockquote>')
    return f'<div class="facts">{"".join(parts)}</div>{_study(told.study_films)}'


def _box_table(task: DetectorTask, probabilities: Mapping[str, float]) -> str:
    rows = "".join(_row(task.words(label), sure) for label, sure in probabilities.items())
    return f"<table><caption>How probable each box is right</caption><tbody>{rows}</tbody></table>"


def _row(words: str, probability: float) -> str:
    name = html.escape(words)
    bar = f'<span class="bar" style="--p:{100 * probability:.1f}%"></span>'
    return (
        f'<tr><td class="l" title="{name}">{name}</td><td>{bar}</td>'
        f'<td class="n">{percent_html(probability)}</td></tr>'
    )


def _study(films: Sequence[StudyFilm]) -> str:
    if not films:
        return ""
    shown = "".join(_study_film(film) for film in films[:MOST_STUDY_FILMS])
    more = len(films) - MOST_STUDY_FILMS
    return f'<div class="study">{shown}{f"<p>and {more} more</p>" if more > 0 else ""}</div>'


def _study_film(film: StudyFilm) -> str:
    thumb, large, caption = map(html.escape, (film.thumb_url, film.large_url, film.caption))
    return (
        f'<a href="{large}" target="_blank" rel="noopener">'
        f'<img class="t" src="{thumb}" alt="{caption or "same study"}"><span>{caption}</span>'
        f'<img class="l" loading="lazy" src="{large}" alt=""></a>'
    )
