"""The page of the archive report, made from values."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from backend.base.core.figures import Figure, clopper_pearson, share
from backend.certificate.core.curves import curves
from backend.export.adapters.page.archive_page import archive_page
from backend.export.core.bias import BiasReport, bias_report
from backend.export.core.bias_comparison import Exclusions, Limits
from backend.export.core.bias_groups import Attribute
from backend.export.core.facts import BadFilms, Basis, Facts, ReviewFacts, Seen
from backend.export.core.report import (
    ArchiveReport,
    DetectorSection,
    FoundClass,
    Picture,
    Provenance,
    Published,
    Stated,
    TaskReport,
    VersionRow,
)

HOSTILE = '<img src=x onerror="alert(1)">&amp;{{answers}}</table>'
NOBODY = BiasReport([], Limits())
NO_DETECTOR = DetectorSection([], [], [], [], None)
_ENDLESS = {"meta", "img", "circle", "line", "polyline", "br"}


class Reader(HTMLParser):
    """Takes a page apart, and notes what is not closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements, self.text = [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in _ENDLESS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def facts(bad=0, suspected=None):
    """40 films of 400 seen on one sheet; so many bad ones, which can all be put right."""
    seen = Seen(
        films=400,
        looked_at=40,
        looks=40,
        hidden=0,
        joint=0,
        sheets=1,
        singles=0,
        reviewers=1,
        seconds_per_film=0.5,
        in_bulk=0,
        withdrawn=0,
        drawn=0,
        drawn_looked_at=0,
    )
    how = {"two_looks": bad, "one_look": 0, "policy": 0}
    return Facts(seen, BadFilms(**how, correctable=bad, unnamed=0, in_part=0), suspected)


def task_report(name="rotation", **changes):
    values = {
        "name": name,
        "question": "Which way up?",
        "expected_label": "upright",
        "facts": facts(sum(one.films for one in changes.get("found", []))),
        "with_verdict": 40,
        "undecided": 0,
        "waiting": 0,
        "found": [],
        "audited": None,
        "not_audited": "nothing was drawn at random yet",
        "meters": None,
        "detector": NO_DETECTOR,
    }
    return TaskReport(**(values | changes))


def report(*tasks, bad_films=0, bias=NOBODY):
    return ArchiveReport(
        films=400,
        unreadable=2,
        copies=0,
        patients=200,
        patients_known_by={"metadata": 200},
        sealed_patients=40,
        facts=ReviewFacts(facts(bad_films), {task.name: task.facts for task in tasks}),
        refuted_films=0,
        tasks=list(tasks),
        bias=bias,
        provenance=Provenance(
            at="2026-03-04T10:00:00+00:00",
            radsieve="0.1.0",
            films_digest="f" * 64,
            workspace="0123456789abcdef",
            settings={"epochs": "6"},
            seeds={"intervals": 7},
            batches=[],
            predictions=[],
            overrides=[],
            ledger_rows=12,
            ledger_head="e" * 64,
            ledger_fault="",
        ),
    )


def found_class(label, count, *, shown=None, corrected=True):
    rng = np.random.default_rng(5)
    pictures = []
    for number in range(count if shown is None else shown):
        pixels = rng.integers(0, 256, (256, 256), dtype=np.uint8)
        turned = np.rot90(pixels).copy() if corrected else None
        pictures.append(Picture(f"{number:08x}", pixels, 2000, 2500, turned, corrected))
    return FoundClass(
        label, label, count, count if corrected else 0, 0, {Basis.TWO_LOOKS: count}, pictures
    )


def detector(versions=1, with_curves=True):
    rng = np.random.default_rng(3)
    is_bad = rng.random(60) < 0.3
    p_bad = np.clip(0.2 + 0.6 * is_bad + rng.normal(0, 0.2, 60), 0, 1)
    found = curves(is_bad, p_bad, [f"p{n // 2}" for n in range(60)], rng=rng)
    rows = [
        VersionRow(f"tiny-{n:012x}", "2026-03-01T10:00", 50 * n, share(20 - n, 400), n == 0)
        for n in range(versions)
    ]
    judged = [Stated("Bad films found (recall)", clopper_pearson(39, 40), "40 films")]
    published = [Published(rows[0].model_version, "2026-03-01T11:00", "first", False)]
    return DetectorSection(rows, published, judged, [], found if with_curves else None)


def read(*tasks, with_pictures=True, **facts):
    return Reader(archive_page(report(*tasks, **facts), with_pictures=with_pictures))


def test_nothing_on_the_page_comes_from_elsewhere_and_no_script_runs():
    page = read(task_report(found=[found_class("turned_90", 2)], detector=detector(2)))
    assert not page.open
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert all(one["src"].startswith("data:image/jpeg;base64,") for one in page.of("img"))
    assert all(one["href"].startswith("#") for one in page.of("a"))
    (policy,) = [one["content"] for one in page.of("meta") if "http-equiv" in one]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "style=" not in "".join(str(attributes) for _, attributes in page.elements)


def test_every_link_leads_somewhere_on_the_page():
    page = read(task_report())
    known = {attributes.get("id") for _, attributes in page.elements}
    assert {one["href"].removeprefix("#") for one in page.of("a")} <= known


def test_hostile_names_are_shown_as_text():
    found = found_class(HOSTILE, 1)
    versions = detector(1)
    published = [Published(HOSTILE, "2026", HOSTILE, True)]
    hostile = task_report(
        name=HOSTILE,
        question=HOSTILE,
        not_audited=HOSTILE,
        found=[found],
        detector=replace(versions, publications=published),
    )
    page = read(hostile, bad_films=1)
    assert not page.open
    assert all("onerror" not in one for one in page.of("img"))
    assert HOSTILE in page.words
    assert len(page.of("h1")) == 1


def test_the_five_questions_come_first_and_in_order():
    page = read(task_report(found=[found_class("turned_90", 3)]), bad_films=3)
    questions = ("clean now?", "to be removed?", "sure are you?", "than others?", "Who checked?")
    places = [page.words.index(question) for question in (*questions, "Overview")]
    assert places == sorted(places)
    assert "3 of 400 films are bad" in page.words


def test_what_was_not_measured_is_never_a_nought():
    nothing = Stated("Recall", Figure(None, 0.0, 1.0, ""), "no film")
    blind = replace(detector(1, with_curves=False), judged=[nothing])
    empty = replace(blind, versions=[replace(blind.versions[0], sealed_wrong=share(0, 0))])
    page = read(task_report(detector=empty))
    assert "How many more there are was not measured" in page.words
    assert "Not measured: nothing is certified yet. No film was drawn at random." in page.words
    assert re.search(r"Recall not measured", page.words)
    assert "Precision over recall, calibration: not measured" in page.words
    assert "0\xa0%" not in page.words.split("How good the detectors are")[1].split("Provenance")[0]


def test_a_version_of_which_nobody_knows_what_it_learnt_from_says_so():
    known, unknown = detector(), replace(detector(), learnt_from_known=False)
    said, not_said = (
        read(task_report(detector=known)).words,
        read(task_report(detector=unknown)).words,
    )
    assert "from whom this version learnt nothing" in said
    assert "did not record which films it learnt from" not in said
    assert "from whom this version learnt nothing" not in not_said
    assert "did not record which films it learnt from" in not_said


def test_a_group_that_loses_too_much_is_the_answer():
    many = np.zeros(200, dtype=np.bool_)
    many[:30] = True
    groups = Attribute("age", [("child",) if n < 40 else ("adult",) for n in range(200)])
    found = bias_report(
        [groups], [Exclusions("rotation", many)], [str(n) for n in range(200)], Limits()
    )
    page = read(task_report(), bias=found)
    assert "Yes: " in page.words
    assert "rotation excludes 30 of 40 films" in page.words
    assert "loses too much" in page.words
    assert "no film is left out yet" in read(task_report()).words


def lost_of(children, adults, unknown=0, lost=0):
    said = ["under 18"] * children + ["18 or older"] * adults + ["unknown"] * unknown
    excluded = np.arange(len(said)) < lost
    groups = Attribute("age group", [(one,) for one in said])
    patients = [str(n) for n in range(len(said))]
    return bias_report([groups], [Exclusions("rotation", excluded)], patients, Limits())


def test_a_group_too_small_to_test_that_lost_everything_is_named_in_the_answer():
    page = read(task_report(), bias=lost_of(children=12, adults=300, unknown=40, lost=13))
    answer = page.words.split("than others?")[1].split("Who checked?")[0]
    assert "Perhaps: 1 group lost all or most of its films" in answer
    assert "rotation excludes 12 of 12 films" in answer
    assert "with age group under 18" in answer
    assert "None was found to" not in answer
    assert "no difference in 2 comparisons" in answer
    table = page.words.split("Films lost by group")[1]
    assert "rotation: age group under 18" in table
    assert "too small to tell" in table
    assert "more than half" in page.words


def test_no_group_is_named_where_small_groups_lost_little():
    page = read(task_report(), bias=lost_of(children=0, adults=300, unknown=40, lost=10))
    assert "None was found to" in page.words
    assert "Perhaps" not in page.words


def test_small_groups_that_lost_everything_are_named_where_nothing_could_be_tested():
    page = read(task_report(), bias=lost_of(children=12, adults=15, lost=12))
    assert "Perhaps: 1 group lost all or most of its films" in page.words
    assert "Nothing could be tested" in page.words


def test_each_picture_says_what_it_shows_and_pictures_can_be_left_out():
    found = found_class("turned_90", 30, shown=24)
    page = read(task_report(found=[found]), bad_films=30)
    alts = [one["alt"] for one in page.of("img")]
    assert len(alts) == 48
    assert alts[:2] == ["film 00000000 as found: turned_90", "film 00000000 as corrected"]
    assert [(one["width"], one["height"]) for one in page.of("img")[:2]] == [
        ("102", "128"),
        ("128", "102"),
    ]
    assert "24 of 30 are shown" in page.words
    assert "This page shows films of real patients" in page.words
    bare = read(task_report(found=[found]), bad_films=30, with_pictures=False)
    assert not bare.of("img")
    assert "30 films" in bare.words
    assert "This page shows no film" in bare.words


def test_tables_have_heads_and_captions():
    page = read(task_report(detector=detector(3)))
    assert all("scope" in one for one in page.of("th"))
    assert len(page.of("table")) == len(page.of("caption")) > 4


def test_plots_say_what_they_show_and_have_their_points_as_a_table():
    page = read(task_report(detector=detector(3)))
    labels = [one["aria-label"] for one in page.of("svg")]
    assert len(labels) == len(page.of("details")) == 3
    assert all("rotation" in label for label in labels)
    assert "14 of 400" not in page.words
    assert "18 of 400" in page.words


def test_two_hundred_films_make_a_page_below_five_megabytes():
    # Noise packs worst of all.
    found = [found_class(f"kind {n}", 25, shown=24, corrected=True) for n in range(8)]
    page = archive_page(report(task_report(found=found), bad_films=200))
    assert len(page.encode()) < 5_000_000


def test_the_same_report_gives_the_same_page():
    one, other = (report(task_report(detector=detector(2))) for _ in range(2))
    assert archive_page(one) == archive_page(other)
