"""Everything that learns and judges: training, versions, sweeps, the gate, learnability.

Nothing here knows Label Studio or chooses what a person looks at.
"""
