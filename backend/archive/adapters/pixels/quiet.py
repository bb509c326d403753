"""No word of a library underneath reaches a person: it may quote a value, which may be a name."""

import re
import warnings

import gdcm

_LIBRARIES = r"(pydicom|PIL)(\.|$)"

gdcm.Trace.DebugOff()
gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()


def silence_libraries() -> None:
    """Ignore warnings that come out of the libraries, in all threads, from now on.

    What they warn of is seen to otherwise: it becomes a step, or the reason of a refusal.
    """
    if not any(_is_ours(one) for one in warnings.filters):
        warnings.filterwarnings("ignore", module=_LIBRARIES)


def _is_ours(one: tuple[object, ...]) -> bool:
    action, _, _, module, _ = one
    return action == "ignore" and isinstance(module, re.Pattern) and module.pattern == _LIBRARIES
