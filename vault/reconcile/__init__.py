"""Do bucket, rows and index say the same? Compared both ways (``sallyport vault reconcile``), and what a crash left is
found, explained and removed (``sallyport vault sweep``). docs/object-stores.md says what each finding means.
"""  # noqa: D205 - one sentence that needs two lines
