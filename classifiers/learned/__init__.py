"""The third layer: words weighed by a model that was trained on labelled documents, joined with what the rules say."""
