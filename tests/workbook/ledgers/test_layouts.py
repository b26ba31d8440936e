"""Whatever items a system lists, in whatever order of columns, dialect of dates and amounts, and container: they are read back, to the cent."""

from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workbook.ledgers.layouts import LAYOUTS, Made
from workbook.ledgers import read_export

AS_OF = date(2026, 1, 31)
ANCHOR = Made("P900", "Anker & Cie", "DOC900", "invoice", date(2025, 11, 25), date(2025, 12, 30), 123456, 1000)  # a day after the twelfth
ITEM = st.builds(
    lambda payer, kind, back, term, cents, paid: (payer, kind, back, term, cents, paid),
    st.integers(1, 4), st.sampled_from(["invoice", "invoice", "credit", "payment"]), st.integers(0, 500), st.integers(0, 90),
    st.integers(1, 10**9), st.integers(0, 10**6),
)  # fmt: skip
NAMES = ("Total Énergies", "Müller; Söhne", "3M", 'A "B" Ltd')
AMOUNTS = (("", "."), (",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."))


def made(drawn):
    items = [ANCHOR]
    for at, (payer, kind, back, term, cents, paid) in enumerate(drawn):
        day, sign = AS_OF - timedelta(days=back), 1 if kind == "invoice" else -1
        due = day + timedelta(days=term) if kind == "invoice" else day
        items.append(Made(f"P{payer:03d}", NAMES[payer - 1], f"DOC{at:03d}", kind, day, due, sign * cents, paid if kind == "invoice" else 0))
    return items


def amount(cents, thousands, mark):
    return ("-" if cents < 0 else "") + f"{abs(cents) // 100:,}".replace(",", thousands) + f"{mark}{abs(cents) % 100:02d}"


def as_text(path, rows, separator, dates, style):
    def cell(value):
        text = value.strftime(dates) if isinstance(value, date) else amount(value, *style) if isinstance(value, int) else value or ""
        return '"' + text.replace('"', '""') + '"' if separator in text or '"' in text else text

    width = max(map(len, rows))
    path.write_text("\n".join(separator.join(map(cell, [*row, *[""] * (width - len(row))])) for row in rows) + "\n", encoding="utf-8")


def as_sheet(path, rows):
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy", "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Export")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, column, datetime.combine(value, time()))
                elif isinstance(value, int):
                    sheet.write_number(at, column, value / 100)
                elif value:
                    sheet.write_string(at, column, value)


def key(layout, item):
    due = "" if layout.undated or (item.kind == "payment" and not layout.untyped) else item.due.isoformat()
    return (item.name if layout.by_name else item.payer, item.document, item.cents, due)


def read_back(layout, path):
    export = read_export(path, as_of=AS_OF, company_currency="EUR")
    items = export.items
    due = items["due_date"].dt.strftime("%Y-%m-%d").fillna("")
    errors = [f.text("en") for f in export.findings if f.severity == "error" or f.code.endswith(("differs", "differ"))]
    return export, sorted(zip(items["payer"], items["document"], items["open_minor"], due, strict=True)), errors


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.profile)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    drawn=st.lists(ITEM, max_size=8), separator=st.sampled_from(";,\t|"), style=st.sampled_from(AMOUNTS), order=st.randoms(use_true_random=False),
    dates=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %b %Y"]), sheet=st.booleans(),
)  # fmt: skip
def test_what_a_system_lists_is_read_back(tmp_path, layout, drawn, separator, style, order, dates, sheet):
    items = made(drawn)
    rows = layout.rows(items)
    if layout.shuffled:
        places = list(range(len(rows[0])))
        order.shuffle(places)
        rows = [[row[at] for at in places] for row in rows]
    path = tmp_path / ("export.xlsx" if sheet else "export.csv")
    if sheet:
        as_sheet(path, rows)
    else:
        as_text(path, rows, separator, dates, style)
    export, found, errors = read_back(layout, path)

    assert (layout.profile, []) == (export.profile, errors)
    assert sorted(key(layout, item) for item in items) == found
    assert sum(item.cents for item in items) == export.totals["open_minor"].sum()
