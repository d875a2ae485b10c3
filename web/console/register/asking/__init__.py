"""A permission is recorded: one thing on a page, all of it to be checked, then stored by ``register.recording``."""
