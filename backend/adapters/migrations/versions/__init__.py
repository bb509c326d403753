"""One file per revision; see `backend.adapters.migrations`."""
