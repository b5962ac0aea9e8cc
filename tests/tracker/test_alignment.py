"""Items of one wording beside those of the next: a table of cases, and what holds for all."""

import time
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.alignment import LIKE, Item, align, kind_of, likeness
from tracker.alignment import _assigned as assigned
from tracker.differences import words

MAINTAIN = "to maintain the Group, with the following terms of reference:"
REPORT = "to report to the Council annually on the activities of the Group;"
PEOPLE = "to facilitate the contribution of all relevant stakeholders in the work of the Group;"
YOUTH = "to encourage the Group to conduct online consultations for youth prior to its meetings;"
PAPERS = "to make output documents publicly accessible without password protection;"
BOTH = (
    "to publish guidelines for parents and guardians in all official languages, and to convene regional workshops with "
    "national regulators and schools;"
)
GUIDES = "to publish guidelines for parents and guardians in all official languages;"
SHOPS = "to convene regional workshops with national regulators and schools;"
NEW = "to establish a voluntary fund for training of teachers;"

CASES = {
    "nothing changed": ([("1", MAINTAIN), ("2", REPORT)], [("1", MAINTAIN), ("2", REPORT)], {"kept 1>1", "kept 2>2"}),
    "renumbered only": ([("1", MAINTAIN), ("2", REPORT)], [("1", MAINTAIN), ("3", REPORT)], {"kept 1>1", "renumbered 2>3"}),
    "reworded only": (
        [("1", MAINTAIN), ("2", REPORT)],
        [("1", MAINTAIN), ("2", REPORT.replace("annually", "every two years"))],
        {"kept 1>1", "reworded 2>2"},
    ),
    "both": ([("2", REPORT)], [("4", REPORT.replace("annually", "every two years"))], {"reworded 2>4"}),
    "split in two": ([("1", BOTH)], [("1", GUIDES), ("2", SHOPS)], {"split 1>1,2"}),
    "two merged": ([("1", GUIDES), ("2", SHOPS)], [("1", BOTH)], {"merged 1,2>1"}),
    "dropped": ([("1", MAINTAIN), ("2", PAPERS)], [("1", MAINTAIN)], {"kept 1>1", "dropped 2>"}),
    "new": ([("1", MAINTAIN)], [("1", MAINTAIN), ("2", NEW)], {"kept 1>1", "new >2"}),
    "swapped": ([("1", PEOPLE), ("2", YOUTH)], [("1", YOUTH), ("2", PEOPLE)], {"renumbered 1>2", "renumbered 2>1"}),
    "sub-items hung elsewhere": (
        [("1", MAINTAIN), ("1.1", REPORT), ("2", PEOPLE)],
        [("1", MAINTAIN), ("2", PEOPLE), ("2.1", REPORT)],
        {"kept 1>1", "renumbered 1.1>2.1", "kept 2>2"},
    ),
    "the same words twice": (
        [("1", REPORT), ("2", REPORT)],
        [("2", REPORT), ("3", REPORT)],
        {"kept 2>2", "renumbered 1>3"},
    ),
    "lines broken otherwise and another stop": ([("1", REPORT)], [("1", REPORT[:-1].replace(" on", "\non") + ".")], {"kept 1>1"}),
    "all kinds at once": (
        [("1", MAINTAIN), ("2", REPORT), ("3", PAPERS), ("4", BOTH), ("5", PEOPLE)],
        [("1", MAINTAIN), ("2", PEOPLE), ("3", REPORT.replace("annually", "every year")), ("4", GUIDES), ("5", SHOPS), ("6", NEW)],
        {"kept 1>1", "renumbered 5>2", "reworded 2>3", "split 4>4,5", "new >6", "dropped 3>"},
    ),
    "nothing before": ([], [("1", MAINTAIN)], {"new >1"}),
    "nothing after": ([("1", MAINTAIN)], [], {"dropped 1>"}),
    "without words": ([("1", "")], [("1", "")], {"kept 1>1"}),
    "in Chinese": ([("1", "每年向理事会报告工作组的活动")], [("2", "每两年向理事会报告工作组的活动")], {"reworded 1>2"}),
    "in Arabic": (
        [("1", "تقديم تقرير سنوي إلى المجلس عن أنشطة الفريق")],
        [("1", "تقديم تقرير إلى المجلس عن أنشطة الفريق")],
        {"reworded 1>1"},
    ),
}  # fmt: skip


def items(pairs):
    return [Item(path, text) for path, text in pairs]


@pytest.mark.parametrize("case", CASES)
def test_items_are_aligned_as_the_table_says(case):
    old, new, wanted = CASES[case]

    found = align(items(old), items(new))

    said = {
        f"{one.kind} {','.join(old[n][0] for n in one.old)}>{','.join(new[n][0] for n in one.new)}" for one in found
    }
    assert said == wanted


TEXTS = st.lists(
    st.tuples(
        st.sampled_from(["1", "1.1", "2", "2(a)", "3", "4", "5", "6"]),
        st.lists(st.sampled_from("report group council annually youth work publish make the of to".split()), max_size=9).map(" ".join),
    ),
    max_size=8,
)  # fmt: skip


@given(TEXTS, TEXTS)
def test_every_item_of_both_is_in_exactly_one_pair(old, new):
    found = align(items(old), items(new))

    assert sorted(n for one in found for n in one.old) == list(range(len(old)))
    assert sorted(n for one in found for n in one.new) == list(range(len(new)))
    for one in found:
        sides = (len(one.old), len(one.new))
        assert {
            "split": sides[0] == 1 and sides[1] > 1,
            "merged": sides[0] > 1 and sides[1] == 1,
            "new": sides == (0, 1),
            "dropped": sides == (1, 0),
        }.get(one.kind, sides == (1, 1))


@given(TEXTS)
def test_the_same_text_is_kept_whole(text):
    paths = [(f"{n}", words) for n, (_path, words) in enumerate(text)]

    assert {one.kind for one in align(items(paths), items(paths))} <= {"kept"}


@given(TEXTS, TEXTS)
def test_the_same_wordings_give_the_same_pairs(old, new):
    assert align(items(old), items(new)) == align(items(old), items(new))


@given(st.dictionaries(st.integers(0, 3), st.dictionaries(st.integers(0, 3), st.integers(1, 9)), max_size=4))
def test_the_sum_of_gains_is_the_greatest(gains):
    edges = {o: sorted(several.items()) for o, several in gains.items()}

    found = assigned(edges)

    def gained(pairs):
        return sum(gains[o].get(n, 0) for o, n in pairs)

    olds = list(gains)
    assert len(set(found.values())) == len(found)
    assert gained(found.items()) == max(
        gained(zip(olds, order, strict=False)) for order in permutations(range(8), len(olds))
    )


def test_five_hundred_reworded_items_are_aligned_in_seconds():
    random = Random(7)
    stock = [f"word{n}" for n in range(300)] + ["the", "council", "report", "group"] * 40
    old = [Item(str(n), " ".join(random.choices(stock, k=30))) for n in range(500)]
    new = [Item(str(n), f"{one.text} {random.choice(stock)} changed") for n, one in enumerate(old, 1)]
    random.shuffle(new)

    begun = time.monotonic()
    found = align(old, new)

    assert time.monotonic() - begun < 20
    assert sum(one.kind == "reworded" for one in found) >= 495


def test_likeness_and_kind_of_two_wordings():
    assert likeness(REPORT, REPORT) == 1000
    assert likeness(REPORT, NEW) < LIKE < likeness(REPORT, REPORT.replace("annually", "every year"))
    assert kind_of(Item("1", REPORT), Item("2", PAPERS)) == "reworded"


@given(st.text(alphabet="ab ,.\n"), st.text(alphabet="ab ,.\n"))
def test_pieces_give_both_wordings_back(old, new):
    pieces = words(old, new)

    assert "".join(one.text for one in pieces if one.kind != "removed").split() == new.split()
    assert "".join(one.text for one in pieces if one.kind != "added").split() == old.split()
