"""``sallyport keys``: recipients' keys and certificates, and the vault's keys. A module for each kind."""

from __future__ import annotations

import typer

from cli.keys import drill, finding, harvest, masters, pdf, people, recipients, rotate

app = typer.Typer(no_args_is_help=True, help="Recipients' keys and certificates, people's vault keys, master keys.")
app.command("list")(recipients.list_)
app.command("add")(recipients.add)
app.command("remove")(recipients.remove)
app.command("find")(finding.find)
app.command("harvest")(harvest.harvest)
app.command("seen")(harvest.seen)
app.command("accept")(harvest.accept)
app.command("dismiss")(harvest.dismiss)
app.command("pdf")(pdf.pdf)
app.command("people")(people.people)
app.command("renew")(people.renew)
app.command("new-master")(masters.new_master)
app.command("rotate")(rotate.rotate)
app.command("drill")(drill.drill)
