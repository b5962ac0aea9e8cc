"""Days in Arabic as the documents of the United Nations and ITU write them: 18 مارس 2018, without a comma."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y، H:i"
TIME_FORMAT = "H:i"
FIRST_DAY_OF_WEEK = 1
