"""`python -m benchmarks.lists [occurrences]`: what each list page costs in a body with so many turns (100,000 unless said
otherwise), as `benchmarks.bench` prints it: one JSON object a line, on SQLite and on PostgreSQL, beside a floor of one
GROUP BY over the same table in the same server process. `cpu` is the processor time of a request in milliseconds, of web
process and database together: what it would take with the machine to itself."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.bench import ROOT, Program, environment_of, figure, main, median, say, serving
from benchmarks.processor import families, of_each

COUNT = int(sys.argv[1]) if sys.argv[1:] else 100_000
READINGS = 3
PAGES: dict[str, tuple[str, str]] = {
    "tasks_chair": ("chair", "/tasks/"),
    "tasks_member": ("member", "/tasks/"),
    "tasks_secretary": ("secretary", "/tasks/"),
    "tasks_group_chair": ("chair", "/tasks/?group=late"),
    "board": ("chair", "/board/"),
    "board_secretary": ("secretary", "/board/"),
    "board_late": ("chair", "/board/?only=late"),
    "occurrences": ("secretary", "/occurrences/"),
    "occurrences_past_due": ("secretary", "/occurrences/?body=crowd&past_due=1"),
    "occurrences_page_500": ("secretary", "/occurrences/?page=500"),
    "council": ("secretary", "/council/crowd/c2018/"),
    "council_all": ("secretary", "/council/crowd/"),
    "history": ("secretary", "/history/"),
    "history_page_500": ("secretary", "/history/?page=500"),
    "history_of_a_verb": ("secretary", "/history/?verb=occurrence.closed"),
    "resolutions": ("secretary", "/resolutions/"),
    "occurrences_by_item": ("secretary", "/occurrences/?body=crowd&by=item"),
    "agenda": ("secretary", "/calendar/agenda/"),
    "agenda_page_500": ("secretary", "/calendar/agenda/?since=1994-01-01&page=500"),
    "agenda_unassigned": ("secretary", "/calendar/agenda/?mark=unassigned"),
    "year": ("secretary", "/calendar/year/2018/"),
    "calendar": ("secretary", "/calendar/"),
    "calendar_all_years": ("secretary", "/calendar/?year=all"),
    "search_of_many": ("secretary", "/search/?q=report"),
    "search_of_one": ("secretary", "/search/?q=matter+3999"),
    "search_of_none": ("secretary", "/search/?q=nothinglikeit"),
    "decisions": ("secretary", "/decisions/"),
    "register": ("secretary", "/public/"),
}
PROGRAMS: dict[str, str] = {
    "api_occurrences": "/api/v1/occurrences/",
    "api_events": "/api/v1/events/",
    "api_obligations": "/api/v1/obligations/",
    "api_paragraphs": "/api/v1/paragraphs/",
    "api_overview": "/api/v1/overview/?body=crowd",
}


# Done and undone again: the preview costs what the act does, and can be asked again.
CITED = {"document": "C17/99", "paragraph": "1", "outcome": "noted", "decided_on": "2017-05-18", "preview": True}


def measure(name: str, url: str, folder: Path) -> None:
    """Every page of one database, printed as they come."""
    environment = environment_of(url, folder)
    say(f"{name}: making {COUNT} occurrences …")
    filled = subprocess.run(
        [sys.executable, "-m", "benchmarks.data", str(COUNT)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(filled.stdout)
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    with serving(environment) as port:
        program = Program(port)
        family = families(url if url.startswith("postgres") else None)
        requests: dict[str, Callable[[], float]] = {
            page: partial(program.send, "GET", address, cookie=f"session={told['cookies'][who]}")
            for page, (who, address) in PAGES.items()
        }
        requests |= {
            page: partial(program.send, "GET", address, token=told["token"]) for page, address in PROGRAMS.items()
        }
        batch = {**CITED, "session": told["session"], "occurrences": [{"reference": one} for one in told["waiting"]]}
        requests["decide_100"] = partial(program.send, "POST", "/api/v1/decisions/", batch, told["token"])
        bare = partial(program.send, "GET", f"/floor/overview/?body={told['pk']}")
        for page, request in requests.items():
            floor, value = median(bare, READINGS), median(request, READINGS)  # side by side: others use the machine too
            found = figure(f"{page}_{COUNT}_{name}", value, "ms", floor)
            print(json.dumps(found | {"cpu": round(of_each(request, READINGS, family))}), flush=True)


if __name__ == "__main__":
    try:
        main(measure)
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{' '.join(map(str, failed.cmd))}\n{failed.stderr}")
    except KeyboardInterrupt:
        sys.exit(130)
