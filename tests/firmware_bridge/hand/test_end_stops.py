"""Finding end stops, on a joint that is easy to see through."""

import math
from dataclasses import dataclass, field

import pytest

from handloop.firmware_bridge import BusError
from handloop.firmware_bridge.end_stops import Search, find_stops
from handloop.firmware_bridge.servo_probe import Unwrapped

COUNT = 2.0 * math.pi / 4096


@dataclass
class SimulatedJoint:
    """A servo that lags behind its goal, and says where it is in counts within one turn."""

    stops: tuple[float, float]
    angle: float = 0.0
    """[rad], of the shaft."""
    friction: float = 0.02
    """[rad], by which it lags behind a goal."""
    give: float = 0.0
    """[rad], by which stops yield when it pushes."""
    quick: float = 5.0
    """[rad/s], the most."""
    period: float = 0.01
    steps: int = 0
    told: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unwrapped = Unwrapped(2.0 * math.pi, self._says)

    @property
    def _says(self) -> float:
        return COUNT * round(self.angle / COUNT) % (2.0 * math.pi)

    def position(self) -> float:
        return self._unwrapped.value

    def step(self, goal: float) -> float:
        self.steps += 1
        self.told.append(goal)
        shift = self.angle - self._unwrapped.value
        error = goal + shift - self.angle
        wanted = math.copysign(max(abs(error) - self.friction, 0.0), error)
        move = max(-self.quick * self.period, min(wanted, self.quick * self.period))
        low, high = self.stops
        self.angle = max(low - self.give, min(self.angle + move, high + self.give))
        return self._unwrapped.follow(self._says)


def spans(joint: SimulatedJoint, speed: float = 2.0, travel_max: float = 20.0) -> float:
    low, high = find_stops(joint, Search(speed=speed, travel_max=travel_max)).ends
    return high - low


@pytest.mark.parametrize(
    "stops",
    [
        (-0.4, 1.1),
        (2.5, 4.0),  # within a turn
        (-0.7, 0.6),  # over the seam
        (5.9, 6.9),  # over the other end of it
        (-9.0, 9.0),  # three turns: a gear
    ],
)
def test_both_stops_are_found_wherever_the_turn_ends(stops: tuple[float, float]) -> None:
    joint = SimulatedJoint(stops, angle=sum(stops) / 2 + 0.1)
    assert spans(joint) == pytest.approx(stops[1] - stops[0], abs=2 * COUNT)
    assert joint.angle == pytest.approx(sum(stops) / 2 + 0.1, abs=2 * joint.friction)


def test_angles_go_on_from_what_the_servo_says_at_first() -> None:
    joint = SimulatedJoint((-0.5, 1.0), angle=-0.2)
    low, high = find_stops(joint, Search(speed=2.0, travel_max=5.0)).ends
    assert low == pytest.approx(2.0 * math.pi - 0.5, abs=2 * COUNT)
    assert high == pytest.approx(2.0 * math.pi + 1.0, abs=2 * COUNT)


def test_the_goal_moves_slowly_and_never_far_ahead() -> None:
    joint = SimulatedJoint((-1.0, 1.0))
    search = Search(speed=0.5, travel_max=5.0)
    find_stops(joint, search)
    strides = [abs(b - a) for a, b in zip(joint.told, joint.told[1:], strict=False)]
    turning = [s for s in strides if s > search.speed * joint.period + 1e-9]
    assert len(turning) <= 4  # where it lets off a stop
    assert max(turning, default=0.0) <= 2.0 * search.lead


@pytest.mark.parametrize(("stuck", "low"), [(0, -4.0), (38, -4.0), (42, -1.0)])
def test_only_what_lasts_is_a_stop(stuck: int, low: float) -> None:
    class Sticky(SimulatedJoint):
        left = stuck

        def step(self, goal: float) -> float:
            if self.angle < -1.0 and self.left:
                self.left -= 1
                return self._unwrapped.value
            return super().step(goal)

    # It is 0.3 rad behind after 10 steps, and pushes for 30 more.
    found = find_stops(Sticky((-4.0, 4.0)), Search(speed=3.0, travel_max=20.0))
    assert found.low[0] == pytest.approx(low, abs=0.05)
    assert found.low[1] == pytest.approx(-4.0, abs=2 * COUNT)


def test_repeated_sweeps_that_differ_are_told() -> None:
    class Loose(SimulatedJoint):
        def step(self, goal: float) -> float:
            self.give = 0.05 if self.steps > 700 else 0.0
            return super().step(goal)

    found = find_stops(Loose((-1.0, 1.0)), Search(speed=1.0, travel_max=5.0))
    assert found.spread == pytest.approx(0.05, abs=2 * COUNT)


def test_a_joint_without_stops_ends_the_search() -> None:
    with pytest.raises(BusError, match=r"no stop within 5\.0 rad"):
        spans(SimulatedJoint((-1e9, 1e9)), travel_max=5.0)


def test_a_joint_that_shakes_ends_the_search() -> None:
    class Shaking(SimulatedJoint):
        def step(self, goal: float) -> float:
            super().step(goal)
            return self._unwrapped.value + 0.02 * (-1) ** self.steps

    with pytest.raises(BusError, match="does not come to rest"):
        spans(Shaking((-1.0, 1.0)), travel_max=5.0)
