"""``sallyport audit``: who did what, and the proof that nobody changed it since. Each command has its module."""

from __future__ import annotations

import typer

from cli.audit import asking, key, looking, proving, verifying, witnessing

app = typer.Typer(no_args_is_help=True, help="Who did what, and the proof that nobody has changed it since.")
app.command("looks")(looking.looks)
app.command("list")(looking.list_)
app.command("tail")(looking.tail)
app.command("key")(key.key)
app.command("prove")(proving.prove)
app.command("check-proof")(proving.check_proof)
app.command("consistency")(proving.consistency)
app.command("checkpoints")(proving.checkpoints)
app.command("verify")(verifying.verify)
app.command("request")(asking.request)
app.command("accept")(asking.accept)
app.command("witness-key")(witnessing.witness_key)
app.command("witness")(witnessing.witness)
app.command("witness-serve")(witnessing.witness_serve)
