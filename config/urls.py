"""Every address of Resolves."""

from django.urls import path

urlpatterns: list[object] = []
