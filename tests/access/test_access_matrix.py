"""role × address × method × thing: every cell answers as the table of rules says, and no address is without a rule.

The fast form asks each method of each address once and each thing by GET and POST; the slow one asks everything.
"""

from collections import Counter

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.access.matrix import Caller, Cell, addresses, cells, ruled, wrong
from tests.access.rules import ADMIN, API, FILTERS, NOBODY, OPEN, ROLES, RULES, STEPS
from tests.access.stage import Stage
from tests.record import everything
from tracker.access import GRANTS
from workflows.machines import STEPS as MACHINE_STEPS

# The administration makes forms of columns that Django will read otherwise one day; nothing is written by them.
# Asked once in the ordinary suite: what differs between the databases is in the other tests; the long form asks both.
pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:The default scheme will be changed")]
BESIDE = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")


# The table itself -----------------------------------------------------------------------------------------------------


def test_every_address_is_in_a_rule_and_every_rule_names_an_address() -> None:
    known = addresses()
    without = [address.name for address in known if not ruled(address)]
    named = {id(rule) for address in known for rule in ruled(address)}
    idle = [rule.names for rule in RULES if id(rule) not in named]
    missing = [
        name
        for rule in RULES
        for name in rule.names.split()
        if "*" not in name and name not in {address.name for address in known}
    ]

    assert without == [], "add one line for each to RULES in tests/access/rules.py"
    assert idle == []
    assert missing == []


def test_every_address_is_asked(stage: Stage) -> None:
    asked = {cell.address.route for cell in cells(stage)}

    assert [address.route for address in addresses() if address.route not in asked] == []


def test_every_operation_of_the_description_is_in_the_table_and_the_other_way_round() -> None:
    described = {
        (path, method.upper())
        for path, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "patch", "delete"}
    }
    doors = [address for address in addresses() if any(rule.door == API for rule in ruled(address))]
    methods = Counter(method for _path, method in described)

    reads = [address for address in doors if any(rule.read is not NOBODY for rule in ruled(address))]
    writes = [address for address in doors if any(rule.write is not NOBODY for rule in ruled(address))]
    puts = [address for address in doors if any(rule.put is not NOBODY for rule in ruled(address))]
    both = {"PUT": len(puts), "DELETE": len(puts)}
    assert methods == {"GET": len(reads), "POST": len(writes) + 1, **both}  # and the token, whose door is open


def test_table_names_every_step() -> None:
    assert tuple(STEPS) == MACHINE_STEPS


def test_table_names_every_list_of_the_api() -> None:
    lists = {
        name
        for rule in RULES
        if rule.door == API and rule.read is not NOBODY and rule.kind == ""
        for name in rule.names.split()
    }
    assert set(FILTERS) == lists


# The cells ------------------------------------------------------------------------------------------------------------


def first_of_each(found: list[Cell]) -> list[Cell]:
    """One cell an address: methods that it does not offer do not look at what they are about."""
    return list({cell.address.route + cell.address.name: cell for cell in reversed(found)}.values())


def in_short(role: str, found: list[Cell]) -> list[Cell]:
    """Every address and every thing, but each step on things other than the first only for two steps; the pages of the
    administration one by one only for those who could be thought to have a right there; and what there is not, or is
    another body's, only for those whose answers differ most."""
    everywhere = role in {"secretary", "administrator", "anonymous"}
    everything_asked = everywhere or role in {"outsider", "contributor", "stranger"}
    return [
        cell
        for cell in found
        if (not cell.step or cell.thing == "own" or cell.step in {"assign", "close"})
        and (everything_asked or cell.thing in {"", "own", "restricted"})
        and (
            cell.rule.door != ADMIN or everywhere or cell.address.name in {"admin:index", "admin:tracker_person_change"}
        )
    ]


def methods_of(cell: Cell) -> tuple[str, ...]:
    """What is asked of every cell: reading and writing, and the other ways of writing where there are any."""
    return ("GET", "POST") if cell.rule.put is NOBODY else ("GET", "POST", "PUT", "DELETE")


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_answers_as_the_table_says(stage: Stage, role: str) -> None:
    caller, found = Caller(stage, role), in_short(role, cells(stage))
    before = everything()

    failures = [wrong(caller, cell, method) for cell in found for method in methods_of(cell)]

    assert not any(failures), "\n".join(filter(None, failures))
    assert everything() == before  # what was refused changed nothing; what was let in was taken back


@pytest.mark.parametrize("role", ["anonymous", "secretary"])
def test_every_address_answers_other_methods_as_the_table_says(stage: Stage, role: str) -> None:
    caller, before = Caller(stage, role), everything()
    asked = [cell for cell in first_of_each(in_short(role, cells(stage))) if cell.rule.door != ADMIN]

    failures = [wrong(caller, cell, method) for cell in asked for method in BESIDE]
    failures += [wrong(caller, cell, "POST", HTTP_X_HTTP_METHOD_OVERRIDE="DELETE") for cell in asked]

    assert not any(failures), "\n".join(filter(None, failures))
    assert everything() == before


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_every_method_answers_as_the_table_says_for_every_thing(stage: Stage, role: str) -> None:
    caller, found = Caller(stage, role), cells(stage)
    before = everything()

    failures = [wrong(caller, cell, method) for cell in found for method in ("GET", "POST", *BESIDE)]
    failures += [
        wrong(caller, cell, "POST", HTTP_X_HTTP_METHOD_OVERRIDE=other) for cell in found for other in ("PUT", "DELETE")
    ]

    assert not any(failures), "\n".join(filter(None, failures))
    assert everything() == before


def test_no_write_is_taken_from_another_site(stage: Stage) -> None:
    """A session alone opens nothing to a form of another site: without its token every write is refused."""
    caller = Caller(stage, "secretary", csrf=True)
    offered = [cell for cell in cells(stage) if cell.rule.write is not NOBODY and cell.address.name != "api-token"]
    before = everything()

    taken = {
        cell.url: answer.status_code
        for cell in offered
        if (answer := caller.keep("POST", cell.url)).status_code not in {403, 404}
    }

    assert {url: status for url, status in taken.items() if not url.startswith("/invitation/")} == {}
    assert everything() == before


def test_grants_are_tried_by_the_table() -> None:
    """A step that somebody may take and that nobody can ask for would be tried by nothing."""
    assert set(MACHINE_STEPS) <= set(GRANTS)


def test_an_open_door_is_open_to_all() -> None:
    assert all("anonymous" in rule.read | rule.write for rule in RULES if rule.door == OPEN)
