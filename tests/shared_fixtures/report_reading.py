"""Reports as they are read from files: what is good, and what was passed over and why."""

from backend.reports.adapters.report_reader import read_reports
from backend.reports.core.mining.finding import BadReport, Report


def read(path, **columns):
    found = list(read_reports(path, **columns))
    good = {one.report_id: one.text for one in found if isinstance(one, Report)}
    return good, [(one.where, one.reason) for one in found if isinstance(one, BadReport)]
