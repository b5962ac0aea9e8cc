"""Ways out for a version of a resolution: Akoma Ntoso 3.0 for other systems, JSON for programs. No questions of their own."""

from tracker.outward.akn import akoma_ntoso
from tracker.outward.plain import as_json

__all__ = ["akoma_ntoso", "as_json"]
