"""The rows of the ledger that are about one film, in words."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.base.core.ledger import EventKind, Facts, LedgerRow
from backend.labels.core.ledger_replay import label_facts


@dataclass(frozen=True, slots=True)
class FilmEvent:
    """What a row of the ledger says of one film, and nothing of other films."""

    row: int
    at: str
    """UTC, ISO 8601."""
    kind: str
    detector_task: str | None
    facts: Facts
    text: str
    """The facts in words."""


def words_on_film(row: LedgerRow, film: str) -> FilmEvent:
    """Return what a row says of one film.

    Args:
        row: it names the film, or tells of all films.
        film: a radiograph id.
    """
    facts = _NARROWED.get(row.kind, _all)(row.facts, film)
    text = _TEXTS[row.kind](facts)
    return FilmEvent(row.seq, row.at, row.kind, row.detector_task, facts, text)


def _all(facts: Facts, _film: str) -> Facts:
    return dict(facts)


def _answer(facts: Facts, film: str) -> Facts:
    names = ("annotation", "reviewer", "lead_time_s", "outcome")
    narrowed = {name: facts[name] for name in names}
    of_film = {
        "called": facts["called"].get(film),
        "suggested": (facts["suggested"] or {}).get(film),
    }
    return narrowed | {"films": len(facts["shown"])} | of_film


def _without_films(facts: Facts, _film: str) -> Facts:
    return {name: value for name, value in facts.items() if name != "shown"}


def _export(facts: Facts, film: str) -> Facts:
    listed = [name for name, films in facts["listed"].items() if film in films]
    return {
        "listed_in": listed,
        "refuted": facts["refuted"].get(film),
        "arguments": facts["arguments"],
        "radsieve": facts["radsieve"],
        "as_of": facts["as_of"],
    }


_NARROWED: dict[str, Callable[[Facts, str], Facts]] = {
    EventKind.ANSWER: _answer,
    EventKind.ANSWER_WITHDRAWN: _without_films,
    EventKind.EXPORT: _export,
}


def _label_text(facts: Facts) -> str:
    label = label_facts(facts)
    called = f"not {label.label}" if label.denied else label.label
    sure = "" if label.confidence is None else f", confidence {label.confidence:.2f}"
    who = f" by {label.given_by}" if label.given_by else ""
    boxes = f" with {len(label.boxes)} boxes" if label.boxes else ""
    where = "" if label.annotation is None else f" ({label.annotation})"
    old = ", from before there was a ledger" if facts.get("carried_over") else ""
    return f"labelled {called}{boxes}, {label.source}{who}{sure}{where}{old}"


def _withdrawn_text(facts: Facts) -> str:
    return f"label {facts['label']} ({facts['source']}) withdrawn: {facts['why']}"


def _labelling_text(facts: Facts) -> str:
    cut_offs = ", ".join(f"{name} {value}" for name, value in facts.get("cut_offs", {}).items())
    how = f" with cut-offs {cut_offs}" if cut_offs else ""
    return (
        f"labels of source {facts['source']} made anew{how}: {facts['added']} added, "
        f"{facts['withdrawn']} withdrawn"
    )


def _answer_text(facts: Facts) -> str:
    took = "" if facts["lead_time_s"] is None else f" after {facts['lead_time_s']:.1f} s"
    called = f"; this one: {facts['called']}" if facts["called"] else ""
    many = "1 film" if facts["films"] == 1 else f"{facts['films']} films"
    return f"{facts['reviewer']} answered an item of {many}{took}: {facts['outcome']}{called}"


def _published_text(facts: Facts) -> str:
    at = facts.get("thresholds")
    limits = f"; review below {at['review_below']}, accept at {at['accept_at']}" if at else ""
    shares = ", ".join(f"{name} {p:.4f}" for name, p in (facts.get("says") or {}).items())
    says = f"; it says {shares}" if shares else "; its predictions are gone"
    return f"{facts['model_version']} came into use ({facts['reason']}){limits}{says}"


def _export_text(facts: Facts) -> str:
    listed = ", ".join(facts["listed_in"]) or "nothing"
    why = f" ({facts['refuted']})" if facts["refuted"] else ""
    return f"export: listed in {listed}{why}"


_TEXTS: dict[str, Callable[[Facts], str]] = {
    EventKind.BEGIN: lambda facts: f"the ledger begins with {facts['labels']} labels",
    EventKind.LABELLING: _labelling_text,
    EventKind.LABEL: _label_text,
    EventKind.WITHDRAWN: _withdrawn_text,
    EventKind.ANSWER: _answer_text,
    EventKind.ANSWER_WITHDRAWN: lambda facts: f"an answer withdrawn: {facts['why']}",
    EventKind.BATCH: lambda facts: f"batch {facts['batch_id']}, seed {facts['seed']}",
    EventKind.PICK: lambda facts: (
        f"picked for batch {facts['batch_id']} ({facts['slice']}): {facts['reason']}"
    ),
    EventKind.MODEL: lambda facts: f"{facts['model_version']} trained",
    EventKind.PUBLISHED: _published_text,
    EventKind.EXPORT: _export_text,
    EventKind.OVERRIDE: lambda facts: f"a blocked export was allowed: {facts['reason']}",
    EventKind.EVIDENCE: lambda facts: f"what the tables hold: {', '.join(sorted(facts['tables']))}",
}
