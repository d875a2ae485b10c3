"""The officer's side of a parting: what was shared, what is outstanding, what the carer signed."""
