import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from valence.management import command

pytestmark = pytest.mark.django_db


class Greets(command.Command):
    def add_options(self, parser):
        parser.add_argument("name")

    def act(self, *, options, now):
        if options["name"] == "nobody":
            raise command.WrongUse("There is nobody to greet.")
        if options["name"] == "crash":
            raise ZeroDivisionError("inside")
        return command.Outcome(
            answer={"name": options["name"], "share": float("nan"), "at": now},
            words=f"Hello {options['name']}",
            refused=options["name"] == "stranger",
        )


def run(capfd, *arguments):
    with pytest.raises(SystemExit) as ended:
        Greets(stdout=sys.stdout, stderr=sys.stderr).run_from_argv(["valence", "greet", *arguments])
    out, err = capfd.readouterr()
    return ended.value.code or 0, out, err


@pytest.fixture(autouse=True)
def _keep_connection(monkeypatch):
    monkeypatch.setattr(command.connections, "close_all", lambda: None)


def test_done_is_exit_code_0_and_words_go_to_standard_output(capfd):
    assert run(capfd, "Mary") == (0, "Hello Mary\n", "")


def test_refusals_are_exit_code_1(capfd):
    assert run(capfd, "stranger")[0] == 1


def test_wrong_input_is_exit_code_2_and_says_why_on_standard_error(capfd):
    assert run(capfd, "nobody") == (2, "", "There is nobody to greet.\n")


def test_wrong_arguments_are_exit_code_2(capfd):
    assert run(capfd)[0] == 2
    assert run(capfd, "Mary", "--format", "xml")[0] == 2


def test_an_unexpected_failure_is_exit_code_3_with_a_reference_to_the_trace(capfd):
    code, out, err = run(capfd, "crash")
    path = err.split("are in ")[1].strip()
    assert (code, out) == (3, "")
    assert path.startswith(str(settings.HOME.folder / "logs"))
    assert "ZeroDivisionError" in Path(path).read_text()
    assert "Traceback" not in err


def test_json_is_one_object_and_nothing_else_and_unknown_numbers_are_null(capfd):
    code, out, err = run(capfd, "Mary", "--format", "json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["share"] is None
    assert datetime.fromisoformat(answer["at"]).tzinfo is not None


def test_json_of_a_failure_is_one_object_too(capfd):
    _, out, _ = run(capfd, "nobody", "--format", "json")
    assert json.loads(out)["error"]["exit_code"] == 2


def test_a_call_from_python_raises_instead_of_ending_the_process(capfd):
    with pytest.raises(CommandError, match="nobody to greet"):
        Greets().handle(name="nobody", format="text")


def test_no_progress_bar_is_drawn_where_nobody_watches(capfd):
    with Greets().bar() as report:
        report(command.terms.Progress(done=1, total=2, words="Reading"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "hour"), [("2026-01-31T14:00:00Z", 14), ("2026-01-31T14:00:00", 14), ("2026-01-31T14:00:00+02:00", 12)]
)
def test_a_time_without_an_offset_is_utc(text, hour):
    assert command.time_of(text) == datetime(2026, 1, 31, hour, tzinfo=UTC)


def test_the_first_command_makes_the_home(tmp_path):
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from valence.flows.run import opening\n"
        "print(opening.open_home(home=settings.HOME), opening.open_home(home=settings.HOME))"
    )
    environment = {"VALENCE_HOME": str(tmp_path / "new"), "DJANGO_SETTINGS_MODULE": "valence.settings"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "True False\n"
