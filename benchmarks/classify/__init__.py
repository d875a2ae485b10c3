"""How well documents are understood: identifiers, people, classes. Each module prints its own tables."""
