"""What ``sallyport check`` looks at on a mail's way: keys to sign with, readers, next hops, releases, webhooks."""

from __future__ import annotations

from collections.abc import Iterator

from cli.looks.line import Line
from config.settings import Settings
from domain.errors import SallyportError


def signing_keys(settings: Settings) -> Iterator[Line]:
    """The ways of protecting that there are."""
    from gateway.bootstrap import build_protectors

    protectors = build_protectors(settings)
    methods = " and ".join(p.method for p in protectors)
    says = methods or "no signing key is set; every mail that needs protecting would be held"
    yield Line("ways of protecting", bool(protectors), says)


def readers(settings: Settings) -> Iterator[Line]:
    """A document is read, confined."""
    from domain.model import Part, Place
    from gateway.bootstrap import build_classifiers

    classifiers = build_classifiers(settings)
    try:
        part = Part("1", Place.BODY, "text/plain", "", b"Hello", "utf-8")
        analysis = classifiers.analyse("check", [part])
        read = any("Hello" in t.text for t in analysis.texts)
        yield Line("document readers", read, str(classifiers.confinement))
    finally:
        classifiers.close()


def next_hops(settings: Settings) -> Iterator[Line]:
    """Each answers, with its TLS and its password."""
    from gateway.bootstrap import try_hop

    for hop in settings.next_hops:
        name = f"next hop for {', '.join(hop.domains)}"
        try:
            yield Line(name, True, f"{hop.host}:{hop.port} answers; {try_hop(hop, settings)}")
        except (OSError, SallyportError) as error:
            says = f"{hop.host}:{hop.port} cannot be used ({error}); [[next_hops]] in the settings names it"
            yield Line(name, False, says)


def urgent_releases(settings: Settings) -> Iterator[Line]:
    """For what they are, and who is told."""
    from gateway.bootstrap import build_rules

    concerns = build_rules(settings).urgency.bases
    yield Line(
        "urgent releases",
        True,
        f"for {len(concerns)} concerns; {len(settings.service.management)} of the management team are told first"
        if concerns
        else "off, because service.management names nobody who could be told",
    )


def webhooks(_: Settings) -> Iterator[Line]:
    """Those that were given up."""
    from web.api.hooks.sweeping import given_up

    silent = given_up()
    says = (
        f"given up: {', '.join(map(str, silent))}; put them right and set them again" if silent else "none is given up"
    )
    yield Line("webhooks", not silent, says)
