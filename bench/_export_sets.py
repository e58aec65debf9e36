"""Exports as companies have them: the made-up operator's records written out by six systems, and public data.

Each set has the true mapping beside it, written by hand: their column -> ours, `fact`, `part of X`, `says`, or `""` for
what is only an attribute.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter
from lxml import etree

Row = Mapping[str, str]
KINDS_DE = {
    "contact": "Anruf", "order": "Bestellung", "promise": "Zusage", "renewal": "Vertragsverlängerung",
    "campaign": "Werbung", "message": "Mitteilung", "feedback": "Umfrage", "outage": "Netzausfall",
}  # fmt: skip
DEPARTMENTS_DE = {
    "care": "Kundenservice", "field": "Technischer Außendienst", "billing": "Buchhaltung", "sales": "Vertrieb",
    "store": "Filiale", "network": "Netzbetrieb", "marketing": "Marketing", "digital": "Online",
}  # fmt: skip
CHANNELS_DE = {"phone": "Telefon", "email": "E-Mail", "post": "Brief", "store": "Filiale", "app": "App", "chat": "Chat"}
REASONS_PL = {"fault": "Awaria", "bill": "Faktura", "house_move": "Przeprowadzka", "contract_enquiry": "Rezygnacja"}


@dataclass(frozen=True)
class Set:
    """One export: what it is, how it is written, the true mapping, whether rows name customers, what cannot be."""

    name: str
    words: str
    write: Callable[[Path, Path, Path], Path]
    truth: Mapping[str, str]
    kind: str
    zone: str = "UTC"
    as_of: str = ""
    unseen: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)


def _read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _local(said: str, zone: str, form: str) -> str:
    if not said:
        return ""
    return datetime.fromisoformat(said).astimezone(ZoneInfo(zone)).strftime(form)


def _comma(said: str) -> str:
    if not said:
        return ""
    whole, _, part = f"{float(said):,.2f}".partition(".")
    return f"{whole.replace(',', '.')},{part}"


def _is_polish(row: Row) -> bool:
    return row["kind"] == "contact" and row["channel"] == "phone" and int(row["customer_id"][2:]) % 3 == 0


def german_crm(sim: Path, data: Path, out: Path) -> Path:
    """cp1252, semicolons, three lines above the header, a total below, quotes, decimal commas."""
    rows = [one for one in _read(sim, "interactions") if one["kind"] in KINDS_DE and not _is_polish(one)]
    lines = [["Kundenverwaltung Süd: Vorgänge"], ["Zeitraum:", "alle"], []]
    lines += [[
        "Vorgangs-Nr.", "Kd-Nr.", "Eröffnet am", "Vorgangsart", "Anliegen", "Zuständige Abteilung", "Eingangskanal",
        "Wartezeit (Min.)", "Weiterleitungen", "Rückruf zugesagt bis", "Ergebnis", "Folge von Vorgang", "Mitarbeiter",
        "Bewertung (NPS)", "Bemerkung",
    ]]  # fmt: skip
    results = {"resolved": "gelöst", "unresolved": "nicht gelöst"}
    for one in rows:
        facts = one["facts"].split("|")
        score = one["score"] if one["scale"] == "nps" else ""
        lines.append([
            one["interaction_id"], one["customer_id"], _local(one["occurred_at"], "Europe/Berlin", "%d.%m.%Y %H:%M:%S"),
            KINDS_DE[one["kind"]], one["reason"].replace("_", " "), DEPARTMENTS_DE.get(one["department"], ""),
            CHANNELS_DE.get(one["channel"], one["channel"]), _comma(one["wait_minutes"]), one["transfers"],
            _local(one["promised_at"], "Europe/Berlin", "%d.%m.%Y %H:%M"),
            next((results[fact] for fact in facts if fact in results), "k.A."), one["caused_by"], one["agent_id"],
            score, one["text"].replace("'", "’"),
        ])  # fmt: skip
    lines.append(["Summe", str(len(rows))])
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    path = out / "vorgaenge_2025-12.csv"
    path.write_bytes(text.getvalue().encode("cp1252", "replace"))
    return path


def french_bills(sim: Path, data: Path, out: Path) -> Path:
    """A workbook: a sheet a quarter with the same columns, a title above the header, a total below, dates as dates."""
    rows = [one for one in _read(sim, "interactions") if one["kind"] == "bill"]
    path = out / "facturation.xlsx"
    header = ["N° facture", "N° client", "Date d'émission", "Montant TTC", "Montant annoncé", "Litige", "Commentaire"]
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        book.add_worksheet("Lisez-moi").write(0, 0, "Export du service facturation")
        for quarter in sorted({_quarter(one["occurred_at"]) for one in rows}):
            sheet = book.add_worksheet(quarter)
            own = [one for one in rows if _quarter(one["occurred_at"]) == quarter]
            sheet.write(0, 0, f"Factures {quarter}")
            sheet.write_row(2, 0, header)
            for place, one in enumerate(own, start=3):
                at = (
                    datetime.fromisoformat(one["occurred_at"]).astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)
                )
                sheet.write_string(place, 0, one["interaction_id"])
                sheet.write_string(place, 1, one["customer_id"])
                sheet.write_datetime(place, 2, at.replace(microsecond=0))
                sheet.write_number(place, 3, float(one["amount"] or 0))
                if one["expected_amount"]:
                    sheet.write_number(place, 4, float(one["expected_amount"]))
                sheet.write_string(place, 5, "oui" if "fee_not_mentioned" in one["facts"] else "non")
                sheet.write_string(place, 6, one["text"])
            sheet.write_row(len(own) + 3, 0, ["Total", "", "", sum(float(one["amount"] or 0) for one in own)])
    return path


def _quarter(said: str) -> str:
    at = datetime.fromisoformat(said)
    return f"T{(at.month + 2) // 3} {at.year}"


def polish_calls(sim: Path, data: Path, out: Path) -> Path:
    """UTF-16 with tabs, day and hour in two columns, seconds, mm:ss, yes and no, no ids."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t")
    writer.writerow([
        "Numer klienta", "Data połączenia", "Godzina", "Temat rozmowy", "Dział", "Czas oczekiwania (s)", "Czas rozmowy",
        "Konsultant", "Rozwiązano", "Ponowne", "Uwagi",
    ])  # fmt: skip
    for one in filter(_is_polish, _read(sim, "interactions")):
        facts = one["facts"].split("|")
        minutes = float(one["duration_minutes"] or 0)
        writer.writerow([
            one["customer_id"], _local(one["occurred_at"], "Europe/Warsaw", "%d.%m.%Y"),
            _local(one["occurred_at"], "Europe/Warsaw", "%H:%M:%S"), REASONS_PL.get(one["reason"], one["reason"]),
            "Obsługa klienta", round(float(one["wait_minutes"] or 0) * 60),
            f"{int(minutes):02d}:{round(minutes % 1 * 59):02d}",
            one["agent_id"], *("tak" if fact in facts else "nie" for fact in ("resolved", "repeat")), one["text"],
        ])  # fmt: skip
    path = out / "polaczenia.txt"
    path.write_text(text.getvalue(), encoding="utf-16")
    return path


def us_visits(sim: Path, data: Path, out: Path) -> Path:
    """A zip file with a note beside the table: bars, AM and PM, month first, latin-1, facts as Y and N."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="|", lineterminator="\r\n")
    writer.writerow([
        "Work Order #", "Cust Acct No", "Job Type", "Arrived At", "Appt Window End", "On Time", "No Show", "Not Fixed",
        "Left Mess", "Tech ID", "Crew", "Orig Ticket", "Customer Remarks",
    ])  # fmt: skip
    for one in _read(sim, "interactions"):
        if one["kind"] == "visit":
            facts = one["facts"].split("|")
            writer.writerow([
                one["interaction_id"], one["customer_id"], one["reason"] or "other",
                _local(one["occurred_at"], "America/Chicago", "%m/%d/%Y %I:%M:%S %p"),
                _local(one["promised_at"], "America/Chicago", "%m/%d/%Y %I:%M %p"),
                *("Y" if fact in facts else "N" for fact in ("on_time", "no_show", "not_fixed", "left_mess")),
                one["agent_id"], one["team_id"], one["caused_by"], one["text"],
            ])  # fmt: skip
    path = out / "field_service_export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", "Work orders, one a line. Questions: field operations.")
        packed.writestr("wo_20251231.txt", text.getvalue().encode("latin-1", "replace"))
    return path


def spanish_contracts(sim: Path, data: Path, out: Path) -> Path:
    """latin-1, semicolons, decimal commas, first and last name apart, a day that is never, states in words."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow([
        "Nº de cliente", "Nombre", "Apellidos", "Correo electrónico", "Teléfono", "Provincia", "Tarifa",
        "Cuota mensual", "Fecha de alta", "Fecha de baja", "Motivo de baja", "Tipo de baja", "Operador anterior",
        "Segmento",
    ])  # fmt: skip
    kinds = {"voluntary": "Baja", "involuntary": "Impago"}
    for one in _read(sim, "customers"):
        first, _, last = one["name"].partition(" ")
        writer.writerow([
            one["customer_id"], first, last, one["email"], one["phone"], one["region"], one["plan"],
            f"{_comma(one['monthly_value'])} €", _local(one["joined_at"], "Europe/Madrid", "%d/%m/%Y"),
            _local(one["left_at"], "Europe/Madrid", "%d/%m/%Y") or "31/12/9999", one["left_reason"],
            kinds.get(one["left_kind"], ""), one["switched_from"], one["segment"],
        ])  # fmt: skip
    path = out / "clientes.csv"
    path.write_bytes(text.getvalue().encode("cp1252", "replace"))
    return path


def _unpacked(data: Path, name: str) -> str:
    return gzip.decompress((data / name).read_bytes()).decode("utf-8-sig", "replace")


def telco(sim: Path, data: Path, out: Path) -> Path:
    """As it comes, packed with gzip."""
    path = out / "telco_extended.csv.gz"
    path.write_bytes((data / "churn_ibm_telco/telco_extended_joined.csv.gz").read_bytes())
    return path


def comcast(sim: Path, data: Path, out: Path) -> Path:
    """As it comes, packed with gzip."""
    path = out / "comcast_complaints.csv.gz"
    path.write_bytes((data / "complaints_comcast/comcast_complaints.csv.gz").read_bytes())
    return path


def orders(sim: Path, data: Path, out: Path) -> Path:
    """The orders of a shop as a marketplace writes them: epoch milliseconds, decimal commas, an extra delimiter."""
    lines = ["order_id;customer_unique_id;order_purchase_timestamp;order_status;payment_value;order_items_qty;"]
    for number, line in enumerate(_unpacked(data, "clv_cdnow/CDNOW_sample.txt.gz").splitlines(), start=1):
        parts = line.split()
        if len(parts) == 5:
            who, day, pieces, paid = parts[1], parts[2], parts[3], parts[4]
        else:
            who, day, pieces, paid = parts[0], parts[1], parts[2], parts[3]
        at = datetime.strptime(f"{day} 12", "%Y%m%d %H").replace(tzinfo=UTC)
        lines.append(f"o{number};c{who};{int(at.timestamp() * 1000)};delivered;{paid.replace('.', ',')};{pieces};")
    path = out / "orders.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def _log(data: Path, name: str) -> Sequence[tuple[str, dict[str, str]]]:
    root = etree.fromstring(gzip.decompress((data / name).read_bytes()), etree.XMLParser(huge_tree=True))
    found: list[tuple[str, dict[str, str]]] = []
    for trace in root.iterfind("{*}trace"):
        own = {child.get("key"): child.get("value") for child in trace if child.get("value")}
        events = trace.iterfind("{*}event")
        found += [(own["concept:name"], {child.get("key"): child.get("value") for child in event}) for event in events]
    return found


def incidents(sim: Path, data: Path, out: Path) -> Path:
    """The log of a car maker's incidents as its table: semicolons, offsets without a colon."""
    header = [
        "SR Number", "Change Date+Time", "Status", "Sub Status", "Involved Org line 3", "Involved ST",
        "SR Latest Impact", "Product", "Country", "Owner Country", "Owner First Name",
    ]  # fmt: skip
    keys = [
        "concept:name", "lifecycle:transition", "org:role", "org:group", "impact", "product", "organization country",
        "resource country", "org:resource",
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    for case, event in _log(data, "journey_bpic2013/bpic2013_incidents.xes.gz"):
        at = datetime.fromisoformat(event["time:timestamp"]).strftime("%Y-%m-%dT%H:%M:%S%z")
        writer.writerow([case, at, *(event.get(key) or "" for key in keys)])
    path = out / "VINST cases incidents.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def help_desk(sim: Path, data: Path, out: Path) -> Path:
    """A workbook with the requests of a help desk, one row an activity, times as text."""
    path = out / "helpdesk.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Activities")
        sheet.write_row(
            0, 0, ["Case ID", "Activity", "Resource", "Complete Timestamp", "Product", "Customer", "Workgroup"]
        )
        for place, (case, event) in enumerate(_log(data, "journey_helpdesk/helpdesk.xes.gz"), start=1):
            at = datetime.fromisoformat(event["time:timestamp"]).strftime("%Y/%m/%d %H:%M:%S.000")
            keys = ("concept:name", "org:resource")
            rest = [event.get(key) or event.get(key.lower()) or "" for key in ("product", "customer", "workgroup")]
            sheet.write_row(place, 0, [case, *(event.get(key) or "" for key in keys), at, *rest])
    return path


def call_volumes(sim: Path, data: Path, out: Path) -> Path:
    """As it comes, packed with gzip: counts of calls, which name no customer."""
    path = out / "calls.csv.gz"
    path.write_bytes((data / "calls_volume/fpp3_bank_calls_5min.csv.gz").read_bytes())
    return path


_SERVICES = (
    "Satisfaction Score", "Churn Value", "Churn Score", "CLTV", "Churn Category", "Referred a Friend",
    "Number of Referrals", "Phone Service", "Avg Monthly Long Distance Charges", "Multiple Lines", "Internet Service",
    "Avg Monthly GB Download", "Online Security", "Online Backup", "Device Protection Plan", "Premium Tech Support",
    "Streaming TV", "Streaming Movies", "Streaming Music", "Unlimited Data", "Paperless Billing", "Payment Method",
    "Total Charges", "Total Refunds", "Total Extra Data Charges", "Total Long Distance Charges", "Total Revenue",
    "Gender", "Age", "Under 30", "Senior Citizen", "Married", "Dependents", "Number of Dependents", "Country",
    "Lat Long", "Latitude", "Longitude", "Population",
)  # fmt: skip
SETS = (
    Set("german_crm", "CRM, German: cp1252, `;`, title above, total below", german_crm, {
        "Vorgangs-Nr.": "interaction_id", "Kd-Nr.": "customer_id", "Eröffnet am": "occurred_at", "Vorgangsart": "kind",
        "Anliegen": "reason", "Zuständige Abteilung": "department", "Eingangskanal": "channel",
        "Wartezeit (Min.)": "wait_minutes", "Weiterleitungen": "transfers", "Rückruf zugesagt bis": "promised_at",
        "Ergebnis": "says", "Folge von Vorgang": "caused_by", "Mitarbeiter": "agent_id", "Bewertung (NPS)": "score",
        "Bemerkung": "text",
    }, "interactions", "Europe/Berlin"),
    Set("french_bills", "billing, French: workbook, a sheet a quarter, dates as dates", french_bills, {
        "N° facture": "interaction_id", "N° client": "customer_id", "Date d'émission": "occurred_at",
        "Montant TTC": "amount", "Montant annoncé": "expected_amount", "Litige": "", "Commentaire": "text",
    }, "interactions", "Europe/Paris"),
    Set("polish_calls", "call centre, Polish: UTF-16, tabs, day and hour apart, no ids", polish_calls, {
        "Numer klienta": "customer_id", "Data połączenia": "part of occurred_at", "Godzina": "part of occurred_at",
        "Temat rozmowy": "reason", "Dział": "department", "Czas oczekiwania (s)": "wait_minutes",
        "Czas rozmowy": "duration_minutes", "Konsultant": "agent_id", "Rozwiązano": "fact", "Ponowne": "fact",
        "Uwagi": "text",
    }, "interactions", "Europe/Warsaw"),
    Set("us_visits", "field service, US: zip, bars, AM/PM, Y and N", us_visits, {
        "Work Order #": "interaction_id", "Cust Acct No": "customer_id", "Job Type": "kind|reason|touchpoint",
        "Arrived At": "occurred_at", "Appt Window End": "promised_at", "On Time": "fact", "No Show": "fact",
        "Not Fixed": "fact", "Left Mess": "fact", "Tech ID": "agent_id", "Crew": "team_id", "Orig Ticket": "caused_by",
        "Customer Remarks": "text",
    }, "interactions", "America/Chicago", unseen=True),
    Set("spanish_contracts", "contracts, Spanish: latin-1, names apart, 31/12/9999", spanish_contracts, {
        "Nº de cliente": "customer_id", "Nombre": "part of name", "Apellidos": "part of name",
        "Correo electrónico": "email", "Teléfono": "phone", "Provincia": "region", "Tarifa": "plan",
        "Cuota mensual": "monthly_value", "Fecha de alta": "joined_at", "Fecha de baja": "left_at",
        "Motivo de baja": "left_reason", "Tipo de baja": "left_kind|says", "Operador anterior": "switched_from",
        "Segmento": "segment",
    }, "customers", "Europe/Madrid", unseen=True),
    Set("telco", "IBM telco extended: gzip, months of tenure, who left but not when", telco, {
        "Customer ID": "customer_id", "Customer Status": "says|", "Churn Label": "says|", "Churn Reason": "left_reason",
        "Tenure in Months": "joined_at", "Offer": "|plan", "Internet Type": "|plan", "Contract": "plan|",
        "Monthly Charge": "monthly_value", "State": "region", "City": "location_id|", "Zip Code": "location_id|",
        **dict.fromkeys(_SERVICES, ""), "Churn Value": "says|",
    }, "customers", as_of="2019-09-30"),
    Set("comcast", "Comcast complaints: gzip, no customers", comcast, {
        "Ticket #": "interaction_id", "Customer Complaint": "text|reason", "Date": "part of occurred_at",
        "Date_month_year": "|part of occurred_at", "Time": "part of occurred_at", "Received Via": "channel",
        "City": "location_id|", "State": "|location_id", "Zip code": "|location_id", "Status": "|says",
    }, "interactions", "America/New_York"),
    Set("orders", "orders of a shop: BOM, epoch milliseconds, decimal commas, a `;` too many", orders, {
        "order_id": "interaction_id", "customer_unique_id": "customer_id", "order_purchase_timestamp": "occurred_at",
        "order_status": "", "payment_value": "amount", "order_items_qty": "",
    }, "interactions"),
    Set("incidents", "BPIC 2013 as a table: one row a change of state", incidents, {
        "SR Number": "customer_id", "Change Date+Time": "occurred_at", "Status": "kind", "Sub Status": "touchpoint|",
        "Involved Org line 3": "department", "Involved ST": "team_id|department", "SR Latest Impact": "", "Product": "",
        "Country": "|location_id", "Owner Country": "|location_id", "Owner First Name": "agent_id",
    }, "interactions", "Europe/Stockholm"),
    Set("help_desk", "help desk: workbook, times as text", help_desk, {
        "Case ID": "|caused_by", "Activity": "kind|touchpoint", "Resource": "agent_id",
        "Complete Timestamp": "occurred_at", "Product": "", "Customer": "customer_id",
        "Workgroup": "department|team_id",
    }, "interactions", unseen=True),
    Set("call_volumes", "call volumes: counts, no customers", call_volumes, {
        "DateTime": "occurred_at|", "Calls": "",
    }, "interactions"),
)  # fmt: skip
