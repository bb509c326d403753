"""Faults done to a running radsieve for real, and what must be true after each."""
