"""What a hand can be at besides a posture, on a cup that hangs in its fingers."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from handloop import _core
from handloop._core import GraspForceStatus, SafetyState, TaskKind, TaskStep, TrackTarget
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial

CupOf = Callable[[str], CupScene]
TRIAL = CupTrial.draw(3)
HANGS = 1.7  # [s], when the coaster is gone


@pytest.fixture(scope="module")
def scene(cup_scene: CupOf) -> CupScene:
    return cup_scene("hand27_right")


class Run:
    """The cup in a hand that follows a plan, until the pouring is well under way."""

    def __init__(
        self, scene: CupScene, plan: Sequence[TaskStep], push: Sequence[float] = (0.0, 0.0, 0.0)
    ) -> None:
        episode = scene.episode(TRIAL)
        episode.controller.set_plan(plan)
        body = scene.model.body("filling").id
        for axis, force in enumerate(push):
            episode.add_track(TrackTarget.BODY_FORCE, body, axis, [2.0, 2.01], [0.0, force])
        _core.run_episodes([episode])
        self.controller = episode.controller
        self._log, self._channels = episode.log, episode.channels
        self.time = self["time"][:, 0]
        assert (self["safety"] == SafetyState.OK).all()

    def __getitem__(self, channel: str) -> np.ndarray:
        begin, width = self._channels[channel]
        return self._log[:, begin : begin + width]

    def cup_at(self, time: float) -> np.ndarray:
        """Mean position [m] over the half second before, shape (3,)."""
        window = (self.time > time - 0.5) & (self.time <= time)
        return self["cup_position"][window].mean(axis=0)

    def jump_at(self, time: float) -> float:
        """Largest change of a torque [N m] from the last tick before a time to the next."""
        tick = int(np.searchsorted(self.time, time))
        return float(np.abs(self["torque"][tick] - self["torque"][tick - 1]).max())


def test_no_plan_is_posture_control(scene: CupScene) -> None:
    run = Run(scene, [])
    assert run.controller.task == TaskKind.POSTURE


@pytest.mark.parametrize("kind", [TaskKind.OBJECT, TaskKind.FINGERTIPS])
def test_torques_do_not_jump_when_the_task_changes(scene: CupScene, kind: TaskKind) -> None:
    times = [2.0005, 2.3005, 2.6005, 2.9005]  # between two ticks
    kinds = [kind, TaskKind.POSTURE, kind, TaskKind.POSTURE]
    run = Run(scene, [TaskStep(t, k) for t, k in zip(times, kinds, strict=True)])
    usual = np.abs(np.diff(run["torque"][(run.time > 1.8) & (run.time < 2.0)], axis=0)).max()
    # The first torque of a new law equals the last of the old one: not even the noise of a tick.
    assert max(run.jump_at(time) for time in times) <= 1e-12
    assert usual > 1e-4
    worst = np.abs(np.diff(run["torque"][(run.time > 1.9) & (run.time < 3.2)], axis=0)).max()
    assert worst < 3.0 * usual


def test_an_object_is_held_by_the_least_forces(scene: CupScene) -> None:
    run = Run(scene, [TaskStep(0.9, TaskKind.OBJECT)])
    assert run.controller.task == TaskKind.OBJECT
    assert run.controller.grasp_result.status == GraspForceStatus.SOLVED
    fallen = run["cup_position"][run.time < 1.0][-1, 2] - run["cup_position"][-1, 2]
    assert fallen < 0.01
    assert run.controller.wanted_force == pytest.approx(run["wanted_force"][-1])
    wanted = run["wanted_force"][run.time > HANGS]
    assert wanted.min() >= 0.5 - 1e-6
    assert wanted.max() <= 20.0 + 1e-9
    assert all(0.15 <= friction <= 0.95 for friction in run.controller.contact_friction)


@pytest.mark.parametrize("offset", [(0.004, 0.0, 0.0), (0.0, 0.0, 0.004)])
def test_an_object_goes_where_the_plan_wants_it(scene: CupScene, offset: list[float]) -> None:
    plan = [TaskStep(0.9, TaskKind.OBJECT), TaskStep(2.0, TaskKind.OBJECT)]
    still = Run(scene, plan)
    moved = Run(scene, [*plan, TaskStep(3.0, TaskKind.OBJECT, offset=offset)])
    way = moved.cup_at(4.5) - still.cup_at(4.5)
    np.testing.assert_allclose(way, offset, atol=0.0015)


def test_an_object_gives_like_a_spring_and_is_brought_back(scene: CupScene) -> None:
    plan = [TaskStep(0.9, TaskKind.OBJECT)]
    free, pushed = Run(scene, plan), Run(scene, plan, push=(0.0, 3.0, 0.0))
    given = (pushed["cup_position"] - free["cup_position"])[:, 1]
    most = given[(pushed.time > 2.0) & (pushed.time < 2.3)].max()
    assert 0.0005 < most < 0.008
    # Not all of the way: where the skin slid, the cup stays in another place between the tips.
    assert abs(given[(pushed.time > 4.0) & (pushed.time < 4.5)].mean()) < 0.8 * most


def test_fingertips_go_where_the_plan_wants_them(scene: CupScene) -> None:
    """All tips together, so that the cup goes with them."""
    offset = np.array([0.0, 0.003, 0.003])
    plan = [TaskStep(2.0, TaskKind.FINGERTIPS)]
    still = Run(scene, plan)
    moved = Run(scene, [*plan, TaskStep(3.0, TaskKind.FINGERTIPS, tip_offset=[offset] * 5)])
    way = moved.cup_at(4.0) - still.cup_at(4.0)
    np.testing.assert_allclose(way, offset, atol=0.0015)


def test_bad_plans(scene: CupScene) -> None:
    controller = scene.episode(TRIAL).controller
    with pytest.raises(ValueError, match="one after the other"):
        controller.set_plan([TaskStep(1.0, TaskKind.OBJECT), TaskStep(1.0, TaskKind.POSTURE)])
    with pytest.raises(ValueError, match="at most 16"):
        controller.set_plan([TaskStep(float(t), TaskKind.OBJECT) for t in range(17)])
    with pytest.raises(ValueError, match="finite"):
        TaskStep(0.0, TaskKind.OBJECT, offset=[np.nan, 0.0, 0.0])
    with pytest.raises(ValueError, match="tip_offset has 6"):
        TaskStep(0.0, TaskKind.FINGERTIPS, tip_offset=[[0.0] * 3] * 6)
