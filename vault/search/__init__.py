"""Finding records without opening one: an index of keyed tokens (docs/search.md, docs/adr/0007-keyed-search.md).

The way of a text: ``words`` (what a word is) → ``tokens`` (its keyed form) → ``document`` (one index row a record,
written in the record's own transaction) → ``index`` (folded into FTS5 or tsvector). The way of a query: ``grammar``
(text → tree) → ``terms`` (tree → tokens) → ``evaluate`` (tokens → sets of records) → ``find`` (count, coverage, page).
"""
