"""A made-up next version, whose tables are those of this one and more: an app of migrations alone.

It changes tables that every mail writes to, in the steps of docs/upgrading.md: a column that has a default, an index
that is built beside the writing, the old rows filled in a few at a time, and a rule that is checked afterwards.
"""
