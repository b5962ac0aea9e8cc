"""The Council's page as CSV: the same numbers, readable by machines, harmless in spreadsheets."""

import csv
import io

import pytest

from tracker import exports
from tracker.models import Paragraph
from tracker.summaries import overview
from workflows import steps


def read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "  =1", "\u00a0=1"],
)
def test_cell_that_starts_a_formula_is_defused(words):
    assert exports.defused(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "1.2", "r1-1.2", "to report = annually", "C17/15", "é", None, 7])
def test_cell_that_does_not_is_left_alone(words):
    assert exports.defused(words) == ("" if words is None else str(words))


def test_table_comes_back_as_it_went():
    rows = [["a", 'with "quotes"', "two\nlines"], ["é, ü", "中文", ""]]

    assert read(exports.table(rows)) == rows


def test_council_csv_has_the_numbers_of_the_page(world, client_for):
    steps.enter_from_record(world.past, by=world.secretary, source="C17/15", symbol="C17/15")
    seen = overview(world.councillor, world.council, world.sessions["C18"])

    response = client_for(world.councillor).get("/council/council/c18.csv")
    rows = read(response.content.decode())

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="council-c18-2018-02-16.csv"'
    assert ["In all", str(seen.occurrences.count)] in rows
    grid = rows.index(next(row for row in rows if row[:2] == ["Resolution", "Item"]))
    assert rows[grid][3:6] == ["Council 2016", "Council 2017", "Council 2018"]
    assert rows[grid + 1][1:3] == ["1.2", "to report annually;"]
    assert rows[grid + 1][4] == "received, day not recorded, C17/15"


def test_council_csv_defuses_what_people_wrote(world, client_for):
    Paragraph.objects.update(text='=HYPERLINK("http://evil")')

    content = client_for(world.councillor).get("/council/council.csv").content.decode()

    cells = [cell for row in read(content) for cell in row]
    assert '\'=HYPERLINK("http://evil")' in cells
    assert not [cell for cell in cells if cell.startswith(exports.STARTS_A_FORMULA)]


def test_council_csv_follows_the_filters_and_refuses_nonsense(world, client_for):
    client = client_for(world.councillor)

    assert ["In all", "0"] in read(client.get("/council/council.csv?mark=late").content.decode())
    assert client.get("/council/council.csv?mark=green").status_code == 400
    assert client.get("/council/council.csv?holder=%00").status_code == 400
