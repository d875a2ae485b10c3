"""Carers and people who have parted: what was shared, what the carer signed, and what is still to be done about it."""
