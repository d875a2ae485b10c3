"""``python -m cli`` is ``sallyport``."""

from cli.main import main

main()
