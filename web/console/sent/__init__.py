"""An officer's own sent mail."""
