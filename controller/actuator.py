"""An actuator: motor, gear, friction, heat and sensor in one TOML file.

The simulated plant, the controller's motor stage, MuJoCo's `dcmotor` and virtual servos read the
same file, each what it can have (docs/actuators.md). All figures are those of the output shaft, so
gear ratios never appear in an equation.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from .. import models
from .description_errors import explained
from .description_friction import Friction
from .description_table import Name, NotNegative, Positive, Table
from .description_thermal import Thermal
from .errors import HandError, key_text, unknown

_FOLDER = Path(models.__file__).parent / "actuators"
_STRIBECK_ROUNDS = 40


class ActuatorMotor(Table):
    """A DC motor, or a brushless one seen as one."""

    torque_constant: Positive
    """[N m/A]."""
    back_emf: Positive
    """[V s/rad]. Equal to the torque constant, unless losses that grow with the load are counted
    in there instead of in the friction."""
    resistance: Positive
    """[ohm], of winding, bridge and cable at 25 deg C."""
    inductance: NotNegative = 0.0
    """[H]."""
    voltage: Positive
    """[V], nominal supply."""
    current_max: Positive | None = None
    """[A], of its drive. None: whatever the voltage drives."""


class ActuatorGear(Table):
    """A gear, and what turns with it."""

    ratio: Positive | None = None
    """Turns of the motor for one of the output. None: not known, and not needed."""
    inertia: Positive
    """[kg m2], rotor and gear at the output."""
    backlash: NotNegative = 0.0
    """[rad], from end to end."""
    torque_max: Positive | None = None
    """[N m], that the gear bears for good. None: not known."""


class ActuatorEncoder(Table):
    """What tells where the output is."""

    resolution: NotNegative = 0.0
    """[rad], of a count. 0: as fine as can be."""
    side: Literal["output", "motor"] = "output"
    """Where it sits: behind the backlash or before it."""


class ActuatorDelay(Table):
    """How late an actuator is, besides its bus."""

    command: NotNegative = 0.0
    """[s], from a command to the bridge."""
    sensing: NotNegative = 0.0
    """[s], from the shaft to its reading."""


class ActuatorSupply(Table):
    """The supply as this actuator alone sees it; a hand's rails say what they share."""

    resistance: NotNegative = 0.0
    """[ohm], of source, cable and plug."""
    voltage_min: NotNegative = 0.0
    """[V], below which its electronics reset."""


class ActuatorFirmware(Table):
    """The position control inside a servo: duty = gain (goal - position), as BAM has it."""

    gain: Positive
    """[1/rad], duty per error for one unit of the position gain register."""
    duty_max: Annotated[NotNegative, Field(le=1.0)] = 1.0


class Actuator(Table):
    """A whole actuator, as its file tells of it."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    name: Name
    source: str
    """Where the figures are from."""
    mass: Positive | None = None
    """[kg]."""
    size: tuple[Positive, Positive, Positive] | None = None
    """[m]."""
    price: NotNegative | None = None
    """[USD], of one."""
    motor: ActuatorMotor
    gear: ActuatorGear
    friction: Friction = Friction()
    thermal: Thermal | None = None
    """None: it never gets warm."""
    encoder: ActuatorEncoder = ActuatorEncoder()
    delay: ActuatorDelay = ActuatorDelay()
    supply: ActuatorSupply = ActuatorSupply()
    firmware: ActuatorFirmware | None = None

    @property
    def stall_motor_torque(self) -> float:
        """[N m], of the motor at stall and nominal voltage, no friction taken off."""
        motor = self.motor
        current = motor.voltage / (motor.resistance + self.supply.resistance)
        return motor.torque_constant * min(current, motor.current_max or current)

    @property
    def stall_torque(self) -> float:
        """[N m], that it just lifts at nominal voltage: what sticks at rest is taken off.

        There the load is what the motor moves less friction, te = f - tm, and the smaller of the
        two: (1 + b) |te| + Keq te^2 = (1 - a) tm - f0.
        """
        f, torque = self.friction, self.stall_motor_torque
        left = torque * (1.0 - f.load_motor - f.stribeck_load_motor)
        left -= f.coulomb + f.stribeck_coulomb
        back = 1.0 + f.load_external + f.stribeck_load_external
        return (
            2.0
            * max(left, 0.0)
            / (back + math.sqrt(back**2 + 4.0 * f.quadratic_external * max(left, 0.0)))
        )

    @property
    def held_torque(self) -> float:
        """[N m], that it just holds at nominal voltage, once there: friction is added.

        The load is the greater of the two: (1 - b) |te| = (1 + a) tm + f0 + Kmq tm^2. Infinite
        where the gear locks itself.
        """
        f, torque = self.friction, self.stall_motor_torque
        left = 1.0 - f.load_external - f.stribeck_load_external
        if left <= 0.0:
            return math.inf
        held = torque * (1.0 + f.load_motor + f.stribeck_load_motor)
        held += f.coulomb + f.stribeck_coulomb + f.quadratic_motor * torque**2
        return held / left

    @property
    def no_load_speed(self) -> float:
        """[rad/s], at nominal voltage: back-EMF and friction take all of it.

        What sticks hangs on the speed in turn, so it is come down to from where nothing does.
        """
        motor, f = self.motor, self.friction
        stiffness = motor.torque_constant / (motor.resistance + self.supply.resistance)
        speed = math.inf
        for _ in range(_STRIBECK_ROUNDS):
            s = f.sticking(speed)
            passed = stiffness * (1.0 - f.load_motor - s * f.stribeck_load_motor)
            left = passed * motor.voltage - f.coulomb - s * f.stribeck_coulomb
            speed = max(left / (passed * motor.back_emf + f.viscous), 0.0)
        return speed

    @property
    def no_load_current(self) -> float:
        """[A], at nominal voltage."""
        motor = self.motor
        resistance = motor.resistance + self.supply.resistance
        return (motor.voltage - motor.back_emf * self.no_load_speed) / resistance

    def geared(self, ratio: float) -> Actuator:
        """The same behind a further gear without losses, seen at its output.

        The firmware's gain is its duty per error there, which its own encoder sees `ratio` fold.

        Args:
            ratio: Turns of this actuator for one of that output.
        """
        grows = {
            "motor": ("torque_constant", "back_emf"),
            "gear": ("torque_max", "ratio"),
            "friction": ("coulomb", "stribeck_coulomb"),
            "firmware": ("gain",),
        }
        shrinks = {
            "gear": ("backlash",),
            "friction": ("stribeck_speed", "quadratic_motor", "quadratic_external"),
            "encoder": ("resolution",),
        }
        squared = {"gear": ("inertia",), "friction": ("viscous",)}
        tables: dict[str, Table] = {}
        for factor, keys in ((ratio, grows), (1.0 / ratio, shrinks), (ratio**2, squared)):
            for name, fields in keys.items():
                table = tables.get(name, getattr(self, name))
                if table is None:
                    continue
                values = {f: getattr(table, f) for f in fields}
                scaled = {f: factor * v for f, v in values.items() if v is not None}
                tables[name] = table.model_copy(update=scaled)
        return self.model_copy(update=tables)

    @classmethod
    def read(cls, file: Path | str) -> Actuator:
        """Reads a file, or a packaged actuator by its name.

        Raises:
            HandError: It is missing, is not TOML, or a key in it is wrong.
        """
        path = packaged_actuators().get(str(file), Path(file))
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            known = unknown("actuator", str(file), packaged_actuators(), "those that are packaged")
            raise HandError(f"{file}: cannot be read: {error.strerror}; {known}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise HandError(f"{path}: is not valid TOML: {error}") from None
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            lines = explained(
                error, cls, "an actuator file", lambda key, text: f"{path}: {key_text(key)}: {text}"
            )
            raise HandError("\n".join(lines)) from None

    def toml(self) -> str:
        """The file's text; what is not known is left out."""
        import tomlkit

        content: dict[str, Any] = self.model_dump(by_alias=True, exclude_none=True, mode="json")
        return tomlkit.dumps(content)


def packaged_actuators() -> dict[str, Path]:
    """The actuators that come with handloop: name and file."""
    return {file.stem: file for file in sorted(_FOLDER.glob("*.toml"))}
