"""Rules that turn what a task does into what an actuator's sensor and rotor must be.

Resolution. Within one count of its encoder an actuator may stand anywhere, so the fingertip is
uncertain by lever r times count. Where it touches, a contact of stiffness K turns that into a
force K r count. It shall not use up more than a tenth of the controller's margin of the grip force
(Johansson & Westling 1984: people keep 10 to 40 %; hand27: 25 %), but need not be finer than what a
fingertip can feel. Free in space the tip shall be placed to the 0.15 mm that the benchmark asks
for. The finer of the two is wanted.

Inertia. What a finger brings along when it meets a contact of stiffness K goes into that: with the
energy E it presses with sqrt(2 K E), from E = F^2 / (2 K). That shall be no more than the grip that
follows, or a light touch. What the links do not use up of it is shared out among the finger's n
rotors alike: with a joint at the rate w, M w^2 / 2 = E / n. Levers cancel: a joint that stands
still when its finger touches may be as heavy as it likes. Besides, turning itself as fast as the
task did shall take a rotor no more than half the peak torque.

Neither rule asks for more than the hand has with which the trials were held: no lighter rotor than
its own, no finer count than the noise of its position sensors.

Least inertia. With sensors 2 ms late and a tick of 1 ms, damping D is stable while D / M is below
about 1 / (3 ms) (docs/design.md), and 2 zeta sqrt(k M) damps a stiffness k: so M is at least
k (2 zeta 3 ms)^2. Less asks for a softer joint or a faster loop.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CONTACT_STIFFNESS: Final = 1000.0
"""[N/m], of a fingertip against a hard thing: ASSUMPTION, a millimetre per newton, as hand27's pad
on the cup has it and as people's at 1 N (Serina et al. 1997)."""
FORCE_PART: Final = 0.1 * 0.25
"""Part of the grip force that one count may be: a tenth of the controller's margin."""
TOUCH: Final = 0.5
"""[N], that the benchmark's `nist` calls a touch: the weight of its empty cup."""
FORCE_FELT: Final = 0.02
"""[N], noise of a good tactile fingertip (`sim.scene.good_sensors`)."""
NOISE: Final = 2e-4
"""[rad], of the position sensors with which trials are run (`sim.scene.good_sensors`)."""
PLACE: Final = 1.5e-4
"""[m], repeatability that the benchmark's `nist` asks for."""
OWN_PART: Final = 0.5
"""Part of the peak torque that may go into a rotor's own acceleration: ASSUMPTION."""
DAMPING: Final = 0.8
"""Damping ratio of the packaged hands' gains."""
DELAY: Final = 0.003
"""[s], of sensors and tick together."""


def resolution(lever: Array, grip: Array, chain: NDArray[np.bool_]) -> Array:
    """Positions that must be told apart, shape (n,) [rad].

    Args:
        lever: Of joints on fingertips, shape (f, n) [m].
        grip: Of fingertips, shape (f,) [N]; NaN where one does not touch.
        chain: Whether a joint is in a finger, shape (f, n). The others move all of an object.
    """
    lever = np.maximum(lever, 1e-9)
    step = np.maximum(FORCE_PART * grip, FORCE_FELT)[:, None]
    felt = np.where(chain & np.isfinite(step), step / (CONTACT_STIFFNESS * lever), np.inf)
    return np.asarray(np.minimum(felt, PLACE / lever).min(axis=0))


def impact_inertia(grip: Array, rate: Array, links: Array, chain: NDArray[np.bool_]) -> Array:
    """Largest rotors for which no impact presses harder than the grip that follows, shape (n,).

    Args:
        grip: As for `resolution`.
        rate: Of joints when a fingertip touches, shape (f, n) [rad/s]; 0 where it never did.
        links: Energy of the finger's links then, shape (f,) [J].
        chain: As for `resolution`.

    Returns:
        [kg m2]; infinite for joints at rest, 0 where the links alone are too much.
    """
    force = np.fmax(grip, TOUCH)
    energy = np.maximum(np.square(force) / (2.0 * CONTACT_STIFFNESS) - links, 0.0)
    share = energy / chain.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        inertia = 2.0 * share[:, None] / np.square(np.where(chain, rate, 0.0))
    return np.asarray(np.where(chain & (rate > 0.0), inertia, np.inf).min(axis=0))


def own_inertia(peak_torque: Array, peak_acceleration: Array) -> Array:
    """Largest rotor that leaves enough of the torque for the task, shape (n,) [kg m2]."""
    return np.asarray(OWN_PART * peak_torque / np.maximum(peak_acceleration, 1e-9))


def least_inertia(stiffness: Array) -> Array:
    """Of a joint whose stiffness [N m/rad] can still be damped, shape (n,) [kg m2]."""
    return np.asarray(stiffness * (2.0 * DAMPING * DELAY) ** 2)


def loop_bandwidth(stiffness: Array, inertia: Array) -> Array:
    """Where the joints' closed position loops fall by 3 dB, shape (n,) [Hz].

    A mass on a spring and a damper of ratio zeta follows its reference through the spring:
    |H|^2 = 1 / ((1 - x^2)^2 + (2 zeta x)^2) is 1/2 at x^2 = a + sqrt(a^2 + 1), a = 1 - 2 zeta^2.
    """
    a = 1.0 - 2.0 * DAMPING**2
    natural = np.sqrt(stiffness / inertia) / (2.0 * np.pi)
    return np.asarray(natural * np.sqrt(a + np.sqrt(a * a + 1.0)))
