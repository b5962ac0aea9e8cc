"""Pages of a list: `?page=2&page_size=100`."""

from rest_framework.pagination import PageNumberPagination

from tracker.queries import KeysFirst


class Pages(PageNumberPagination):
    """At most 200 rows a page."""

    django_paginator_class = KeysFirst
    page_size_query_param = "page_size"
    max_page_size = 200
