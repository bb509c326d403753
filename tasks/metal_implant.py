"""Is there metal in the body: an implant, a wire, a clip?

The detector is for review only: on real films it misses wires and clips, and takes electrodes for
metal. The question does not mean tubes and lines, electrodes on the skin, jewellery, or implants
without metal.
"""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.task_kinds import LearntFromAnswers
from backend.phantoms.core.scattered_metal import with_scattered_metal

TASK = DetectorTask(
    name="metal_implant",
    question="Is metal implanted in the body?",
    labels=("no_metal", "metal"),
    expected_label="no_metal",
    title="metal",
    label_words={
        "no_metal": "no metal implant",
        "metal": "metal implant",
    },
    kind=LearntFromAnswers(drawn_by=with_scattered_metal),
    thresholds=Thresholds(review_below=0.70, accept_at=0.70),
    review_only=True,
    seen_on_thumbnail=False,
    report_hints={
        "sternotomy wires": "metal",
        "sternal wires": "metal",
        "surgical clips": "metal",
        "pacemaker": "metal",
        "defibrillator": "metal",
        "hip prosthesis": "metal",
        "arthroplasty": "metal",
        "internal fixation": "metal",
        "intramedullary nail": "metal",
        "spinal rods": "metal",
        "pedicle screws": "metal",
        "no retained hardware": "no_metal",
    },
)
