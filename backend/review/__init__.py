"""What people are shown and what they answer: ranking, batches, looks, Label Studio.

Nothing here trains; the truth about answers is what Label Studio's API says.
"""
