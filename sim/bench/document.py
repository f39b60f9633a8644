"""A summary as JSON: `summary.json`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .measures import Rate, Showing
from .summary import Standing


def document(standings: Iterable[Standing]) -> dict[str, Any]:
    """All of it as JSON, without NaN: `summary.json`."""
    return {"standings": [_standing_document(standing) for standing in standings]}


def _standing_document(standing: Standing) -> dict[str, Any]:
    half = standing.half_step
    return {
        "task": standing.task,
        "contestant": standing.contestant,
        "took_no_part": standing.absence or None,
        "conditions": _showings_document(standing.showings),
        "best_open": standing.best_open,
        "half_step": half and {
            "n": half.full.n,
            "success": half.full.value,
            "success_at_half_step": half.half.value,
            "points": half.points,
            "newcombe_95": list(half.interval),
            "flagged": half.flagged,
            "resolved": half.resolved,
        },
        "curves": [
            {
                "curve": curve.name,
                "condition": curve.condition.name,
                "points": [{"value": v} | _rate_document(rate) for v, rate in curve.points],
            }
            for curve in standing.curves
        ],
        "cases": {case: _showings_document(here) for case, here in standing.cases.items()},
    }  # fmt: skip


def _showings_document(showings: dict[str, Showing]) -> dict[str, Any]:
    return {
        name: {
            **_rate_document(showing.rate),
            "squeeze_n": showing.condition.squeeze,
            "outcomes": showing.outcomes,
            "metrics": {
                metric: {"median": s.median, "p5": s.low, "p95": s.high, "n": s.n}
                for metric, s in showing.metrics.items()
            },
            "sensors": list(showing.sensors),
            "notes": showing.notes,
        }
        for name, showing in showings.items()
    }


def _rate_document(rate: Rate) -> dict[str, Any]:
    return {"successes": rate.successes, "n": rate.n, "wilson_95": list(rate.interval)}
