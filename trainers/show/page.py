"""Pages of reports: a template of its own package, in the look that all pages share."""

from __future__ import annotations

from typing import Any

import jinja2

__all__ = ["page"]


def page(package: str, template: str, **values: Any) -> str:
    """Fill a template with values; it may include "page.css".

    Args:
        package: That holds the template, e.g. "trainers.study".
        template: Name of its file.
        values: By name; what a template asks for must be among them.
    """
    loader = jinja2.ChoiceLoader([jinja2.PackageLoader(package, "."), jinja2.PackageLoader("trainers.show", ".")])
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template(template).render(**values)
