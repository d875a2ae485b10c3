"""Pages in a real browser, against a real ``sallyport web``. ``support.py`` says how to list one."""
