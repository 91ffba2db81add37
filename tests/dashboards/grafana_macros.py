"""Grafana's PostgreSQL macros, as its documentation and its source (macros.go) describe them: what a query becomes.

Written from there and not from our dashboards, so that a macro which does not do what a panel hopes shows here.
"""

from __future__ import annotations

import re
from datetime import datetime

VARIABLES = {"definitions": "v1"}


def expand(sql: str, first: datetime, last: datetime, **variables: str) -> str:
    """The query as Grafana sends it, for a period of two aware times."""
    start, end = (time.isoformat().replace("+00:00", "Z") for time in (first, last))
    sql = re.sub(r"\$__timeFilter\(([^)]*)\)", rf"\1 BETWEEN '{start}' AND '{end}'", sql)
    sql = sql.replace("$__timeFrom()", f"'{start}'").replace("$__timeTo()", f"'{end}'")
    for name, value in (VARIABLES | variables).items():
        quoted = value.replace("'", "''")
        sql = sql.replace(f"${{{name}:sqlstring}}", f"'{quoted}'")
    return sql
