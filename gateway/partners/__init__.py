"""Partners' own mail servers: how they are found, how surely they are whom they say, and what became of it.

``dns.py`` asks a resolver, and knows whether its word may be believed (DNSSEC). ``sts.py`` keeps partners' published
policies (MTA-STS), ``dane.py`` compares certificates with TLSA records, ``finding.py`` puts both together into routes;
``ledger.py`` counts what TLS to whom came to, ``report.py`` writes it up for the partner (TLS-RPT).
"""
