"""Fixtures that tests of several rooms use; tests/conftest.py makes them known everywhere."""
