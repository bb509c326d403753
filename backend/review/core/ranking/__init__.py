"""Choose the films that a person looks at next: strategies score, one module chooses.

No strategy chooses, and no choice scores.
"""
