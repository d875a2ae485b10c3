"""The command line ``sallyport``: one file a command, errors as one helpful sentence, exit codes in ``exits.py``."""
