"""Which films a person looks at next: strategies score, one place chooses.

No strategy chooses, and no choice scores.
"""
