"""Judge films that arrive one by one, by every detector that is in use.

from backend.detectors.loop.gate import Gate
gate = Gate(Workspace(Path("radsieve-workspace")), load_detector_tasks())
print(gate.judge(Path("film.png").read_bytes()).verdict)
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.pixels.film_reader import read_film, thumbnail_of
from backend.archive.adapters.thumbnail_store import THUMBNAIL_PX
from backend.archive.core.decoded_film import DecodedFilm
from backend.archive.core.header_tags import polarity_tag
from backend.archive.loop.film_measures import measures_of_one
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.base.core.errors import NothingPublishedError, UnreadableFilmError
from backend.base.core.pixel_change import UNCHANGED
from backend.base.core.rule import FilmFacts
from backend.detectors.adapters.detector import ArrivedPixels, Detector
from backend.detectors.adapters.versions.registry import published_versions
from backend.detectors.adapters.versions.rule_judgement import cut_offs_of
from backend.detectors.core.gate_verdict import (
    GateAnswer,
    GateDecision,
    Opinion,
    correction_for,
    decide,
    opinion_of,
)
from backend.detectors.loop.load import load_detector
from backend.labels.core.rule_in_force import RuleInForce, rule_in_force
from backend.labels.loop.apply_rules import rule_of

_ARRIVED = "arrived"
"""Stands for the radiograph id of the film that is judged."""


@dataclass(frozen=True, slots=True)
class _InUse:
    """The detectors in use, and how it is known that they still are."""

    versions: Mapping[str, str]
    """Detector task -> model version, those of rules included."""
    mending: tuple[Detector, ...]
    """Those that tell what a change of pixels puts right."""
    others: tuple[Detector, ...]
    rules: Mapping[str, RuleInForce]
    """By detector task, with the cut-offs that hold."""


def unreadable(problem: UnreadableFilmError) -> GateAnswer:
    """Return the verdict on a file that cannot be read as a film: a person has to look."""
    return GateAnswer(GateDecision.REVIEW, (f"unreadable: {problem}",))


class Gate:
    """Every published detector, loaded once; may be shared by threads.

    It reads the workspace and never writes to it. A version published in the meantime is used from
    the next film on. On a busy machine a film is judged soonest with one core for each thread, see
    `network_trainer.one_core_each`: torch's own threads would wait for each other.
    """

    def __init__(self, workspace: Workspace, tasks: Mapping[str, DetectorTask]) -> None:
        """Name the workspace and the detector tasks; detectors are loaded for the first film."""
        self._workspace = workspace
        choices = {n: task for n, task in tasks.items() if task.answer is AnswerKind.CHOICE}
        self._learnt = {n: t for n, t in choices.items() if t.learnt_from is not LearntFrom.RULE}
        self._rules = {n: task for n, task in choices.items() if task.rule}
        self._lock = threading.Lock()
        self._in_use = _InUse({}, (), (), {})

    def judge(self, content: bytes, name: str = "film") -> GateAnswer:
        """Return the verdict on a film.

        A file that cannot be read is for a person to look at, too.

        Args:
            content: the whole file: PNG, JPEG, TIFF or DICOM.
            name: of the file; only used to say what is wrong with it.

        Raises:
            NothingPublishedError: no detector is in use.
        """
        in_use = self._detectors()
        try:
            film = read_film(content, name, at_least_px=THUMBNAIL_PX)
        except UnreadableFilmError as error:
            return unreadable(error)
        shown, tag = thumbnail_of(film), polarity_tag(film.white_is_zero, film.dicom_tags)
        # What a film is can only be told once it lies as it should, so the others wait.
        came = self._opinions(in_use.mending, shown, versions=in_use.versions, tag=tag)
        correction, lies = correction_for(came), came
        if correction != UNCHANGED:
            # Of the film, not of its thumbnail, which is rounded: so that the corrected film gets
            # the same verdict when it comes by itself.
            corrected = correction.apply(film.pixels, white=255)
            shown = thumbnail_of(replace(film, pixels=corrected))
            # Once black and white are swapped, the tag has no part in what is seen.
            tag = None if correction.invert else tag
            lies = self._opinions(in_use.mending, shown, versions=in_use.versions, tag=tag)
        others = self._opinions(in_use.others, shown, versions=in_use.versions)
        ruled = self._ruled(in_use.rules, film, shown)
        return decide(came, [*lies, *others, *ruled], correction)

    def _detectors(self) -> _InUse:
        names = [*self._learnt, *self._rules]
        published = published_versions(self._workspace.database, names)
        versions = {name: published[name] for name in names if name in published}
        if not versions.keys() & self._learnt.keys():
            raise NothingPublishedError(
                "no detector task has a published model version; train one with "
                "`radsieve train TASK`"
            )
        with self._lock:
            if versions != self._in_use.versions:
                self._in_use = self._brought_up_to_date(versions)
            return self._in_use

    def _brought_up_to_date(self, versions: Mapping[str, str]) -> _InUse:
        """Return what is in use now; detectors are loaded only where another one is."""
        before, rules = self._in_use, self._rules_in_force(versions)
        learnt = {name: one for name, one in versions.items() if name in self._learnt}
        if learnt == {name: one for name, one in before.versions.items() if name in self._learnt}:
            return replace(before, versions=versions, rules=rules)
        loaded = self._load(learnt)
        mending = tuple(one for one in loaded if self._mends(one))
        return _InUse(versions, mending, tuple(one for one in loaded if one not in mending), rules)

    def _rules_in_force(self, versions: Mapping[str, str]) -> dict[str, RuleInForce]:
        """Return the rules with the cut-offs of their versions, as `radsieve rules` fitted them.

        Until that has been run, and where the archive is too small to tell what is usual, the
        defaults hold.
        """
        fitted = cut_offs_of(self._workspace.database, self._rules, versions)
        given = self._workspace.settings.cut_offs
        return {
            name: rule_in_force(
                rule_of(task),
                task.expected_label,
                given.get(name, {}),
                [one.scale for one in fitted.get(name, ())],
            )
            for name, task in self._rules.items()
        }

    def _load(self, versions: Mapping[str, str]) -> tuple[Detector, ...]:
        models, device = self._workspace.models, self._workspace.settings.device
        return tuple(
            load_detector(models, version, device) for version in dict.fromkeys(versions.values())
        )

    def _mends(self, detector: Detector) -> bool:
        tasks = [self._learnt[name] for name in detector.heads if name in self._learnt]
        return any(task.has_made_labels and not task.review_only for task in tasks)

    def _opinions(
        self,
        detectors: Sequence[Detector],
        thumbnail: NDArray[np.uint8],
        *,
        versions: Mapping[str, str],
        tag: str | None = None,
    ) -> list[Opinion]:
        """Ask each detector about the tasks it is in use for."""
        found = []
        pixels = ArrivedPixels(thumbnail[None], self._workspace.settings.device)
        for detector in detectors:
            said = detector.of_archive(pixels, [0])
            found += [
                opinion_of(self._learnt[name], said[name][0], detector.model_version, tag=tag)
                for name in said
                if versions.get(name) == detector.model_version
            ]
        return found

    def _ruled(
        self, rules: Mapping[str, RuleInForce], film: DecodedFilm, thumbnail: NDArray[np.uint8]
    ) -> list[Opinion]:
        """Return the labels that rules give the film; a rule without its measures gives none."""
        facts, opinions = self._facts(film, thumbnail), []
        for name, rule in rules.items():
            label = rule.labels({_ARRIVED: facts})[_ARRIVED]
            if label:
                task = self._rules[name]
                p_bad = float(label != task.expected_label)
                basis = rule.words(label)
                opinions.append(Opinion(task, label, 1.0, p_bad, "rule", basis=basis))
        return opinions

    def _facts(self, film: DecodedFilm, thumbnail: NDArray[np.uint8]) -> FilmFacts:
        measured = any(task.rule and task.rule.needs_pixels for task in self._rules.values())
        return FilmFacts(
            age_years=film.header.age_years,
            sex=film.header.sex,
            view_position=film.header.view_position,
            width_px=film.width_px,
            height_px=film.height_px,
            measures=measures_of_one(film, thumbnail) if measured else {},
        )
