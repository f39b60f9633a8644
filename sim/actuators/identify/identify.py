"""All six friction models on a set of logs, one in the other, and what is left out, foretold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....controller.errors import HandError, unknown
from ....controller.servo_log import ServoLog
from .confidence import Confidence, bootstrap, confidence
from .data_sheet import Compared, DataSheet, compare, objections
from .objective import Objective
from .parameters import FRICTION, MODELS, PARAMETERS, POORER, Space, Values, names_of, servo_of
from .rig_fit import RigFit, Supply, gain_of
from .search import Budget, Found, Tell, search
from .usual import usual_places

Array = NDArray[np.float64]
Show = Callable[[str, int, int], None]

_PIECE: Final = 2.0  # [s], of the logs that lead a search into a valley


@dataclass(frozen=True)
class IdentifyConfig:
    """How a servo is identified."""

    models: tuple[str, ...] = MODELS
    free: tuple[str, ...] = ()
    """Parameters to fit besides motor and friction; `back_emf` is among them if currents are."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """Values of parameters that are known, `gain` above all."""
    supply: Supply = "median"
    held_to_sheet: bool = False
    budget: Budget = field(default_factory=Budget)
    resamplings: int = 0
    """Of logs, for the bootstrap."""
    seed: int = 1


@dataclass(frozen=True, eq=False)
class ModelFit:
    """One friction model at its optimum.

    Attributes:
        model: `m1` to `m6`.
        values: Of all its parameters.
        found: How the search went.
        error: [rad], mean absolute error of the position over all samples.
        by_log: [rad], the same by log.
        confidence: Of the parameters.
        compared: With the sheet, if there is one.
        objections: Why it cannot be the servo; none: it can.
    """

    model: str
    values: Mapping[str, float]
    found: Found
    error: float
    by_log: Mapping[str, float]
    confidence: Confidence
    compared: Sequence[Compared]
    objections: Sequence[str]


@dataclass(frozen=True)
class HeldOut:
    """How a model fitted to the other logs foretells those of one gain, rig or unit."""

    model: str
    by: str
    """`gain`, `rig` or `unit`."""
    group: str
    error: float
    """[rad], on the logs that were held out."""
    error_fitted: float
    """[rad], on the others."""


def identify(
    logs: Sequence[ServoLog],
    config: IdentifyConfig,
    sheet: DataSheet | None = None,
    show: Show | None = None,
) -> list[ModelFit]:
    """Fits the models that are asked for, and those that they contain first.

    Args:
        logs: Of one kind of servo.
        config: How.
        sheet: What its maker says of it.
        show: Called with a model, how many runs are done, and of how many.

    Raises:
        HandError: A model or parameter is unknown, or the logs do not say enough.
    """
    check(config)
    fit = RigFit(logs, config.supply)
    known = _known(logs, config)
    done: dict[str, ModelFit] = {}
    for model in _with_poorer(config.models):
        objective = objective_of(fit, model, known, config, sheet)
        starts = [objective.space.point(done[poorer].values) for poorer in POORER[model]]
        tell = (lambda n, of, m=model: show(m, n, of)) if show else None
        found = _searched(objective, starts, config, tell)
        done[model] = _judged(objective, model, found, config, sheet, show)
    return [done[model] for model in MODELS if model in config.models]


def _searched(
    objective: Objective, starts: list[Array], config: IdentifyConfig, tell: Tell | None
) -> Found:
    usual = usual_places(objective.space, objective.fit.logs, objective.sheet)
    pieces = replace(objective, fit=replace(objective.fit, window=_PIECE))
    return search(objective, pieces, config.budget, config.seed, usual, starts, tell)


def objective_of(
    fit: RigFit, model: str, known: Values, config: IdentifyConfig, sheet: DataSheet | None
) -> Objective:
    """What is searched for a model."""
    free = (*config.free, *(["back_emf"] if fit.has_current else []))
    names = tuple(n for n in dict.fromkeys(names_of(model, free)) if n not in known)
    return Objective(fit, Space(names, known), sheet, config.held_to_sheet)


def hold_out(
    logs: Sequence[ServoLog],
    config: IdentifyConfig,
    by: str,
    models: Sequence[str],
    sheet: DataSheet | None = None,
    show: Show | None = None,
) -> list[HeldOut]:
    """Leaves out one gain, rig or unit after the other; none of its logs is seen by the search.

    Args:
        logs: All of them.
        config: How to fit the rest.
        by: `gain`, `rig` or `unit`.
        models: Which to try.
        sheet: What the servo has to be, if the configuration holds it to that.
        show: Called with what is left out and a model, how many runs are done, and of how many.

    Returns:
        Nothing where all logs have the same.
    """
    groups = groups_of(logs, by)
    if len(groups) < 2:
        return []
    results = []
    for group, out in groups.items():
        rest = [log for log in logs if log not in out]
        narrow = replace(config, models=tuple(models), resamplings=0)
        without = (lambda m, n, of, g=group: show(f"{m}, not {by} {g}", n, of)) if show else None
        for fit in identify(rest, narrow, sheet, without):
            servo = servo_of(fit.values)
            error = RigFit(out, config.supply).mean_error(servo)
            results.append(HeldOut(fit.model, by, group, error, fit.error))
    return results


def groups_of(logs: Sequence[ServoLog], by: str) -> dict[str, list[ServoLog]]:
    """Logs by gain, rig or unit."""
    groups: dict[str, list[ServoLog]] = {}
    for log in logs:
        key = f"{log.gain[0]:g}" if by == "gain" else log.rig if by == "rig" else log.unit
        groups.setdefault(key, []).append(log)
    return groups


def check(config: IdentifyConfig) -> None:
    """Refuses what is not known, and what would make a model another one.

    Raises:
        HandError: A model or a parameter is unknown, a value cannot be, or a model lacks a
            parameter that is freed or fixed.
    """
    for model in config.models:
        if model not in MODELS:
            raise HandError(unknown("model", model, MODELS, "the friction models"))
    for name in (*config.free, *config.fixed):
        if name not in PARAMETERS:
            raise HandError(unknown("parameter", name, PARAMETERS, "what is fitted"))
        if name in FRICTION:
            _check_friction(name, config.models)
    for name, value in config.fixed.items():
        if wanted := PARAMETERS[name].lacks(value):
            raise HandError(f"{name} cannot be {value:g}: it has to be {wanted}")


def _check_friction(name: str, models: Sequence[str]) -> None:
    has = [model for model in MODELS if name in names_of(model)]
    if lacking := [model for model in models if model not in has]:
        raise HandError(
            f"{name} is no part of {', '.join(lacking)}: free or fix it only with "
            + " or ".join(f"--model {model}" for model in has)
        )


def _known(logs: Sequence[ServoLog], config: IdentifyConfig) -> dict[str, float]:
    """What needs no search: the firmware's gain, which duties tell, and what was given."""
    known = dict(config.fixed)
    if "gain" not in known and "gain" not in config.free:
        measured = gain_of(logs)
        if measured is None:
            raise HandError(
                "the logs have no duty, so the firmware's gain is not known: give it with --fix "
                "gain=VALUE, or let it be fitted with the rest: --free gain"
            )
        if measured <= 0.0:
            raise HandError(
                f"the logs' duty has the wrong sign: by it the gain is {measured:.4g} 1/rad; if "
                f"all else is right, give the gain: --fix gain={-measured:.4g}"
            )
        known["gain"] = measured
    return known


def _with_poorer(models: Sequence[str]) -> list[str]:
    wanted = set(models)
    for model in reversed(MODELS):
        if model in wanted:
            wanted |= set(POORER[model])
    return [model for model in MODELS if model in wanted]


def _judged(
    objective: Objective,
    model: str,
    found: Found,
    config: IdentifyConfig,
    sheet: DataSheet | None,
    show: Show | None,
) -> ModelFit:
    values = objective.space.values(found.point)
    servo = servo_of(values)
    sure = confidence(objective, found.point)
    if config.resamplings and model in config.models:
        tell = (lambda n, of: show(f"{model} again", n, of)) if show else None
        sure = bootstrap(objective, found.point, sure, config.resamplings, config.seed, tell)
    by_log = objective.fit.mean_errors(servo)
    return ModelFit(
        model,
        values,
        found,
        objective.fit.mean_error(servo),
        by_log,
        sure,
        compare(values, sheet) if sheet else [],
        list(objections(values, sheet)),
    )
