"""The demo from curtain to curtain: a sample service, real mails through a real relay, one table, then yours."""

from __future__ import annotations

import os
import signal
import smtplib
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from demo import view
from demo.cast import OLIVE, ROWAN, cast
from demo.console_cases import another_key, asked_for_access, caseload, inspected, suspected_breach
from demo.console_tour import accounts, console_url, running_console, telephone
from demo.console_tour import tour as console_tour
from demo.forms_tour import tour as forms_tour
from demo.guard_tour import answer, arrived
from demo.leaving_tour import tour as leaving_tour
from demo.mails import DemoMail, mails, to_send_again
from demo.next_hop import NextHop, listening
from demo.pickup_tour import codes_after, link_of, running_pages
from demo.pickup_tour import tour as pickup_tour
from demo.register_tour import tour as register_tour
from demo.results import last_outcome, rows_after, rows_of
from demo.stage import Stage, check_folder, check_ports, clear, make_keys, running_relay, set_up
from demo.vault_tour import tour as vault_tour
from demo.view import Row

_VAULT_AWAY = "vault-away"

_COMMAND = f"{Path(sys.executable).parent / 'sallyport'}"


def run(folder: Path, *, port: int, once: bool) -> int:
    """The exit code: 0 when every mail ended as it was promised, 1 otherwise. Raises ``SallyportError``."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the relay is stopped, too
    now = datetime.now(UTC)  # noqa: TID251 - the demo is an edge
    out = view.console()
    stage, people = Stage(folder.absolute(), port), cast(now.date())
    check_folder(stage.folder)
    check_ports(stage)
    clear(stage.folder)
    out.print("Setting up a sample service: settings, keys, tables, a register of people, carers and organisations")
    set_up(stage, people)
    os.environ.update(stage.environment())
    _django()
    make_keys(stage, people, now)
    drafted = mails(people, now.date())
    _save(stage, drafted)
    check_ports(stage)  # again: setting up takes a while, and somebody may have taken one meanwhile
    with listening(stage.folder / "left", stage.hop_port) as hop, running_relay(stage), running_pages(stage) as pages:
        out.print(f"The relay listens on 127.0.0.1:{port}; the next mail system on 127.0.0.1:{stage.hop_port}")
        rows = [row for mail in drafted for row in _send(mail, stage, hop, out)]
        surprises = list(_surprises(drafted, rows))
        out.print()
        view.show(out, rows)
        surprises += forms_tour(stage, out, drafted)
        surprises += register_tour(stage, out, drafted, lambda mail: _send(mail, stage, hop, out))
        surprises += pickup_tour(stage, out, hop, pages)
        link = link_of(hop)
        surprises += answer(stage, out, hop, drafted)
        surprises += leaving_tour(stage, out, hop, pages)
        surprises += arrived(out, hop, drafted)
        surprises += vault_tour(stage, out)
        logins = accounts(people)
        number, case = caseload(people), suspected_breach()
        asks = asked_for_access(ROWAN)
        of = {login.role: login.address for login in reversed(logins)}
        inspected([ROWAN, OLIVE], of["inspector"], by=of["records-officer"])
        out.print(
            f"\nFor the console: {number} people have an officer now; a suspected breach, {case}, is open, and so"
        )
        out.print(f"is {asks}: somebody asks what is kept about them. Two records officers answer it on its page.")
        out.print(f"A mail brought another key of {another_key()}, which nobody has accepted.")
        out.print("The inspector may see the records of two people for two weeks.")
        with running_console(stage, worker=not once), telephone(stage, logins) as codes:
            surprises += console_tour(stage, out, logins)
            for surprise in surprises:
                out.print(f"Not as promised: {surprise}")
            if not once:
                _stay(out, stage, hop, drafted, pages, codes, link)
    return 1 if surprises else 0


def _django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.console"
    import django

    django.setup()


def _save(stage: Stage, drafted: list[DemoMail]) -> None:
    """Every mail as a file, for `sallyport explain` and for sending again by hand."""
    folder = stage.folder / "mails"
    folder.mkdir()
    for number, mail in enumerate(drafted, start=1):
        name = "".join(c if c.isalnum() else "-" for c in mail.title.lower()).strip("-")
        (folder / f"{number:02}-{name}.eml").write_bytes(to_send_again(mail))


def _send(mail: DemoMail, stage: Stage, hop: NextHop, out: Console) -> list[Row]:
    """Send one mail by SMTP. Where the vault is taken away meanwhile, send it again once it is back, as servers do."""
    out.print(f"  sending: {mail.title}")
    if mail.fault != _VAULT_AWAY:
        return list(rows_of(mail.title, mail.message, mail.recipients, hop, _submit(mail, stage.port)))
    away = stage.objects.with_name("objects-away")
    stage.objects.rename(away)
    stage.objects.write_text("the vault's disk is not mounted")
    try:
        answer = _submit(mail, stage.port)
        first = list(rows_of(mail.title, mail.message, mail.recipients, hop, answer))
    finally:
        stage.objects.unlink()
        away.rename(stage.objects)
    out.print(f"  sending: {mail.title}, again")
    answer = _submit(mail, stage.port)
    return first + list(rows_of(f"{mail.title}, sent again", mail.message, mail.recipients, hop, answer))


def _submit(mail: DemoMail, port: int) -> str:
    """Empty when the relay took it; else its reply."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="exchange.hants.example", timeout=120) as client:
        try:
            client.sendmail(mail.sender, mail.recipients, mail.message)
        except smtplib.SMTPResponseException as reply:
            return f"{reply.smtp_code} {_text(reply.smtp_error)}"
    return ""


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


def _surprises(drafted: list[DemoMail], rows: list[Row]) -> Iterator[str]:
    """What did not end as promised: the demo can fail."""
    got = {(row.mail, row.recipient.casefold()): row for row in rows}
    for mail in drafted:
        for recipient, expected in mail.expects.items():
            row = got.get((mail.title, recipient.casefold()))
            if row is None or row.action != expected.action:
                seen = row.decision if row else "nothing"
                yield f"'{mail.title}' to {recipient}: {expected.action} ({expected.rule}), but it was {seen}"


def _stay(
    out: Console, stage: Stage, hop: NextHop, drafted: list[DemoMail], pages: Path, telephone_at: str, link: str
) -> None:
    """Show each decision as it is made, until Ctrl-C."""
    hop.forget()
    seen, codes = last_outcome(), len(codes_after(pages, 0))
    _invite(out, stage, hop, drafted, link)
    out.print("Sign in to the console as any of the people above; their codes are on the demo's telephone:\n")
    out.print(f"  {console_url(stage)}/   codes: {telephone_at}\n", soft_wrap=True)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(0.5)
            for number, row in rows_after(seen, hop):
                view.live(out, row)
                seen = number
            for code in codes_after(pages, codes):
                out.print(f"The code to type in: {code}")
                codes += 1
    out.print("\nStopping: what is under way ends first.")


def _how_to_open(out: Console, stage: Stage, hop: NextHop) -> None:
    """One command each for an OpenPGP and an S/MIME mail that left, ready to copy."""
    recipients = stage.folder / "recipients"
    for arrival in hop.first_of_each_kind():
        key = recipients / arrival.recipient
        if arrival.described().startswith("OpenPGP"):
            gpg = "gpg --quiet --homedir $H"
            command = f"H=$(mktemp -d); {gpg} --import {key}.asc; {gpg} --decrypt {arrival.file}"
        else:
            command = f"openssl cms -decrypt -in {arrival.file} -recip {key}.crt -inkey {key}.pem"
            command += " | openssl cms -verify -noverify"
        out.print(f"  {command}\n", soft_wrap=True)


def _invite(out: Console, stage: Stage, hop: NextHop, drafted: list[DemoMail], link: str) -> None:
    encrypted = next(m for m in drafted if any(e.action == "ENCRYPT" for e in m.expects.values()))
    to = encrypted.recipients[0]
    sample = sorted((stage.folder / "mails").glob("*.eml"))[drafted.index(encrypted)]
    out.print(
        f"\nWhat left is in {stage.folder / 'left'}; the recipients' own keys are in {stage.folder / 'recipients'}.",
        soft_wrap=True,
    )
    out.print("To open one of each kind:\n")
    _how_to_open(out, stage, hop)
    out.print("Now send a mail of your own (Ctrl-C ends the demo):\n")
    server, officer = f"127.0.0.1:{stage.port}", encrypted.sender
    out.print(
        f"  swaks --server {server} --from {officer} --to {to} "
        "--h-Subject 'About the weekend' --body 'Shall we meet on Saturday?'\n",
        soft_wrap=True,
    )
    out.print("or one of the sample mails to somebody else, or with curl:\n")
    out.print(
        f"  swaks --server {server} --from {officer} --to somebody@post.example --data @{sample}\n",
        soft_wrap=True,
    )
    out.print(
        f"  curl smtp://{server} --mail-from {officer} --mail-rcpt lionel@carers.example --upload-file {sample}\n",
        soft_wrap=True,
    )
    out.print("Read as a carer without a key does (codes are shown here, where a service sends them as texts):\n")
    out.print(f"  {link}\n", soft_wrap=True)
    out.print(
        "Whoever has had a mail does not get it twice: the same file to the same recipient again shows nothing.\n"
    )
    out.print("What waits for the office, who may know about a person, and why a mail was decided as it was:\n")
    for words in ("reviews", f"permission show {ROWAN}", f"explain {sample} --trace"):
        out.print(f"  SALLYPORT_CONFIG={stage.home / 'sallyport.toml'} {_COMMAND} {words}\n", soft_wrap=True)
