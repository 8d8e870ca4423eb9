"""`goodstanding check`: places, exit codes, one JSON document, and clear words for what cannot be used (requirements F2, L1)."""

import io
import json
import zipfile

import pytest

BAD = """# Plan of action

## Root cause
- Some orders left late on 3 March because our schedule had no Saturday pick-up.
- It was our oversight.

## Corrective actions
- On [date] all 16 orders were shipped.
- On 12 March we signed a contract with a second carrier.

## Preventive measures
- Every Monday the manager reads the rate.
- A second person confirms holiday settings.
"""
GOOD = BAD.replace("Some orders", "16 orders").replace("[date]", "10 March")


@pytest.fixture
def plan(tmp_path):
    def write(text, name="plan.md"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def docx(*paragraphs):
    """A Word file: (style, text) a paragraph."""
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>' for style, text in paragraphs)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", f"<w:document {word}><w:body>{body}</w:body></w:document>")
    return file.getvalue()


def test_a_finding_points_at_its_place_in_the_writers_file(run, plan):
    path = plan(BAD)
    code, out, _ = run("check", path, "--json")
    told = json.loads(out)
    lines = BAD.split("\n")
    shown = {one["code"]: lines[one["line"] - 1][one["column"] - 1 : one["end_column"] - 1] for one in told["findings"]}
    assert code == 1
    assert shown == {"vague": "Some orders", "leftover": "[date]"}
    assert told["score"] == 100 - 15 - 5


def test_a_good_plan_passes_with_the_full_score(run, plan):
    code, out, _ = run("check", plan(GOOD))
    assert (code, out.strip()) == (0, "Nothing found: 100 of 100.")


def test_the_score_is_told_as_a_sum(run, plan):
    _, out, _ = run("check", plan(BAD))
    assert "Score 80 of 100: 100 − 1 error × 15 − 1 warning × 5." in out
    assert "    - On [date] all 16 orders were shipped.\n         ^^^^^^" in out


def test_advice_alone_is_no_error(run, plan):
    code, _, _ = run("check", plan(GOOD.replace("16 orders left", "Some orders left")))
    assert code == 0


def test_a_word_file_is_read_with_its_headings_lists_and_paragraph_numbers(run, plan):
    paragraphs = [
        ("Heading1", "Root cause"),
        ("ListParagraph", "16 orders left late on 3 March; our schedule had no pick-up."),
        ("ListParagraph", "It was our oversight."),
        ("Heading1", "Corrective actions"),
        ("ListParagraph", "On [date] all 16 orders were shipped."),
        ("ListParagraph", "On 12 March we signed with a second carrier."),
        ("Heading1", "Preventive measures"),
        ("ListParagraph", "Every Monday the manager reads the rate."),
        ("ListParagraph", "A second person confirms holiday settings."),
    ]
    _, out, _ = run("check", plan(docx(*paragraphs), "plan.docx"), "--json")
    assert [(one["code"], one["line"], one["column"]) for one in json.loads(out)["findings"]] == [("leftover", 5, 4)]


def test_reasons_products_and_files_of_the_notice_are_looked_for(run, plan, tmp_path):
    picture = tmp_path / "shelf.svg"
    picture.write_text("<svg></svg>")
    code, out, _ = run("check", plan(GOOD), "--reason", "IP_TRADEMARK", "--product", "B0TEST0001", "--attach", picture, "--json")
    told = json.loads(out)
    assert code == 1
    assert {one["code"] for one in told["findings"]} == {"reason-unanswered", "product-unanswered", "document-kind"}
    assert told["answered"] == {"IP_TRADEMARK": False}


def test_what_was_sent_before_is_recognised(run, plan):
    code, out, _ = run("check", plan(GOOD), "--previous", plan(GOOD, "first.md"), "--json")
    assert "resend" in {one["code"] for one in json.loads(out)["findings"]}
    assert code == 0, "a resend is advice, not an error"


def test_a_chinese_plan_is_answered_in_chinese(run, plan):
    _, out, _ = run("check", plan("根本原因：有时候有一些订单晚发，我们没有备用承运商。"))
    assert "警告" in out
    assert "含糊" in out


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "plan.md", "is empty"),
        (b"%PDF-1.7\n%%EOF\n", "plan.pdf", "give the plan as Markdown, text or .docx"),
        (b"PK\x03\x04broken", "plan.docx", "damaged"),
        (b"\x00\x01\x02", "plan.txt", "is no text"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(run, plan, content, name, says):
    code, out, err = run("check", plan(content, name))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert says in err


def test_a_missing_file_and_an_unknown_reason_are_named(run, plan, tmp_path):
    assert "cannot be read" in run("check", tmp_path / "none.md")[2]
    code, _, err = run("check", plan(GOOD), "--reason", "NONSENSE")
    assert code == 2
    assert "NONSENSE" in err
