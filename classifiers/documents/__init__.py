"""The kinds of document in a person's care, and how to know them."""
