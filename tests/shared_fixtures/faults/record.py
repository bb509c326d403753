"""A reviewer who answers by Label Studio's API and keeps a record of it, apart from radsieve."""

from collections import Counter
from dataclasses import dataclass

import requests

_BASE_S = 100.0
"""An answer takes so long, and a thousandth of a second more for each before it: that names it."""
OTHER = {"normal": "inverted", "inverted": "normal"}


@dataclass
class Given:
    """An answer, as it was given last."""

    token: float
    key: str
    item: int
    shown_label: str
    """What its sheet says that films are; empty: it is a single film."""
    says: dict
    """By film the label it got."""
    project: int
    annotation: int | None = None
    is_there: bool | None = None
    """None: the server died, and it is not known whether it took this."""
    unsure: dict | None = None
    """What it may say instead, where the server died over a change."""


class Reviewer:
    """Gives, changes and takes back answers to items about inversion."""

    def __init__(self, url, token):
        self._url, self._headers = url, {"Authorization": f"Token {token}"}
        self.given = []

    def call(self, method, path, **options):
        answer = requests.request(
            method, f"{self._url}/api/{path}", headers=self._headers, timeout=60, **options
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def answer(self, item, rng):
        """Answer a waiting item; of each film it is drawn what is said."""
        wrong = rng.random(len(item.shown_ids)) < 0.3
        usual = item.shown_label or "normal"
        pairs = zip(item.shown_ids, wrong, strict=True)
        says = {film: OTHER[usual] if is_wrong else usual for film, is_wrong in pairs}
        token = round(_BASE_S + len(self.given) / 1000, 3)
        given = Given(token, item.item_key, item.item_id, item.shown_label, says, item.project_id)
        self.given.append(given)
        body = {"result": _result(given, says), "lead_time": token}
        try:
            made = self.call("POST", f"tasks/{item.item_id}/annotations/", json=body)
        except requests.HTTPError as error:
            given.is_there = False if error.response.status_code == 404 else None
        except requests.RequestException:
            pass
        else:
            given.annotation, given.is_there = made["id"], True
        return given

    def change(self, given, rng):
        """Say otherwise of one film of an answer."""
        film = sorted(given.says)[rng.integers(len(given.says))]
        says = given.says | {film: OTHER[given.says[film]]}
        body = {"result": _result(given, says), "lead_time": given.token}
        try:
            self.call("PATCH", f"annotations/{given.annotation}/", json=body)
        except requests.RequestException:
            given.unsure = says
        else:
            given.says = says

    def take_back(self, given):
        """Delete an answer."""
        try:
            self.call("DELETE", f"annotations/{given.annotation}/")
        except requests.RequestException:
            given.is_there = None
        else:
            given.is_there = False

    def ask(self):
        """Find out what became of what the server died over."""
        for given in self.given:
            if given.is_there is None or given.unsure is not None:
                self._ask(given)

    def _ask(self, given):
        try:
            found = self.call("GET", f"tasks/{given.item}/annotations/")
        except requests.HTTPError:
            found = []  # the item is gone
        one = [each for each in found if round(each["lead_time"] or 0, 3) == given.token]
        assert len(one) <= 1, "Label Studio holds an answer twice"
        given.is_there = bool(one)
        if one:
            given.annotation = one[0]["id"]
            if given.unsure is not None and _ticked(one[0]["result"]) == _ticked(
                _result(given, given.unsure)
            ):
                given.says = given.unsure
        given.unsure = None

    def standing(self):
        """Return the answers that stand."""
        return [given for given in self.given if given.is_there]

    def labels(self):
        """Return how often each (annotation, film, label, denied) must be stored: once.

        Who ticks a film on a sheet says that it is not what the sheet says.
        """
        return Counter(
            (f"{given.key}/{given.annotation}", film, *_stored(given.shown_label, label))
            for given in self.standing()
            for film, label in given.says.items()
        )

    def is_lost(self, given):
        """Whether an answer that was taken is not in Label Studio any more, though its item is."""
        try:
            found = self.call("GET", f"tasks/{given.item}/annotations/")
        except requests.HTTPError:
            return False
        return given.annotation not in {each["id"] for each in found}


_CHOICE = {"normal": "fine", "inverted": "inversion: inverted"}


def _stored(shown_label, label):
    return (shown_label, int(label != shown_label)) if shown_label else (label, 0)


def _result(given, says):
    if not given.shown_label:
        (label,) = says.values()
        return [_region("answer", "radiograph", [_CHOICE[label]])]
    ticked = [film for film, label in says.items() if label != given.shown_label]
    return [_region("films", "sheet", ticked)] if ticked else []


def _region(control, tag, choices):
    return {
        "from_name": control,
        "to_name": tag,
        "type": "choices",
        "value": {"choices": choices},
    }


def _ticked(result):
    return {choice for region in result for choice in region["value"]["choices"]}
