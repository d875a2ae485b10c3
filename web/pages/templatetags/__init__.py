"""Template tags that all pages may use."""
