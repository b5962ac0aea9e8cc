"""Pages of a list: `?page=2&page_size=100`."""

from typing import Any

from django.core.paginator import Paginator
from rest_framework.pagination import PageNumberPagination

from tracker.queries import KeysFirst


class Pages(PageNumberPagination):
    """At most 200 rows a page."""

    django_paginator_class: "type[Paginator[Any]]" = KeysFirst  # not subscriptable while it runs
    page_size_query_param = "page_size"
    max_page_size = 200
