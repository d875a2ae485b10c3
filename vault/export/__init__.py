"""Out of the vault: what a person may have of their file, what an investigation needs, what an inspector may read."""
