"""What runs: the ML backend, the worker, the stack of servers, and what they say of themselves.

Nothing here decides about films; long work runs in processes of its own.
"""
