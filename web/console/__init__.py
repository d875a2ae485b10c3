"""Pages for officers, reviewers, the breach team, records officers, inspectors and operators."""
