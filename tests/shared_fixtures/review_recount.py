"""What a random history amounts to, counted slowly from the log that it keeps of itself."""

from backend.archive.adapters.catalogue import films
from backend.review.core.look import Purpose


class ReviewRecount:
    """Who saw what and called it what, of the answers that stand."""

    def __init__(self, history):
        self.history = history
        self.answers = list(history.standing.values())
        self.archive = {film.radiograph_id for film in films(history.workspace.database)}

    def asking(self, names):
        return [told for told in self.answers if self.history.asked(told.item) & set(names)]

    def seen(self, names):
        films_seen = set()
        for told in self.asking(names):
            if told.seconds is None:
                continue
            films_seen |= set(told.item.radiograph_ids)
            films_seen |= {c.radiograph_id for c in told.item.checks.values() if not c.made}
        return films_seen

    def calls(self, name):
        """Return by film what was said of it: when, in which answer, and whether it is bad."""
        named = {
            film
            for told in self.answers
            if told.item.covered is not None
            for film, bad in told.bad.get(name, {}).items()
            if bad
        }
        calls = {}
        for told in self.answers:
            said = dict(told.bad.get(name, {}))
            own = told.item.detector_task == name
            if not own and name in self.history.asked(told.item):
                said |= dict.fromkeys(told.flagged & named, True)
            elif not own:
                said = {film: bad for film, bad in said.items() if told.item.covered is not None}
            for film, bad in said.items():
                at = told.since[film] if own else told.at
                calls.setdefault(film, []).append((at, told, bad))
        return {film: sorted(timed, key=lambda call: call[0]) for film, timed in calls.items()}

    def settled(self, name):
        """Return films that two looks called bad, and nobody disputes."""
        return {
            film
            for film, calls in self.calls(name).items()
            if is_confirmed(calls) and not is_disputed(calls)
        }


def is_confirmed(calls):
    """Return whether answers to two items, had on a screen, say bad, and the last does."""
    on_screen = [(told, bad) for _, told, bad in calls if told.seconds is not None]
    items = {told.item.item_key for told, bad in on_screen if bad}
    return len(items) > 1 and on_screen[-1][1]


def is_disputed(calls):
    """Return whether reviewers differ since the last look that was to settle it."""
    settling = [n for n, (_, told, _) in enumerate(calls) if told.item.purpose is Purpose.SETTLE]
    since = calls[settling[-1] :] if settling else calls
    return len(set({told.reviewer: bad for _, told, bad in since}.values())) > 1
