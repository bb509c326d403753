"""Is the film usable, and is it the best copy of its picture?"""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.rule import Check, Force, rule_of_checks
from backend.base.core.task_kinds import DecidedByRule

# A film gets the label of the first check that flags it. So a check that explains others comes
# before them, and a second file of a picture counts as a copy before any other fault. Blank films
# come first: they all look the same and may show different patients, so they are no copies. A check
# on pixels is a suspicion. The defaults were set on 330 untouched chest films and on spoilt copies
# of them (docs/detectors.md).
_CHECKS = (
    Check(
        label="blank",
        measure="structure",
        cut_off="least_structure",
        default=0.10,
        flags_above=False,
        meaning="spread of grey over a coarse 32 x 32 picture, 0 to 1; 0 turns the check off",
    ),
    Check(
        label="exact_duplicate",
        measure="same_as_better_copy",
        cut_off="same_as_better_copy",
        default=0.5,
        flags_above=True,
        meaning="1 where another file shows the same picture; 1 turns the check off",
        force=Force.POLICY,
    ),
    Check(
        label="tiny",
        measure="shortest_side_px",
        cut_off="shortest_side_px",
        default=256.0,
        flags_above=False,
        meaning="shorter side of the film in pixels; 0 turns the check off",
    ),
    Check(
        label="odd_shape",
        measure="shape_ratio",
        cut_off="narrowest_shape",
        default=0.5,
        flags_above=False,
        meaning="shorter side over longer side, 0 to 1; 0 turns the check off",
    ),
    Check(
        label="wide_border",
        measure="border_share",
        cut_off="widest_border",
        default=0.25,
        flags_above=True,
        meaning="share of the area that is an even border, 0 to 1; 1 turns the check off",
    ),
    Check(
        label="too_dark",
        measure="brightness_p99",
        cut_off="darkest",
        default=0.50,
        flags_above=False,
        meaning="brightness of the lightest 1 % of the film, 0 to 1; 0 turns the check off",
    ),
    Check(
        label="too_bright",
        measure="white_share",
        cut_off="most_white",
        default=0.20,
        flags_above=True,
        meaning="share of the film that is clipped to white, 0 to 1; 1 turns the check off",
    ),
    Check(
        label="washed_out",
        measure="grey_range",
        cut_off="least_contrast",
        default=0.50,
        flags_above=False,
        meaning="range of grey without its darkest and lightest 1 %, 0 to 1; 0 turns the check off",
    ),
    Check(
        label="blurred",
        measure="sharpness",
        cut_off="least_sharpness",
        default=0.02,
        flags_above=False,
        meaning="share of the contrast that is in fine detail, 0 to 1; 0 turns the check off",
    ),
    Check(
        label="coloured",
        measure="coloured_share",
        cut_off="most_colour",
        default=0.0003,
        flags_above=True,
        meaning="share of the pixels that are coloured, 0 to 1; 1 turns the check off",
    ),
    Check(
        label="near_duplicate",
        measure="bits_to_better_copy",
        cut_off="bits_to_better_copy",
        default=32.0,
        flags_above=False,
        meaning="perceptual hash bits (of 256) that differ from a better copy, looked for up to 31;"
        " 0 turns the check off",
        typical=256.0,
    ),
)

TASK = DetectorTask(
    name="quality",
    question="Is there anything wrong with the film itself?",
    labels=("fine", *(check.label for check in _CHECKS)),
    expected_label="fine",
    title="film quality",
    label_words={
        "fine": "good film",
        "blank": "blank",
        "tiny": "too small",
        "odd_shape": "odd shape",
        "wide_border": "wide border",
        "too_dark": "too dark",
        "too_bright": "too bright",
        "washed_out": "washed out",
        "blurred": "blurred",
        "coloured": "coloured",
        "exact_duplicate": "same picture as another film",
        "near_duplicate": "nearly the same as another film",
    },
    kind=DecidedByRule(rule=rule_of_checks(_CHECKS, expected_label="fine", needs_pixels=True)),
    seen_on_thumbnail=False,
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
