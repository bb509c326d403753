"""One file per revision; see `backend.base.adapters.migrations`."""
