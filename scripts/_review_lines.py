"""Lines of `radsieve status` with the figures of reviewing for a detector task."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.base.core.limits import limits, share_limits

_DAYS = 7


def review_lines(review: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each figure that was measured, then lines by reviewer and by day."""
    total = review["total"]
    if pace := _pace(total):
        yield f"  pace      {pace}"
    if total["changed"]["of"]:
        yield f"  changed   {_counted(total['changed'], 'predictions')}"
    checks = total["checks"]
    if checks["missed"]["of"] or checks["false_alarms"]["of"]:
        yield f"  slips     {_slips(checks)}"
        yield f"  ticks     {_ticks(total['ticks'])}"
    yield from _reading_lines(review["readings"])
    yield from _group_lines("reviewer", review["by_reviewer"])
    yield from _group_lines("day", dict(list(review["by_day"].items())[-_DAYS:]))


def _pace(figures: Mapping[str, Any]) -> str:
    pace = ""
    if figures["films_per_hour"] is not None:
        pace = f"{figures['films_per_hour']:,.0f} films an hour, {figures['hours']:.2f} h in all"
    lost = _lost(figures, "; " if pace else "")
    return f"{pace}{lost}"


def _lost(figures: Mapping[str, Any], before: str) -> str:
    lost = {"too fast to count": figures["too_fast"], "skipped": figures["skipped"]}
    parts = ", ".join(f"{count} {outcome}" for outcome, count in lost.items() if count)
    return before + parts if parts else ""


def _slips(checks: Mapping[str, Any]) -> str:
    parts = []
    if checks["missed"]["of"]:
        made = checks["missed_synthetic"]
        synthetic = f", of synthetic ones {_ratio(made)}" if made["of"] else ""
        parts.append(f"passed {_counted(checks['missed'], 'known bad films')}{synthetic}")
    if checks["false_alarms"]["of"]:
        parts.append(f"called bad {_counted(checks['false_alarms'], 'known good ones')}")
    return "; ".join(parts)


def _ticks(ticks: Mapping[str, Any]) -> str:
    parts = [
        f"{case} {_ratio(ticks[wrong])} ({otherwise} {_ratio(ticks[right])}{_gap(ticks[more])})"
        for case, wrong, otherwise, right, more in (
            (
                "wrong ones accepted",
                "wrong_tick_accepted",
                "called bad without one",
                "no_tick_called_bad",
                "more_false_alarms",
            ),
            (
                "missing ones left",
                "missing_tick_left",
                "right ones removed",
                "right_tick_removed",
                "more_slips",
            ),
        )
        if ticks[wrong]["of"]
    ]
    return "; ".join(parts) or "none of the known films was ticked wrongly or left unticked"


def _gap(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return ""
    ends = share_limits(figure["low"], figure["high"], sign="+")
    return f": {100 * figure['value']:+.1f} %, 95 % {ends}"


def _reading_lines(readings: Mapping[str, Any]) -> Iterator[str]:
    for key, who in (("by_two", "two reviewers"), ("by_one", "the same reviewer twice")):
        same = readings[key]["same"]
        if same["of"]:
            kappa = _kappa(readings[key]["kappa"])
            yield f"  agreement {_ratio(same)} films read by {who} were called the same{kappa}"
    confirmed, waiting = readings["confirmed"], readings["awaiting_second_look"]
    if confirmed or waiting or readings["disputed"]:
        yield (
            f"  finds     {confirmed} called bad on two items "
            f"({readings['confirmed_by_another']} by two reviewers), {waiting} wait for a second "
            f"look, {readings['disputed']} in dispute"
        )
    if readings["finds_confirmed"]["of"]:
        again = _counted(readings["finds_confirmed"], "second looks at finds")
        yield f"  again     {again} said bad again"


def _kappa(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return ""
    return f": kappa {figure['value']:.2f} (95 % {limits(figure['low'], figure['high'], 2)})"


def _group_lines(kind: str, groups: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield lines for each group; none for a single group, whose figures are the total."""
    if len(groups) > 1:
        for name, figures in groups.items():
            yield f"  {kind:<9} {name}: {_brief(figures)}"
            if slips := _slips(figures["checks"]):
                yield f"{'':12}{slips}"


def _brief(figures: Mapping[str, Any]) -> str:
    parts = [f"{figures['films']:,} {'look' if figures['films'] == 1 else 'looks'}"]
    if figures["films_per_hour"] is not None:
        parts.append(f"{figures['films_per_hour']:,.0f} an hour")
    if figures["changed"]["of"]:
        parts.append(f"changed {_counted(figures['changed'], 'predictions')}")
    return ", ".join(parts) + _lost(figures, ", ")


def _ratio(part: Mapping[str, Any]) -> str:
    return f"{part['count']:,} of {part['of']:,}"


def _counted(part: Mapping[str, Any], noun: str) -> str:
    """Return counts with their share, as in `1 of 20 films (5.0 %, 95 % 0.1 to 24.9)`."""
    figure = part["figure"]
    ends = share_limits(figure["low"], figure["high"])
    return f"{_ratio(part)} {noun} ({100 * figure['value']:.1f} %, 95 % {ends})"
