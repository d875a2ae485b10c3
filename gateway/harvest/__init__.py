"""Keys in mail that comes in: whose they are, and whether the mail proves it. What is found is *seen*, not trusted."""
