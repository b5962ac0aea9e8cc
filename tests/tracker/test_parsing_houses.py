"""Structure in the layouts of further houses: headings, running numbers, articles, dashes, footnotes. Texts of our own."""

from __future__ import annotations

import pytest

from tracker.parsing import parse

INTERNATIONAL_MARITIME = """RESOLUTION A.1078(28)
(Adopted on 4 December 2013)

IMPORTANT AND RELATED THINGS

THE ASSEMBLY,

RECALLING Article 15(j) of the Convention on the Organization,

HAVING CONSIDERED the recommendations made by the Committee at its ninety-second session,

1 ADOPTS the revised guidelines set out in the annex to the present resolution;

2 INVITES Governments to take the guidelines into account;

3 REQUESTS the Committee to keep these guidelines under review and to amend them as necessary;

4 REVOKES resolution A.849(20).

ANNEX

GUIDELINES

1 Introduction

2 Scope
"""

EUROPEAN_PARLIAMENT = """European Parliament resolution of 5 May 2021 on bees (2020/2222(INI))

The European Parliament,

–  having regard to Article 5 of the Treaty,

–  having regard to the report of the Committee on Bees (A9-0001/2021),

A.  whereas bees are few;

B.  whereas 1. of the plan was dropped;

Introduction

1.  Calls on the Commission to count the bees by 31 December 2022;

2.  Stresses that the Member States should act;

Next steps

3.  Urges the Member States to:

(a)  plant flowers;

(b)  stop pesticides;

4.  Instructs its President to forward this resolution to the Council and the Commission.
"""

AMERICAN_STATES = """AG/RES. 2500 (XXXIX-O/09)

BEES IN THE HEMISPHERE

THE GENERAL ASSEMBLY,

HAVING SEEN the Annual Report of the Permanent Council;

CONSIDERING that bees are important,

RESOLVES:

1. To request the Permanent Council to continue its work on bees.

2. To instruct the General Secretariat to report to the General Assembly at its fortieth regular session.

3. To thank the bees.
"""

SENATE = """RESOLUTION

Honoring bees.

Whereas bees pollinate plants;

Whereas honey is sweet; and

Whereas the bee is small: Now, therefore, be it

Resolved, That the Senate—

(1) commends the bees;

(2) recognizes the keepers; and

(3) respectfully requests that the Secretary of the Senate transmit an enrolled copy of this resolution to the keepers.
"""

COUNCIL_OF_EUROPE = """Resolution CM/Res(2010)5 on bees
(Adopted by the Committee of Ministers on 10 March 2010)

The Committee of Ministers, under the terms of Article 15.b of the Statute of the Council of Europe,

Considering that the aim is unity;

Recalling the Convention (ETS No. 5),

Recommends that member states:

1. examine existing measures;

2. ensure that bees are kept;

3. report to the Committee every five years.
"""

CLIMATE = """Decision 3/CP.30

Bees and climate

The Conference of the Parties,

Recalling decisions 1/CP.16, 2/CP.17 and 4/CP.19,

Also recalling Article 2, paragraph 1(a), of the Convention,

I. Governance

1. Decides to establish a bee forum;

2. Requests the secretariat to organize a workshop in conjunction with the sixty-second session
of the Subsidiary Body (June 2025);

II. Finance

3. Invites Parties to submit views via the portal1 by 31 March 2025;

4. Takes note of the estimated budgetary implications;

5. Requests that the actions of the secretariat be undertaken subject to the
availability of financial resources.

1 https://example.org/portal
"""

WETLANDS = """Resolution XII.2

Bees of wetlands

1. RECALLING Resolution X.1 on bees;

2. AWARE that bees drink water; and

3. NOTING the report;

THE CONFERENCE OF THE CONTRACTING PARTIES

4. ADOPTS the plan annexed to this Resolution;

5. URGES Contracting Parties to keep bees; and

6. INSTRUCTS the Secretariat to report at the 13th meeting of the Conference of the Contracting Parties.
"""

PLENIPOTENTIARY = """RESOLUTION 200 (REV. DUBAI, 2018)

Connect 2030 Agenda for bees

The Plenipotentiary Conference of the International Telecommunication Union (Dubai, 2018),

recalling

a)	Resolution 71 (Rev. Dubai, 2018) of this conference;

b)	Resolution 1 of WTDC,

considering

1	the role of ITU;

2	that bees matter,

taking into account

the challenges posed,

resolves

1	to reaffirm a shared global vision;

2	to call upon Member States, Sector Members and Associates:

	i)	to participate actively;

	ii)	to promote bees,

resolves to instruct the Council

to review progress annually,

instructs the Secretary-General

1	to monitor progress;

2	to submit a report each year to the Council until the next plenipotentiary conference;

instructs the Directors of the three Bureaux

to report on progress to the sector advisory groups at their annual meetings,

invites the Council

1	to consider the reports;

2	to take appropriate measures,

urges Member States

to participate actively in the implementation of this resolution.
"""

EUROPEAN_UNION = """COUNCIL DECISION 2011/1/EU

of 5 May 2011

on bees

THE COUNCIL OF THE EUROPEAN UNION,

Having regard to the Treaty on the Functioning of the European Union, and in particular Article 1 thereof,

Having regard to the proposal from the European Commission,

Whereas:

(1) Bees are few.

(2) Honey is sweet.

HAS ADOPTED THIS DECISION:

Article 1

The Member States shall keep bees.

Article 2

1. The Commission shall report to the Council by 31 December 2012.

2. The report shall be published.

Article 3

This Decision shall enter into force on the day of its adoption.

Done at Brussels, 5 May 2011.

For the Council
The President
"""

AFRICAN_UNION = """DECISION ON BEES
Doc. Assembly/AU/5(XX)

The Assembly,

1.	TAKES NOTE of the Report of the Commission on bees;
2.	ENDORSES the recommendations contained therein;
3.	REQUESTS the Commission to:
i)	convene a meeting before the end of 2013;
ii)	report to the next Ordinary Session of the Assembly in January 2014.
4.	CALLS UPON all Member States to pay.
"""

WITHOUT_BLANK_LINES = """RESOLUTION 5 (C20)
Bees
The Council,
considering
a) that bees are busy;
b) that honey is sweet,
noting
the report in Document
C20/5,
resolves
1 to keep bees, in line with resolves
2 of Resolution 4 and as decided in
2019;
2 to continue counting,
instructs the Secretary-General
1 to report to the next session of the Council;
2 to publish the report.
"""

TAIL_AND_FOOTNOTES = """The General Assembly,

Recalling its resolution 1/1,

1. Welcomes the report;1

2. Decides that the conference shall be held:

(a) In Geneva:

(i) From 1 to 5 May 2050;

(ii) From 8 to 9 May 2050;

(b) In Nairobi;

and requests the Secretary-General to make the arrangements;

3. Requests the Secretary-General to submit a report to it at its eighty-first session and biennially thereafter.

_______________
1 A/50/1.
2 See resolution 70/1.
"""


@pytest.mark.parametrize(
    ("text", "paths", "preambular", "enacting"),
    [
        pytest.param(INTERNATIONAL_MARITIME, "1 2 3 4", 2, "THE ASSEMBLY", id="international-maritime"),
        pytest.param(EUROPEAN_PARLIAMENT, "1 2 3 3(a) 3(b) 4", 4, "The European Parliament", id="european-parliament"),
        pytest.param(AMERICAN_STATES, "1 2 3", 2, "THE GENERAL ASSEMBLY", id="american-states"),
        pytest.param(SENATE, "(1) (2) (3)", 3, "", id="senate"),
        pytest.param(
            COUNCIL_OF_EUROPE,
            "1 2 3",
            2,
            "The Committee of Ministers, under the terms of Article 15.b of the Statute of the Council of Europe",
            id="council-of-europe",
        ),
        pytest.param(CLIMATE, "1 2 3 4 5", 2, "The Conference of the Parties", id="climate"),
        pytest.param(WETLANDS, "4 5 6", 3, "THE CONFERENCE OF THE CONTRACTING PARTIES", id="wetlands"),
        pytest.param(
            PLENIPOTENTIARY,
            "1 2 2(i) 2(ii) u1 s3.1 s3.2 u2 s5.1 s5.2 u3",
            5,
            "The Plenipotentiary Conference of the International Telecommunication Union (Dubai, 2018)",
            id="plenipotentiary",
        ),
        pytest.param(EUROPEAN_UNION, "1 2 2.1 2.2 3", 4, "THE COUNCIL OF THE EUROPEAN UNION", id="european-union"),
        pytest.param(AFRICAN_UNION, "1 2 3 3(i) 3(ii) 4", 0, "The Assembly", id="african-union"),
        pytest.param(WITHOUT_BLANK_LINES, "1 2 s2.1 s2.2", 3, "The Council", id="without-blank-lines"),
        pytest.param(
            TAIL_AND_FOOTNOTES, "1 2 2(a) 2(a)(i) 2(a)(ii) 2(b) 3", 1, "The General Assembly", id="tail-and-footnotes"
        ),
    ],
)
def test_structure_in_the_layout_of_a_house(text: str, paths: str, preambular: int, enacting: str) -> None:
    read = parse(text)

    assert [one.path for one in read.operative] == paths.split()
    assert len(read.preambular) == preambular
    assert read.enacting == enacting


def test_words_below_a_list_belong_to_the_item_above_it() -> None:
    item = parse(TAIL_AND_FOOTNOTES).operative[1]

    assert item.text.endswith("shall be held: and requests the Secretary-General to make the arrangements;")
    assert [(act.verb, [one.name for one in act.addressees]) for act in item.acts] == [
        ("decides", []),
        ("requests", ["Secretary-General"]),
    ]


def test_heading_gives_its_items_force_and_addressee() -> None:
    read = {one.path: one for one in parse(PLENIPOTENTIARY).operative}

    assert [(act.verb, act.force) for act in read["s3.1"].acts] == [("to monitor", "instructs")]
    assert [one.name for one in read["s3.1"].addressees] == ["Secretary-General"]
    assert [one.name for one in read["2(ii)"].addressees] == ["Member States", "Sector Members and Associates"]
    assert [one.name for one in read["u3"].addressees] == ["Member States"]
    assert [act.force for act in read["1"].acts] == ["notes"]


def test_soft_hyphen_at_a_line_end_joins_the_halves() -> None:
    read = parse("The Council,\n\nNoting the report,\n\n1. Decides on the imple\u00ad\nmentation of the plan.\n")

    assert read.operative[0].text == "Decides on the implementation of the plan."
