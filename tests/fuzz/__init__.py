"""Fuzzing of our own parsers: ``scripts/fuzz.sh``. tests/hostile replays what ``corpus/`` keeps."""
