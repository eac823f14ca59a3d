"""What a dataset looks like, for people."""

from synthgen.report.contact_sheet import contact_sheet

__all__ = ["contact_sheet"]
