"""Who signs in: accounts, their roles, the second factor, sessions. Nobody registers themselves."""
