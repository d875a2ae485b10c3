"""Makes tests/specimens/formats by LibreOffice (``soffice``), out of files with a word in each place. By hand.

Each word is ``planted`` with the place's name behind it, such as ``plantedheader``; tests/unit/test_format_specimens.py
says which a file must give.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

HERE = Path(__file__).parent.parent / "tests/specimens/formats"
_BOX = (
    '<w:p {w} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:rect style="width:200pt;height:40pt">'
    "<v:textbox><w:txbxContent><w:p><w:r><w:t>plantedtextbox</w:t></w:r></w:p></w:txbxContent></v:textbox>"
    "</v:rect></w:pict></w:r></w:p>"
)
_CONTROL = (
    "<w:sdt {w}><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>plantedcontrol</w:t></w:r></w:p>"
    "</w:sdtContent></w:sdt>"
)
_HIDDEN = "<w:p {w}><w:r><w:rPr><w:vanish/></w:rPr><w:t>plantedhidden</w:t></w:r></w:p>"
_DELETED = '<w:p {w}><w:del w:id="9" w:author="a"><w:r><w:delText>planteddeleted</w:delText></w:r></w:del></w:p>'


def _word() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for name in ("title", "subject", "comments", "keywords"):
        setattr(document.core_properties, name, f"planted{name}")
    section = document.sections[0]
    section.header.paragraphs[0].text = "plantedheader"
    section.footer.paragraphs[0].text = "plantedfooter"
    run = document.add_paragraph("plantedbody ").add_run("and more")
    document.add_comment(run, text="plantedcomment", author="a")
    document.add_table(1, 1).cell(0, 0).text = "plantedcell"
    for xml in (_BOX, _CONTROL, _HIDDEN, _DELETED):
        document.element.body.insert(2, parse_xml(xml.format(w=nsdecls("w"))))
    document.save(out)
    return out.getvalue()


def _sheets() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.properties.title = "plantedtitle"
    sheet = book.active
    sheet.title = "plantedsheetname"
    sheet["A1"], sheet["B2"] = "plantedcell", '="planted"&"formula"'
    sheet["A2"] = "plantedhiddenrow"
    sheet.row_dimensions[2].hidden = True
    sheet["A1"].comment = Comment("plantedcomment", "a")
    sheet["A3"].hyperlink = "https://a.example/plantedlink"
    sheet["A3"] = "link"
    sheet.oddHeader.center.text, sheet.oddFooter.center.text = "plantedheader", "plantedfooter"
    rule = DataValidation(type="list", formula1='"a,b"', showInputMessage=True, prompt="plantedprompt", promptTitle="x")
    sheet.add_data_validation(rule)
    rule.add("A4")
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(state)
        other["A1"], other.sheet_state = f"planted{state.lower()}", state
    book.save(out)
    return out.getvalue()


def _converted(folder: Path, source: Path, kind: str, name: str) -> None:
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind]
    subprocess.run([*command, "--outdir", folder, source], check=True, capture_output=True, timeout=300)  # noqa: S603 - our own command line
    made = folder / f"{source.stem}.{kind.partition(':')[0]}"
    (HERE / name).write_bytes(made.read_bytes())


def main() -> None:
    """Write all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stem, content, kinds in (
            ("word.docx", _word(), ("docx", "doc", "odt", "rtf", "pdf", "html:HTML (StarWriter)")),
            ("sheets.xlsx", _sheets(), ("xlsx", "xls", "ods", "csv")),
            ("slides.fodp", (HERE / "slides.fodp").read_bytes(), ("odp", "pptx", "ppt", "pdf")),
        ):
            source = folder / "in" / stem
            source.parent.mkdir(exist_ok=True)
            source.write_bytes(content)
            for kind in kinds:
                _converted(folder, source, kind, f"{source.stem}.{kind.partition(':')[0]}")
        (HERE / "word-by-python-docx.docx").write_bytes(_word())
        (HERE / "sheets-by-openpyxl.xlsx").write_bytes(_sheets())


if __name__ == "__main__":
    main()
