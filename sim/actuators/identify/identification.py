"""What came of identifying a servo: which model to use, and all of it for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ....controller.actuator import Actuator
from ....controller.errors import HandError
from ....controller.servo_log import ServoLog
from .data_sheet import DataSheet, actuator_of
from .identify import HeldOut, IdentifyConfig, ModelFit, groups_of

_HELD: Final = 2.0
"""Of the motor's torque at stall, ASSUMPTION: friction of a gear that can be driven back adds less
than that to what a servo holds, and takes less than half from what it lifts."""
_LIFTED: Final = 0.5


@dataclass(frozen=True, eq=False)
class Identification:
    """A servo, identified.

    Attributes:
        logs: What it was told from.
        config: How.
        sheet: What its maker says. None: it is not in the catalogue.
        fits: One for each model that was asked for.
        held_out: How well logs are foretold that were left out.
        resolution: [rad], of its encoder.
    """

    logs: Sequence[ServoLog]
    config: IdentifyConfig
    sheet: DataSheet | None
    fits: Sequence[ModelFit]
    held_out: Sequence[HeldOut] = ()
    resolution: float = 0.0

    @property
    def possible(self) -> list[ModelFit]:
        """Those that can be the servo."""
        return [fit for fit in self.fits if not fit.objections]

    @property
    def chosen(self) -> ModelFit | None:
        """The one to use: it can be, and foretells or else fits best; None: none can be."""
        return min(self.possible, key=self.held_out_error, default=None)

    def held_out_error(self, fit: ModelFit) -> float:
        """[rad], mean over what was held out; where nothing was, of what was fitted."""
        errors = [held.error for held in self.held_out if held.model == fit.model]
        return sum(errors) / len(errors) if errors else fit.error

    def actuator(self, fit: ModelFit) -> Actuator:
        """Its description, at the voltage of the sheet."""
        voltage = self.sheet.voltage if self.sheet else self.logs[0].supply
        rigs = ", ".join(groups_of(self.logs, "rig"))
        return actuator_of(
            fit.values,
            self.logs[0].servo,
            voltage,
            fit.model,
            f"identified from {len(self.logs)} logs of {rigs}, mean error {1e3 * fit.error:.1f} "
            f"mrad, seed {self.config.seed}{_left_out(fit)}",
            self.resolution,
        )

    def doubts(self) -> list[str]:
        """What the logs cannot tell, in words."""
        said = []
        if len(groups_of(self.logs, "rig")) < 2:
            said.append(
                "all logs are of one rig: torque constant and friction under load look alike; add "
                "logs with another mass or length"
            )
        if len(groups_of(self.logs, "gain")) < 2:
            said.append("all logs have one gain: back-EMF and viscous friction look alike")
        if not all(log.current is not None for log in self.logs):
            said.append(
                "no currents: torque constant and resistance are told apart by the back-EMF alone, "
                "which is taken to be equal to the torque constant"
            )
        if all(log.driven.min() > 0.5 for log in self.logs):
            said.append("torque is never off: friction is not seen without the motor")
        if lost := [fit.model for fit in self.fits if not fit.found.converged]:
            said.append(
                f"no two runs of the search ended alike for {', '.join(lost)}: there may be a "
                "better fit; try another --seed"
            )
        if edge := self._at_bounds():
            said.append(
                f"at the bounds of the search: {', '.join(edge)}; the servo may lie beyond, or the "
                "logs do not tell: give what you know with --fix"
            )
        return [*said, *(doubt for fit in self.possible if (doubt := self._overloaded(fit)))]

    def _overloaded(self, fit: ModelFit) -> str:
        """Whether friction takes over at stall, where logs seldom are; empty: it does not."""
        servo = self.actuator(fit)
        motor, lifted, held = servo.stall_motor_torque, servo.stall_torque, servo.held_torque
        if held <= _HELD * motor and lifted >= _LIFTED * motor:
            return ""
        return (
            f"{fit.model} lifts {lifted:.2g} and holds {held:.2g} N m where its motor makes "
            f"{motor:.2g}: do not trust it beyond the loads of the logs"
        )

    def _at_bounds(self) -> list[str]:
        """Parameters that stopped there by no good reason: that something is zero is one."""
        models: dict[str, list[str]] = {}
        for fit in self.fits:
            for i in fit.confidence.intervals:
                if i.at_bound in {"lower", "upper"}:
                    models.setdefault(f"{i.name} ({i.at_bound})", []).append(fit.model)
        return [f"{name} of {' and '.join(whose)}" for name, whose in models.items()]

    def document(self) -> dict[str, Any]:
        """All of it, for JSON."""
        chosen = self.chosen
        return {
            "servo": self.logs[0].servo,
            "chosen": chosen.model if chosen else None,
            "config": asdict(self.config),
            "sheet": asdict(self.sheet) if self.sheet else None,
            "doubts": self.doubts(),
            "logs": [
                {"name": log.name, "unit": log.unit, "rig": log.rig, "sha256": log.digest}
                for log in self.logs
            ],
            "models": [_document(self, fit) for fit in self.fits],
            "held_out": [asdict(held) for held in self.held_out],
        }


def _left_out(fit: ModelFit) -> str:
    """What an actuator cannot have, in words."""
    names = [name for name in ("braking", "off_braking") if name in fit.values]
    said = " and ".join(f"{name} {fit.values[name]:.3g}" for name in names)
    return f"; fitted with {said}, which are not in here" if said else ""


def _document(whole: Identification, fit: ModelFit) -> dict[str, Any]:
    sure = fit.confidence
    return {
        "model": fit.model,
        "mean_error": fit.error,
        "held_out_error": whole.held_out_error(fit) if whole.held_out else None,
        "cost": fit.found.cost,
        "ends_of_runs": list(fit.found.ends),
        "converged": fit.found.converged,
        "evaluations": fit.found.evaluations,
        "values": dict(fit.values),
        "intervals": [asdict(interval) for interval in sure.intervals],
        "correlation": sure.correlation.tolist(),
        "by_log": dict(fit.by_log),
        "compared": [{**asdict(c), "deviation": c.deviation} for c in fit.compared],
        "objections": list(fit.objections),
    }


def check_one_servo(logs: Sequence[ServoLog]) -> None:
    """Refuses logs of several models at once.

    Raises:
        HandError: They are.
    """
    if len(kinds := sorted({log.servo for log in logs})) > 1:
        raise HandError(f"the logs are of {' and '.join(kinds)}; identify one model at a time")
