"""The search at 10 thousand, 100 thousand and a million records: beside plain text, and beside tantivy.

``make bench ARGS=search`` takes ``SEARCH_RECORDS`` (20,000 where it is not set). Records are short mails, 40 to 160
words of a made-up language whose words are as frequent as Zipf's law says, about 300 people, over five years. Timed is
all that ``sallyport vault search`` does between parsing a query and printing: the exact count, the coverage and the
newest 20 records. *Selective* are words that one record in ten to one in two thousand has, two such words, a word about
one person, a word in one month; *commonest* are the twenty most frequent words, which nearly every record has. The
plain index is the same database's own over the same words unkeyed, asked for count and the newest 20; tantivy likewise.

``python -m benchmarks.search --within N`` fills the database that ``SALLYPORT_DATABASE_URL`` names and prints a line of
JSON at each step; one that is kept is filled on from where it was. On PostgreSQL ``SEARCH_TEXTS`` is the number of
different texts: further records are copies of them, made within the database, which takes a fraction of the time.
``BENCH_FIRST=1`` has what is measured go before everything else on the machine while it is (as root).
``python -m benchmarks.search --tantivy N`` prints the same for tantivy; ``python -m benchmarks.search_picture`` draws.
"""

from benchmarks.search.measuring import measure

__all__ = ["measure"]
