"""Rules of phantoms: plain values in, plain values out.

No files, network, database, clock, environment or torch.
"""
