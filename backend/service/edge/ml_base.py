"""Label Studio's own base class of ML backends, imported without its side effects.

label-studio-ml 1.0.9 sets the start method of every process we may ever start, and a dependency of
it has an invalid escape that newer Pythons warn of. Nothing else happens at import: redis and rq
are imported, but not asked for anything.
"""

import multiprocessing
import warnings

_start_method = multiprocessing.get_start_method(allow_none=True)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from label_studio_ml.model import LabelStudioMLBase
multiprocessing.set_start_method(_start_method, force=True)

__all__ = ["LabelStudioMLBase"]
