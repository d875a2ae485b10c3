"""Step 7, protecting: two engines behind one port, ``domain.ports.Protector``.

``openpgp.py`` and ``smime.py`` are the adapters; ``headers.py`` divides a message into what
stays visible and what goes inside; ``pgp_gate.py`` and ``x509_gate.py`` decide whether a
certificate may be used now; ``offload.py`` puts large messages into a process of their own.
``generate.py`` makes keys and ``inspection.py`` reads what people hand in; neither is used while mail is protected.
"""
