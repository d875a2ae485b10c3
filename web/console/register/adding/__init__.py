"""Adding to the register on pages, one thing at a time; nothing is stored before all of it was shown."""
