"""Synthetic films, drawn from a seed: chests, pelves and implants.

Nothing here reads a real film or claims to stand for one.
"""
