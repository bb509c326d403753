"""What is known of films: labels, boxes, rules on metadata and pixels, and the ledger.

Nothing here asks a person or a detector; a label row is withdrawn, never removed.
"""
