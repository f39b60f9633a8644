"""Episodes, alone and in batches: the same bits on any number of threads, and what ends a run."""

import math
import threading
from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop._core import TrackTarget
from handloop.controller import Hand
from handloop.sim.tasks import cup
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial

SEEDS = range(4)
LENGTH = 1.3  # [s]: the fingers close and the coaster goes


@pytest.fixture
def scene(cup_scene: Callable[[str], CupScene], monkeypatch: pytest.MonkeyPatch) -> CupScene:
    monkeypatch.setattr(cup, "END", LENGTH)
    return cup_scene("hand27_right")


@pytest.fixture(autouse=True)
def log_elsewhere(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo puts its log where it is run


def episodes(scene: CupScene) -> list[_core.Episode]:
    return [scene.episode(CupTrial.draw(seed)) for seed in SEEDS]


def bits(episode: _core.Episode) -> tuple[bytes, bytes, bool]:
    return episode.log.tobytes(), episode.final_qpos.tobytes(), episode.diverged


# -- the same bits -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def memory() -> dict[str, list[tuple[bytes, bytes, bool]]]:
    return {}


@pytest.fixture
def alone(scene: CupScene, memory: dict[str, list[tuple[bytes, bytes, bool]]]):
    if not memory:
        single = episodes(scene)
        for episode in single:
            _core.run_episodes([episode], 1)
        memory["alone"] = [bits(episode) for episode in single]
    return memory["alone"]


@pytest.mark.parametrize("threads", [0, 1, 2, 3])
def test_a_batch_is_its_single_runs_to_the_bit(
    threads: int, scene: CupScene, alone: list[tuple[bytes, bytes, bool]]
) -> None:
    batch = episodes(scene)
    _core.run_episodes(batch, threads)
    assert [bits(episode) for episode in batch] == alone
    assert len({log for log, _, _ in alone}) == len(SEEDS)
    assert all(episode.log.shape[0] == round(LENGTH / cup.PERIOD) for episode in batch)
    _core.run_episodes(batch[::-1], threads)  # nothing is left over from the first time
    assert [bits(episode) for episode in batch] == alone


@pytest.mark.parametrize("threads", [1, 2])
def test_a_replay_takes_the_same_steps(threads: int, scene: CupScene) -> None:
    batch = episodes(scene)
    _core.run_episodes(batch, threads)
    before = [bits(episode) for episode in batch]
    _core.replay_episodes(batch, threads)
    assert [bits(episode) for episode in batch] == before


def test_a_replay_really_runs(scene: CupScene) -> None:
    episode = episodes(scene)[0]
    _core.replay_episodes([episode])  # nothing recorded, nothing to take
    start = episode.final_qpos
    assert start[scene.bound.qpos].tobytes() == scene.preshape.opened.tobytes()
    _core.run_episodes([episode])
    assert np.abs(episode.final_qpos - start).max() > 0.1


def test_no_episodes_are_no_work() -> None:
    _core.run_episodes([])
    _core.replay_episodes([])


# -- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_one_that_diverges_says_so_and_leaves_the_others(
    threads: int, scene: CupScene, alone: list[tuple[bytes, bytes, bool]]
) -> None:
    batch = episodes(scene)
    body = scene.model.body("cup").id
    batch[1].add_track(TrackTarget.BODY_FORCE, body, 0, [1.0, 1.0], [0.0, 1e12])
    _core.run_episodes(batch, threads)
    assert [episode.diverged for episode in batch] == [False, True, False, False]
    assert len(batch[1].log) == pytest.approx(1.0 / cup.PERIOD, abs=2)
    assert np.isfinite(batch[1].log).all()
    for i in (0, 2, 3):
        assert bits(batch[i]) == alone[i]
    _core.replay_episodes(batch, threads)
    assert [episode.diverged for episode in batch] == [False, True, False, False]


def test_what_an_episode_ran_on_is_gone_after_it(scene: CupScene) -> None:
    episode = episodes(scene)[0]
    plant, gone = episode.plant, r"the plant has no data; call start\(data\) first"
    data = mujoco.MjData(scene.model)
    plant.start(data)
    loop = _core.Loop(plant, episode.controller)
    for run in (
        episode.record_samples,
        lambda: _core.run_episodes([episode]),
        lambda: _core.replay_episodes([episode]),
    ):
        run()
        for use in (plant.read, plant.advance, lambda: loop.run(1), loop.start):
            with pytest.raises(RuntimeError, match=gone):
                use()
    plant.start(data)
    assert loop.run(1) == 1


def test_an_episode_in_use_is_left_alone(scene: CupScene) -> None:
    episode = episodes(scene)[0]
    data = mujoco.MjData(scene.model)
    episode.plant.start(data)
    loop = _core.Loop(episode.plant, episode.controller)
    loop.start()
    body = scene.model.body("cup").id
    for use in (
        lambda: _core.run_episodes([episode]),
        lambda: _core.replay_episodes([episode]),
        episode.record_samples,
        lambda: episode.set_initial_qpos(data.qpos),
        lambda: episode.stop_outside(0, 0.0, 1.0),
        lambda: episode.add_track(TrackTarget.BODY_FORCE, body, 0, [0.0], [0.0]),
        lambda: episode.log,
        lambda: episode.final_qpos,
        lambda: episode.diverged,
    ):
        with pytest.raises(RuntimeError, match=r"driven by a running loop; stop\(\) the loop"):
            use()
    loop.stop()


def test_an_error_inside_mujoco_is_a_python_error(
    scene: CupScene, alone: list[tuple[bytes, bytes, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = []
    copy = cup.copy.copy
    monkeypatch.setattr(cup.copy, "copy", lambda m: models.append(copy(m)) or models[-1])
    batch = episodes(scene)
    whole = models[2].opt.integrator
    models[2].opt.integrator = 99
    for run in (_core.run_episodes, _core.replay_episodes):
        with pytest.raises(RuntimeError, match=r"MuJoCo stopped a simulation: .*integrator"):
            run(batch, 2)
        with pytest.raises(RuntimeError, match="the plant has no data"):
            batch[2].plant.read()
        models[2].opt.integrator = whole
        _core.run_episodes(batch, 2)  # as if nothing had happened
        assert [bits(episode) for episode in batch] == alone
        models[2].opt.integrator = 99


def test_episodes_that_do_not_go_together(
    scene: CupScene, cup_scene: Callable[[str], CupScene]
) -> None:
    episode = scene.episode(CupTrial.draw(0))
    other = cup_scene("hand22_right").episode(CupTrial.draw(0))
    for run in (_core.run_episodes, _core.replay_episodes):
        with pytest.raises(ValueError, match="an episode is in the batch twice"):
            run([episode, episode])
        with pytest.raises(ValueError, match="the episodes of a batch need copies of one model"):
            run([episode, other])
        with pytest.raises(TypeError):
            run([episode, None])
        with pytest.raises(ValueError, match=r"share one model; .* copy\.copy\(model\)"):
            run([build(scene), build(scene)])


# -- the end of a run ----------------------------------------------------------------------------


def test_a_run_stops_where_a_watch_says(scene: CupScene) -> None:
    free, watched = scene.episode(CupTrial.draw(0)), scene.episode(CupTrial.draw(0))
    column = watched.channels["time"][0]
    watched.stop_outside(column, -math.inf, 0.25)
    _core.run_episodes([free, watched], 2)
    assert watched.log[-2, column] <= 0.25
    assert 0.25 < watched.log[-1, column] < 0.2515
    assert not watched.diverged
    assert watched.log.tobytes() == free.log[: len(watched.log)].tobytes()


def test_a_log_is_read_only_and_outlives_its_episode(scene: CupScene) -> None:
    episode = scene.episode(CupTrial.draw(0))
    assert len(episode.log) == 0
    _core.run_episodes([episode])
    log, width = episode.log, sum(width for _, width in episode.channels.values())
    assert log.shape[1] == width
    with pytest.raises(ValueError, match="read-only"):
        log[0, 0] = 1.0
    first = log[:, 0].copy()
    del episode
    np.testing.assert_array_equal(log[:, 0], first)
    np.testing.assert_allclose(np.diff(first), cup.PERIOD, rtol=1e-9)


# -- tracks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "name", "component", "time", "value", "message"),
    [
        ("CONTROL", 0, 0, [0.0, 1.0], [0.0], "as many times as values"),
        ("CONTROL", 0, 0, [], [], "at least one"),
        ("CONTROL", 0, 0, [1.0, 0.0], [0.0, 0.0], "must not decrease"),
        ("CONTROL", 0, 0, [math.nan], [0.0], "must be finite"),
        ("CONTROL", 0, 0, [0.0], [math.inf], "must be finite"),
        (
            "CONTROL",
            999,
            0,
            [0.0],
            [0.0],
            "actuator, equality constraint or axis that the model lacks",
        ),
        ("BODY_FORCE", "cup", 6, [0.0], [0.0], "constraint or axis that the model lacks"),
        ("BODY_FORCE", -1, 0, [0.0], [0.0], "names a body, actuator"),
        ("EQUALITY", 0, 0, [0.0], [1.0], "equality constraint or axis that the model lacks"),
        ("MOCAP_POSITION", "cup", 0, [0.0], [0.0], "names a body that is not mocap"),
        ("BODY_MASS", 0, 0, [0.0], [0.0], "needs a body that has mass"),
    ],
)
def test_bad_track(target, name, component, time, value, message, scene: CupScene) -> None:
    episode = scene.episode(CupTrial.draw(0))
    body = scene.model.body(name).id if isinstance(name, str) else name
    with pytest.raises(ValueError, match=message):
        episode.add_track(getattr(TrackTarget, target), body, component, time, value)


# -- bad episodes --------------------------------------------------------------------------------


def build(scene: CupScene, **change: object) -> _core.Episode:
    arguments = {
        "model": scene.model,
        "ids": scene.bound.plant_ids(),
        "sensors": _core.SensorModel(),
        "hand": scene.bound.hand_model,
        "config": scene.hand.controller_config(),
        "logged_sensors": [],
        "ticks": 10,
    }
    return _core.Episode(**(arguments | change))  # type: ignore[arg-type]


def test_an_episode_that_does_not_fit(scene: CupScene, load_hand: Callable[[str], Hand]) -> None:
    other = load_hand("hand22_right")
    other_model = other.bind(other.model).hand_model
    with pytest.raises(ValueError, match="needs at least one tick"):
        build(scene, ticks=0)
    with pytest.raises(ValueError, match="the model has no sensor 999"):
        build(scene, logged_sensors=[999])
    with pytest.raises(ValueError, match="stiffness has 22 entries; this hand needs 27"):
        build(scene, config=other.controller_config())
    with pytest.raises(
        ValueError, match="the plant has 27 joints and 5 fingers, the controller 22 joints"
    ):
        build(scene, hand=other_model, config=other.controller_config())
    with pytest.raises(ValueError, match=r"0\.0015\d* s is not a whole number"):
        build(scene, config=scene.hand.controller_config(0.0015))
    with pytest.raises(TypeError, match=r"expected a mujoco\.MjModel"):
        build(scene, model="a model")
    episode = build(scene)
    with pytest.raises(ValueError, match="initial qpos has 3 entries, the model 35"):
        episode.set_initial_qpos([0.0] * 3)
    with pytest.raises(ValueError, match="the log has no column 9999"):
        episode.stop_outside(9999, 0.0, 1.0)


# -- without the GIL -----------------------------------------------------------------------------


def test_python_goes_on_while_a_batch_runs(scene: CupScene) -> None:
    batch = episodes(scene)
    count, done = 0, threading.Event()

    def work() -> None:
        nonlocal count
        while not done.is_set():
            count += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        before = count
        _core.run_episodes(batch, 1)  # would be one step of the interpreter if it kept the GIL
        during = count - before
    finally:
        done.set()
        worker.join()
    assert during > 10_000
